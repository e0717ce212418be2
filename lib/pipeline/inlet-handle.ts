import { GraphError } from '../error/graph-error.ts';
import { StoppedError } from '../error/stopped-error.ts';
import { collectProblems } from '../graph/report.ts';
import { reportUnknownKeys } from '../graph/unknown-keys.ts';
import { Delivery } from '../processor/mailbox.ts';
import type { Processor } from '../processor/processor.ts';
import { captureScope } from '../support/async-context.ts';
import { scheduler } from '../support/scheduler.ts';
import { Call } from './call.ts';
import type { PipelineRun } from './run.ts';

/** What one `call` may be given. */
export interface CallOptions {
  /** Aborts this call, and the functions that work for it alone; its neighbours go on. */
  readonly signal?: AbortSignal;
}

const NO_OPTIONS: CallOptions = Object.freeze({});

/** One inlet of a running pipeline, where values are handed in. */
export class InletHandle<T = unknown, Sinks = Record<string, unknown>> {
  readonly #node: Processor;
  readonly #run: PipelineRun;

  constructor(node: Processor, run: PipelineRun) {
    this.#node = node;
    this.#run = run;
  }

  /**
   * Hands in one value; resolves when every successor's queue has accepted it, which is the backpressure. `null` and
   * `undefined` are skipped.
   *
   * Rejects with a StoppedError if the inlet takes no more, and with a ValidationError if the value does not fit its `input`.
   */
  push(value: T): Promise<void> {
    this.#run.enter();
    const delivery = new Delivery(value, captureScope());
    this.#node.mailbox?.put(delivery);
    scheduler.wake(this.#node);
    return delivery.promise;
  }

  /**
   * Hands in one value and resolves with what every sink returned for it, once all that descends from it is accounted
   * for, be it processed, skipped or dropped. These outputs go to nobody else.
   *
   * Rejects with a ProcessorError if a function failed on it (under `onError: 'fail'`), with a StoppedError if it was
   * aborted or the inlet takes no more, with a ValidationError if the value does not fit the inlet's `input`, and with a
   * GraphError if the inlet leads to a batch without `scatter`.
   */
  call(value: T, options: CallOptions = NO_OPTIONS): Promise<{ [Sink in keyof Sinks]: Sinks[Sink][] }> {
    const { wayIntoBatch } = this.#node.plan;
    if (wayIntoBatch !== undefined) return Promise.reject(callThroughBatch(this.#node.name, wayIntoBatch));
    const fault = options === NO_OPTIONS ? undefined : faultIn(options);
    if (fault !== undefined) return Promise.reject(fault);
    this.#run.enter();
    const call = new Call(value, this.#run);
    this.#run.addCall(call, this.#node.name);
    if (options.signal !== undefined) call.listenTo(options.signal, () => this.#node.mailbox?.lost());
    if (!call.isSettled) {
      this.#node.mailbox?.put(call);
      scheduler.wake(this.#node);
    }
    return call.promise as Promise<{ [Sink in keyof Sinks]: Sinks[Sink][] }>;
  }

  /** Takes no more values; the pipeline is done when all that were handed in are worked off. */
  close(): void {
    this.#run.enter();
    this.#node.stop(() => new StoppedError('STOPPED', `inlet ${this.#node.name} is closed`));
  }
}

function faultIn(options: CallOptions): GraphError | undefined {
  const { problems, report } = collectProblems();
  reportUnknownKeys(options, ['signal'], (key) => `call.${key}`, report);
  return problems.length === 0 ? undefined : new GraphError(problems);
}

function callThroughBatch(inlet: string, way: readonly string[]): GraphError {
  const message =
    `makes one answer for several inputs, so no call of inlet ${inlet} can pass (${way.join(' -> ')}): ` +
    'set scatter: true here, for an answer to each input, or push the value.';
  return new GraphError([{ code: 'call-through-batch', path: `nodes.${way.at(-1)}.batch`, message }]);
}
