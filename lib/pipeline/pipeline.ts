import { GraphError, type Problem } from '../error/graph-error.ts';
import type { Message } from '../graph/context.ts';
import { quoted, suggestion } from '../graph/names.ts';
import { collectProblems } from '../graph/report.ts';
import type { OnlyInlet } from '../graph/wiring.ts';
import type { LiveMessage } from '../queue/message.ts';
import { EVENT_NAMES, type PipelineEvents } from './events.ts';
import { type CallOptions, InletHandle } from './inlet-handle.ts';
import { checkDuration } from './options.ts';
import { Reader } from './reader.ts';
import type { PipelineRun } from './run.ts';
import type { Summary } from './summary.ts';

/** How a pipeline is stopped. */
export interface StopOptions {
  /** How long it may take to drain, in ms, before it is aborted. @default no limit */
  readonly within?: number;
}

/** A running graph. Made by `createPipeline`; it runs from the next microtask on. */
export class Pipeline<Inlets = Record<string, unknown>, Sinks = Record<string, unknown>>
  implements AsyncIterable<Sinks[keyof Sinks], undefined>, AsyncDisposable
{
  readonly #run: PipelineRun;

  /** @internal */
  constructor(run: PipelineRun) {
    this.#run = run;
  }

  /** {@link InletHandle.push} of the only inlet. */
  push(value: OnlyInlet<Inlets>): Promise<void> {
    return this.#onlyInlet('push').push(value);
  }

  /** {@link InletHandle.call} of the only inlet. */
  call(value: OnlyInlet<Inlets>, options?: CallOptions): Promise<{ [Sink in keyof Sinks]: Sinks[Sink][] }> {
    return this.#onlyInlet('call').call(value, options) as Promise<{ [Sink in keyof Sinks]: Sinks[Sink][] }>;
  }

  /** Closes every inlet: `done` settles when all that was handed in is worked off. */
  close(): void {
    for (const { name } of this.#run.plan.inlets) this.#handle(name).close();
  }

  /**
   * One of several inlets.
   *
   * @throws GraphError if there is no inlet of that name.
   */
  inlet<Name extends keyof Inlets & string>(name: Name): InletHandle<Inlets[Name], Sinks> {
    const names = this.#run.plan.inlets.map((inlet) => inlet.name);
    if (!names.includes(name)) {
      throw misuse('unknown-inlet', 'inlet', `there is no inlet ${quoted(name)}.${suggestion(name, names)}`);
    }
    return this.#handle(name) as InletHandle<Inlets[Name], Sinks>;
  }

  /**
   * What one sink returns, from now on, but for what belongs to a call. Leaving the loop detaches. Its queue holds the
   * sink's `queueSize`; a reader that does not read holds the sink back.
   *
   * @throws GraphError if there is no sink of that name.
   */
  outputs<Name extends keyof Sinks & string>(sink: Name): AsyncIterableIterator<Sinks[Name], undefined> {
    return this.#read([sink], ({ payload }) => payload as Sinks[Name]);
  }

  /**
   * The same as messages, with where they come from; of all sinks, if none is named.
   *
   * @throws GraphError if there is no sink of that name.
   */
  messages<Name extends keyof Sinks & string = keyof Sinks & string>(
    sink?: Name,
  ): AsyncIterableIterator<Message<Sinks[Name]>, undefined> {
    const sinks = sink === undefined ? this.#run.plan.sinkNames : [sink];
    return this.#read(sinks, (message) => message as LiveMessage<Sinks[Name]>);
  }

  /** What all sinks return, in the order in which it was sent. Leaving the loop stops the pipeline. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Sinks[keyof Sinks], undefined> {
    return this.#read(
      this.#run.plan.sinkNames,
      ({ payload }) => payload as Sinks[keyof Sinks],
      () => this.stop(),
    );
  }

  /**
   * Resolves with the counters when every source has ended and every message is accounted for. Rejects with the
   * ProcessorError that no `onError` absorbed and that belonged to no call, or with a StoppedError if it was aborted.
   */
  get done(): Promise<Summary> {
    return this.#run.ending.done;
  }

  /**
   * Has sources and inlets take no more and works off what is there; aborts if that takes longer than `within`. It waits
   * for readers that are attached: one that does not read holds its sink back. Resolves with the counters, in which
   * `left` says what an abort found unfinished. Rejects only with a failure that nobody else has been told of.
   */
  stop({ within }: StopOptions = {}): Promise<Summary> {
    const { report, throwAny } = collectProblems();
    checkDuration(within, 'stop.within', report);
    throwAny();
    return this.#run.stop(within);
  }

  /** Ends it at once: callers and readers reject with a StoppedError, signals are aborted, `teardown`s run. */
  abort(reason?: unknown): void {
    this.#run.abort(reason);
  }

  /**
   * Calls `listener` at each such event; returns what takes it off again. Nothing is spent on events nobody hears.
   *
   * @throws GraphError if there is no event of that name.
   */
  on<Name extends keyof PipelineEvents>(
    name: Name,
    listener: (event: PipelineEvents[Name]) => void,
  ): () => void {
    if (!EVENT_NAMES.includes(name)) {
      throw misuse(
        'unknown-event',
        'on',
        `there is no event ${quoted(name)}.${suggestion(name, EVENT_NAMES)}`,
      );
    }
    return this.#run.watch.on(name, listener);
  }

  /** The counters as they stand. */
  metrics(): Summary {
    return this.#run.summary();
  }

  /** `await using`: stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #onlyInlet(what: string): InletHandle {
    const [only, ...others] = this.#run.plan.inlets;
    if (only === undefined) throw misuse('unknown-inlet', what, 'there is no inlet to hand a value to');
    if (others.length === 0) return this.#handle(only.name);
    const names = this.#run.plan.inlets.map(({ name }) => quoted(name)).join(', ');
    throw misuse(
      'unknown-inlet',
      what,
      `there are several inlets: use inlet(name).${what}() with one of ${names}`,
    );
  }

  #handle(name: string): InletHandle {
    return new InletHandle(this.#run.processor(name), this.#run);
  }

  #read<T>(
    sinks: readonly string[],
    view: (message: LiveMessage) => T,
    onReturn?: () => Promise<unknown>,
  ): AsyncIterableIterator<T, undefined> {
    const names = this.#run.plan.sinkNames;
    for (const sink of sinks) {
      if (names.includes(sink)) continue;
      throw misuse('unknown-sink', 'outputs', `there is no sink ${quoted(sink)}.${suggestion(sink, names)}`);
    }
    const reader: Reader<T> = new Reader(`reader of ${sinks.join(', ')}`, view, async () => {
      this.#run.detach(reader);
      await onReturn?.();
    });
    this.#run.read(reader, sinks);
    return reader;
  }
}

function misuse(code: Problem['code'], path: string, message: string): GraphError {
  return new GraphError([{ code, path, message }]);
}
