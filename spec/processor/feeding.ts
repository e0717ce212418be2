import type { FanIn as FanInKind } from '../../lib/graph/plan.ts';
import { createFanIn, type FanIn, type RowHost } from '../../lib/processor/fan-in.ts';
import { BoundedQueue, type Consumer, type Producer } from '../../lib/queue/bounded-queue.ts';
import { Hole, LiveMessage } from '../../lib/queue/message.ts';
import { Origin } from '../../lib/queue/origin.ts';
import { message, run } from '../queue/messages.ts';

/** What one branch sends, row by row: a number or nothing. */
export type Script = readonly (number | undefined)[];

const gauge = { isWatched: false, isTimed: false, took: () => {}, report: () => {} };

/** One branch that is fed by hand, one row at a time; it waits where its queue is full. */
class Branch implements Producer {
  readonly name: string;
  readonly queue: BoundedQueue;
  readonly #rows: (number | undefined)[];
  #state: 'free' | 'waiting' | 'over' = 'free';

  constructor(name: string, script: Script, consumer: Consumer, capacity: number) {
    this.name = name;
    this.#rows = [...script];
    this.queue = new BoundedQueue(this, consumer, capacity, true, gauge);
  }

  /** Sends the next row, or ends; `false` if it cannot, or is over. */
  feed(): boolean {
    if (this.#state !== 'free') return false;
    if (this.#rows.length === 0) {
      this.#state = 'over';
      this.queue.end();
      return true;
    }
    const row = this.#rows.shift();
    if (row === undefined) this.queue.holes(1);
    else {
      this.#state = 'waiting';
      if (this.queue.put(message(row, undefined, this.name))) this.admitted();
    }
    return true;
  }

  admitted(): void {
    if (this.#state === 'waiting') this.#state = 'free';
  }

  overflowed(): void {
    throw new Error('its queues block');
  }

  closed(): void {
    this.#state = 'over';
  }
}

/** What a node would take from some branches through a fan-in, which it asks only when the fan-in says so. */
export class Taker implements Consumer, RowHost {
  readonly name = 'taker';
  readonly branches: readonly Branch[];
  readonly fanIn: FanIn;
  /** Payloads taken, in order. */
  readonly taken: unknown[] = [];
  /** Rows that were holes. */
  holes = 0;
  /** Rows that were not complete, and the payloads they had. */
  lostRows = 0;
  readonly lostPayloads: unknown[] = [];

  constructor(kind: FanInKind, scripts: readonly Script[], capacity: number) {
    this.branches = scripts.map((script, i) => new Branch('abcd'[i] as string, script, this, capacity));
    const queues = this.branches.map(({ queue }) => queue);
    this.fanIn = createFanIn({ fanIn: kind, keys: this.branches.map(({ name }) => name) }, queues, this);
  }

  /** Feeds branches in this order, and then all of them in turn until nothing moves any more. */
  feed(order: readonly number[]): void {
    for (const place of order) this.branches[place % this.branches.length]?.feed();
    while (this.branches.filter((branch) => branch.feed()).length > 0);
  }

  readonly isReady = false;

  give(): void {
    throw new Error('it is never ready');
  }

  filled(queue: BoundedQueue): void {
    if (!this.fanIn.filled(queue)) return;
    for (let item = this.fanIn.take(); item !== undefined; item = this.fanIn.take()) {
      if (item instanceof Hole) this.holes += item.rows;
      else this.taken.push(item.payload);
    }
    if (this.fanIn.isOver) for (const branch of this.branches) branch.queue.close('unpaired');
  }

  row(payload: Readonly<Record<string, unknown>>, messages: readonly LiveMessage[]): LiveMessage {
    const numbers = messages.map(({ number }) => number);
    return new LiveMessage(payload, new Origin(numbers, undefined), 0, numbers, { name: this.name, run }, 0);
  }

  lost(rows: number, messages: readonly LiveMessage[]): void {
    this.lostRows += rows;
    this.lostPayloads.push(...messages.map(({ payload }) => payload));
  }
}
