import { BoundedQueue, type Consumer, type Gauge, type Producer } from '../queue/bounded-queue.ts';
import { isHole, type LiveMessage } from '../queue/message.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { Ring } from '../support/ring.ts';
import { scheduler } from '../support/scheduler.ts';

/** What can be read: what a sink returns, or the dead letters of a node. */
export interface Readable extends Producer {
  readonly queueSize: number;
  /** It sends nothing more. */
  readonly hasEnded: boolean;
  /** What readers have left behind. */
  unread: number;
  attach(queues: readonly BoundedQueue[]): void;
}

/**
 * Somebody who reads what sinks return. It has a queue at each sink it reads, so a slow reader holds the sink back. Values
 * of several sinks come in the order in which they were sent.
 *
 * ```text
 *   reading --(all queues over)--> over       next() answers done
 *      |-----fail(error)---------> failed     next() rejects once, then answers done
 *      +-----return()------------> over       detached: what was queued is let go
 * ```
 */
export class Reader<T> implements Consumer, AsyncIterableIterator<T, undefined> {
  readonly name: string;
  readonly #view: (message: LiveMessage) => T;
  readonly #onReturn: () => Promise<unknown>;
  readonly #waiters = new Ring<Deferred<IteratorResult<T, undefined>>>();
  #sinks: readonly Readable[] = [];
  #queues: readonly BoundedQueue[] = [];
  #state: 'reading' | 'over' | { readonly failedWith: unknown } = 'reading';

  #isBegun = false;

  /** @param onReturn what leaving the loop does beside detaching */
  constructor(name: string, view: (message: LiveMessage) => T, onReturn: () => Promise<unknown>) {
    this.name = name;
    this.#view = view;
    this.#onReturn = onReturn;
  }

  /** Whether somebody has begun to read and has not come to an end, and so will hear of a failure. */
  get isFollowed(): boolean {
    return this.#isBegun && this.#state === 'reading';
  }

  /** Those it reads from. */
  get queues(): readonly BoundedQueue[] {
    return this.#queues;
  }

  /** Reads what these nodes send from now on; those that have ended send nothing more. */
  attachTo(sinks: readonly Readable[], gauge: Gauge): void {
    this.#sinks = sinks;
    this.#queues = sinks.map((sink) => new BoundedQueue(sink, this, sink.queueSize, false, gauge));
    for (const [place, sink] of sinks.entries()) {
      const queue = this.#queues[place] as BoundedQueue;
      if (sink.hasEnded) queue.end();
      else sink.attach([queue]);
    }
  }

  /** Whoever waits has found all queues empty. */
  get isReady(): boolean {
    return this.#waiters.size > 0;
  }

  give(message: LiveMessage): void {
    this.#waiters.shift()?.resolve({ done: false, value: this.#view(message) });
  }

  filled(): void {
    for (let waiter = this.#waiters.first(); waiter !== undefined; waiter = this.#waiters.first()) {
      const result = this.#take();
      if (result === undefined) return;
      this.#waiters.shift();
      waiter.resolve(result);
    }
  }

  /** Every reading loop learns of a failure; only the first `next()` after it rejects, as with a generator. */
  fail(error: unknown): void {
    if (this.#state !== 'reading') return;
    this.#state = { failedWith: error };
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      this.#state = 'over';
      waiter.reject(error);
    }
    this.#endWaiters();
    this.#letGo();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    this.#isBegun = true;
    if (typeof this.#state === 'object') {
      const { failedWith } = this.#state;
      this.#state = 'over';
      return Promise.reject(failedWith);
    }
    scheduler.enter();
    const result = this.#take();
    if (result !== undefined) return Promise.resolve(result);
    const waiter = deferred<IteratorResult<T, undefined>>();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    scheduler.enter();
    const wasReading = this.#state === 'reading';
    this.#state = 'over';
    this.#endWaiters();
    // What leaving does comes first: a source that is to stop must not be pulled on because its queues are free.
    const left = wasReading ? this.#onReturn() : undefined;
    this.#letGo();
    await left;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #letGo(): void {
    for (const [place, queue] of this.#queues.entries()) {
      // Counted first: closing may be what the pipeline has waited for to end.
      (this.#sinks[place] as Readable).unread += queue.held;
      queue.close('discarded');
    }
    this.#queues = [];
  }

  #endWaiters(): void {
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      waiter.resolve({ done: true, value: undefined });
    }
  }

  /** The next value or the end; `undefined` if there is neither yet. */
  #take(): IteratorResult<T, undefined> | undefined {
    if (this.#state !== 'reading') return { done: true, value: undefined };
    const queue = this.#earliest();
    const item = queue?.take();
    if (item !== undefined && !isHole(item)) return { done: false, value: this.#view(item) };
    if (!this.#queues.every(({ isOver }) => isOver)) return undefined;
    this.#state = 'over';
    return { done: true, value: undefined };
  }

  #earliest(): BoundedQueue | undefined {
    let earliest: BoundedQueue | undefined;
    let lowest = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) {
      const number = queue.nextNumber;
      if (number < lowest) [earliest, lowest] = [queue, number];
    }
    return earliest;
  }
}
