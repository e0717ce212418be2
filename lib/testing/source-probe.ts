import type { SourceContext } from '../graph/context.ts';
import { onAbort } from '../support/abort.ts';
import { type Deferred, deferred, markHandled } from '../support/deferred.ts';
import { atRest } from './rest.ts';
import { show } from './show.ts';

interface Sending<T> {
  readonly value: T;
  readonly accepted: Deferred<void>;
}

/** A source that sends what the test tells it to. Stands in a definition as a node. */
export class SourceProbe<T> {
  readonly #sendings: Sending<T>[] = [];
  #unaccepted = 0;
  #end: { readonly error?: unknown } | undefined;
  #isRunning = false;
  #tell: () => void = () => {};

  /** Sends one value; resolves when every successor's queue has accepted it. Rejects if nobody takes any more. */
  send(value: T): Promise<void> {
    if (this.#end !== undefined) throw new Error('the probe has ended: it sends nothing more');
    const accepted = deferred<void>();
    this.#unaccepted++;
    this.#sendings.push({ value, accepted });
    this.#tell();
    const settled = accepted.promise.finally(() => {
      this.#unaccepted--;
    });
    // A test that ends with an abort need not look at what was refused for it.
    markHandled(settled);
    return settled;
  }

  /** Values that were sent and are not accepted: they wait for room. */
  get waiting(): number {
    return this.#unaccepted;
  }

  /** Comes to rest, then throws unless the last value sent is held back by full queues. */
  async expectBlocked(): Promise<void> {
    await atRest();
    if (this.#unaccepted === 0) throw new Error('expected a full queue, but everything sent was accepted');
  }

  /** Comes to rest, then throws if a value waits for room. */
  async expectAccepted(): Promise<void> {
    await atRest();
    if (this.#unaccepted > 0)
      throw new Error(`expected room, but ${this.#unaccepted} of the values sent wait for it`);
  }

  /** Ends, once everything sent is accepted. */
  end(): void {
    this.#end ??= {};
    this.#tell();
  }

  /** Fails, once everything sent is accepted. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#tell();
  }

  /** What the engine calls. One pipeline at a time. */
  async run(context: SourceContext<T>): Promise<void> {
    if (this.#isRunning) throw new Error('a probe serves one pipeline at a time: make one for each');
    this.#isRunning = true;
    const stopListening = onAbort(context.signal, () => this.#tell());
    try {
      while (!context.signal.aborted) {
        const sending = this.#sendings.shift();
        if (sending !== undefined) await emit(context, sending);
        else if (this.#end !== undefined) break;
        else await this.#told();
      }
    } finally {
      stopListening();
      this.#isRunning = false;
      for (const { accepted, value } of this.#sendings.splice(0)) {
        accepted.reject(new Error(`${show(value)} was not sent: the pipeline was stopped`));
      }
    }
    if (!context.signal.aborted && this.#end !== undefined && 'error' in this.#end) throw this.#end.error;
  }

  #told(): Promise<void> {
    return new Promise((resolve) => {
      this.#tell = resolve;
    });
  }
}

async function emit<T>(context: SourceContext<T>, { value, accepted }: Sending<T>): Promise<void> {
  try {
    await context.emit(value);
    accepted.resolve();
  } catch (error) {
    accepted.reject(error);
    throw error;
  }
}

/**
 * A source driven by hand.
 *
 * @example
 * import { createPipeline } from 'sluice';
 * import { sinkProbe, sourceProbe } from 'sluice/testing';
 *
 * const numbers = sourceProbe<number>();
 * const out = sinkProbe<number>();
 * const pipeline = createPipeline({
 *   nodes: { numbers, even: (n: number) => (n % 2 === 0 ? n : null), out },
 *   graph: { numbers: ['even'], even: ['out'] },
 * });
 * await numbers.send(1);
 * await out.expectNothing();
 * await numbers.send(2);
 * await out.expect(2);
 * numbers.end();
 * await out.expectEnd();
 * await pipeline.done;
 */
export function sourceProbe<T>(): SourceProbe<T> {
  return new SourceProbe();
}
