import { GraphError, type Problem } from '../error/graph-error.ts';
import type { Message } from '../graph/context.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { OnlyInlet } from '../graph/ends.ts';
import { quoted, suggestion } from '../graph/names.ts';
import type { LiveMessage } from '../queue/message.ts';
import { EVENT_NAMES, type PipelineEvents } from './events.ts';
import { type Explanation, explain } from './explain.ts';
import { type CallOptions, InletHandle } from './inlet-handle.ts';
import { checkStop } from './options.ts';
import { type Readable, Reader } from './reader.ts';
import type { PipelineRun } from './run.ts';
import type { Summary } from './summary.ts';
import type { Trace } from './trace.ts';

/** How a pipeline is stopped. */
export interface StopOptions {
  /** How long it may take to drain, in ms, before it is aborted. @default no limit */
  readonly within?: number;
  /**
   * Whether the summary tells what an abort has left, message by message, as `leftMessages`: the one at the end of
   * `within`, an `abort()`, or a failure. Their payloads live as long as the summary.
   * @default false
   */
  readonly report?: boolean;
}

let open: (pipeline: Pipeline) => PipelineRun;

/** Opens a pipeline, for the doors. Not public. */
export function runOf(pipeline: Pipeline): PipelineRun {
  return open(pipeline);
}

/** A running graph. Made by `createPipeline`; it runs from the next microtask on. */
export class Pipeline<Inlets = Record<string, unknown>, Sinks = Record<string, unknown>>
  implements AsyncIterable<Sinks[keyof Sinks], undefined>, AsyncDisposable
{
  readonly #run: PipelineRun;

  static {
    open = (pipeline) => pipeline.#run;
  }

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
    return this.#readSinks([sink], ({ payload }) => payload as Sinks[Name]);
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
    return this.#readSinks(sinks, (message) => message as LiveMessage<Sinks[Name]>);
  }

  /** What all sinks return, in the order in which it was sent. Leaving the loop stops the pipeline. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Sinks[keyof Sinks], undefined> {
    return this.#readSinks(
      this.#run.plan.sinkNames,
      ({ payload }) => payload as Sinks[keyof Sinks],
      () => this.stop(),
    );
  }

  /**
   * The messages that `onError: 'dead-letter'` took out, from now on, those of calls included. A slow reader holds back
   * the nodes they come from; one that has not begun to read does not: it misses what its queue (the node's `queueSize`
   * for each) cannot hold, which is counted as `unreadDeadLetters`. Leaving the loop detaches.
   */
  deadLetters(): AsyncIterableIterator<DeadLetter, undefined> {
    const outlets = this.#run.processors.flatMap(({ deadLetters }) => deadLetters ?? []);
    return this.#read('reader of dead letters', outlets, ({ payload }) => payload as DeadLetter);
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
   * `left` says how much an abort found unfinished, and `leftMessages` says what, if `report` asks for it. Rejects only
   * with a failure that nobody else has been told of.
   *
   * @example
   * import { createPipeline, inlet } from 'sluice';
   *
   * const pipeline = createPipeline({
   *   nodes: { job: inlet<string>(), work: (job: string) => `${job} done` },
   *   graph: { job: ['work'] },
   * });
   * await pipeline.push('a job');
   * const { left, leftMessages = [] } = await pipeline.stop({ within: 5000, report: true });
   * console.log(left, leftMessages.map(({ payload, state, node }) => `${payload} ${state} at ${node}`));
   * // prints: 0 []
   *
   * @throws GraphError if an option has no possible value.
   */
  stop(options?: StopOptions): Promise<Summary> {
    if (options !== undefined) checkStop(options);
    return this.#run.stop(options?.within, options?.report === true);
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

  /**
   * What became of an input: the tree of its messages, with the time that each waited and that functions took. By the id
   * of the input's message, or of any that descends from it; `undefined` if it is not (or no longer) among those noted.
   *
   * @throws GraphError unless the pipeline was created with `trace: true`.
   */
  trace(id: string): Trace | undefined {
    const { tracer } = this.#run;
    if (tracer === undefined)
      throw misuse('no-tracing', 'trace', 'nothing is noted: create the pipeline with trace: true');
    return tracer.trace(id);
  }

  /** The counters as they stand. */
  metrics(): Summary {
    return this.#run.summary();
  }

  /** What every node is doing now, who waits for whom, and where it is held up. Costs nothing before it is asked for. */
  explain(): Explanation {
    return explain(this.#run.processors);
  }

  /** `await using`: stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #onlyInlet(what: string): InletHandle {
    const { inlets } = this.#run.plan;
    const only = inlets[0];
    if (only === undefined) throw misuse('unknown-inlet', what, 'there is no inlet to hand a value to');
    if (inlets.length === 1) return this.#handle(only.name);
    const names = inlets.map(({ name }) => quoted(name)).join(', ');
    throw misuse(
      'unknown-inlet',
      what,
      `there are several inlets: use inlet(name).${what}() with one of ${names}`,
    );
  }

  #handle(name: string): InletHandle {
    return new InletHandle(this.#run.processor(name), this.#run);
  }

  #readSinks<T>(
    sinks: readonly string[],
    view: (message: LiveMessage) => T,
    onReturn?: () => Promise<unknown>,
  ): AsyncIterableIterator<T, undefined> {
    const names = this.#run.plan.sinkNames;
    for (const sink of sinks) {
      if (names.includes(sink)) continue;
      throw misuse('unknown-sink', 'outputs', `there is no sink ${quoted(sink)}.${suggestion(sink, names)}`);
    }
    const nodes = sinks.map((sink) => this.#run.processor(sink));
    return this.#read(`reader of ${sinks.join(', ')}`, nodes, view, onReturn);
  }

  #read<T>(
    name: string,
    from: readonly Readable[],
    view: (message: LiveMessage) => T,
    onReturn?: () => Promise<unknown>,
  ): AsyncIterableIterator<T, undefined> {
    const reader: Reader<T> = new Reader(name, view, async () => {
      this.#run.detach(reader);
      await onReturn?.();
    });
    this.#run.read(reader, from);
    return reader;
  }
}

function misuse(code: Problem['code'], path: string, message: string): GraphError {
  return new GraphError([{ code, path, message }]);
}
