import type { Context, LifeContext } from '../graph/context.ts';
import { onAbort } from '../support/abort.ts';
import { atRest } from './rest.ts';
import { same } from './same.ts';
import { show } from './show.ts';

/** What a sink probe may be given: the node's own options. */
export interface SinkProbeOptions {
  /** Messages in each of its input queues. @default 16 */
  readonly queueSize?: number;
  /** Values it holds in its hands at once. @default 1 */
  readonly concurrency?: number;
}

interface Held<T> {
  readonly value: T;
  /** Has the call return. */
  letGo(): void;
}

/**
 * A sink that takes what the test tells it to. Stands in a definition as a node. It holds each value in its hands until the
 * test asks for it, so its queue fills up and whoever sends has to wait.
 */
export class SinkProbe<T> {
  /** An option of the node. */
  declare readonly queueSize?: number;
  /** An option of the node. */
  declare readonly concurrency?: number;
  readonly #held: Held<T>[] = [];
  #hasEnded = false;
  readonly #waiting: (() => void)[] = [];

  constructor({ queueSize, concurrency }: SinkProbeOptions = {}) {
    if (queueSize !== undefined) this.queueSize = queueSize;
    if (concurrency !== undefined) this.concurrency = concurrency;
  }

  /** The next value, once it comes. Rejects if the pipeline ends before. */
  async next(): Promise<T> {
    while (this.#held.length === 0) {
      if (this.#hasEnded) throw new Error('expected a value, but the pipeline has ended');
      await this.#told();
    }
    const { value, letGo } = this.#held.shift() as Held<T>;
    letGo();
    return value;
  }

  /** Takes the next values and rejects unless they equal these, in this order. */
  async expect(...values: readonly T[]): Promise<void> {
    for (const value of values) {
      const next = await this.next();
      if (!same(next, value)) throw new Error(`expected ${show(value)}, but ${show(next)} came`);
    }
  }

  /** Comes to rest, then rejects if a value has come. */
  async expectNothing(): Promise<void> {
    await atRest();
    const [first] = this.#held;
    if (first !== undefined) throw new Error(`expected nothing yet, but ${show(first.value)} came`);
  }

  /** Waits for the pipeline's end, and rejects if a value comes instead. */
  async expectEnd(): Promise<void> {
    while (!this.#hasEnded && this.#held.length === 0) await this.#told();
    const [first] = this.#held;
    if (first !== undefined) throw new Error(`expected the end, but ${show(first.value)} came`);
  }

  /** What the engine calls. */
  run(value: T, context: Context): Promise<void> {
    if (context.signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const stopListening = onAbort(context.signal, () => {
        // Nobody is to be asked for it any more.
        this.#held.splice(this.#held.indexOf(held), 1);
        held.letGo();
      });
      const held: Held<T> = {
        value,
        letGo: () => {
          stopListening();
          resolve();
        },
      };
      this.#held.push(held);
      this.#tell();
    });
  }

  /** What the engine calls first. */
  setup(_context: LifeContext): void {
    this.#hasEnded = false;
    this.#held.length = 0;
  }

  /** What the engine calls last. */
  teardown(_context: LifeContext): void {
    this.#hasEnded = true;
    this.#tell();
  }

  #told(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #tell(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/**
 * A sink driven by hand.
 *
 * @example
 * import { createPipeline, inlet } from 'sluice';
 * import { sinkProbe } from 'sluice/testing';
 *
 * const out = sinkProbe<string>({ queueSize: 1 });
 * const pipeline = createPipeline({ nodes: { word: inlet<string>(), out }, graph: { word: ['out'] } });
 * void pipeline.push('in its hands');
 * void pipeline.push('in its queue');
 * void pipeline.push('at the door'); // waits
 * console.log(await out.next()); // prints: in its hands
 * await out.expect('in its queue', 'at the door');
 * await out.expectNothing();
 * await pipeline.stop();
 * await out.expectEnd();
 */
export function sinkProbe<T>(options: SinkProbeOptions = {}): SinkProbe<T> {
  return new SinkProbe(options);
}
