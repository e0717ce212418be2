import type { NodePlan } from '../graph/plan.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import { Hole, type LiveMessage } from '../queue/message.ts';
import { Ring } from '../support/ring.ts';
import type { Round } from './loop.ts';

/** How a node takes from its input queues. */
export interface FanIn {
  /** The next message, a run of rows without one, or `undefined` if nothing can be taken now. */
  take(): LiveMessage | Hole | undefined;
  /** A queue that was empty has an item, or has ended: whether the node has something to do for it. */
  filled(queue: BoundedQueue): boolean;
  /** Nothing will be taken any more. */
  readonly isOver: boolean;
  /** What comes back to the node and is too much for it to take from outside. */
  readonly fullRound?: Round | undefined;
}

/** What a join needs of its node. */
export interface RowHost {
  /** The message that stands for a row. */
  row(payload: Readonly<Record<string, unknown>>, messages: readonly LiveMessage[]): LiveMessage;
  /** Rows that cannot be complete, since branches have holes, and the messages that their other branches had. */
  lost(rows: number, messages: readonly LiveMessage[]): void;
}

export function createFanIn(
  { fanIn, keys }: Pick<NodePlan, 'fanIn' | 'keys'>,
  queues: readonly BoundedQueue[],
  host: RowHost,
): FanIn {
  if (fanIn === 'merge') return new Merge(queues);
  if (fanIn !== 'single') return new Join(queues, keys, fanIn === 'partial-join', host);
  const [only] = queues;
  return only === undefined ? NOTHING : new Single(only);
}

/** What a source takes. */
export const NOTHING: FanIn = { take: () => undefined, filled: () => false, isOver: true };

/** One input. */
class Single implements FanIn {
  private readonly queue: BoundedQueue;

  constructor(queue: BoundedQueue) {
    this.queue = queue;
  }

  get isOver(): boolean {
    return this.queue.isOver;
  }

  filled(): boolean {
    return true;
  }

  take(): LiveMessage | Hole | undefined {
    return this.queue.take();
  }
}

/**
 * One value at a time, from whichever queue has one.
 *
 * Emits when any queue has a message; queues take turns, so that none is passed over. Backpressures each input alone.
 * Completes when all inputs have. Fails never. Cancels all inputs when its node is cut off.
 */
export class Merge implements FanIn {
  /** Queues that have something, in the order of their turns: taking costs the same for two inputs and for a thousand. */
  private readonly turns = new Ring<BoundedQueue>();
  private live: number;

  constructor(queues: readonly BoundedQueue[]) {
    this.live = queues.length;
  }

  get isOver(): boolean {
    return this.live === 0;
  }

  /** A queue has something. */
  get hasTurn(): boolean {
    return this.turns.size > 0;
  }

  filled(queue: BoundedQueue): boolean {
    if (queue.hasNext) this.turns.push(queue);
    else this.live--;
    return true;
  }

  take(): LiveMessage | Hole | undefined {
    const queue = this.turns.shift();
    if (queue === undefined) return undefined;
    const item = queue.take();
    if (queue.hasNext) this.turns.push(queue);
    else if (queue.isOver) this.live--;
    return item;
  }
}

/**
 * Row n of every input, as a record keyed by what the node it came from is known as.
 *
 * Emits when every input has its row, if none of them is a hole (partial: if one of them is none). Backpressures an input
 * that is ahead of the others. Completes when one input has ended and its rows are taken: there will be no other row.
 * Fails never. Cancels the other inputs when it completes.
 */
class Join implements FanIn {
  private readonly queues: readonly BoundedQueue[];
  private readonly keys: readonly string[];
  private readonly isPartial: boolean;
  private readonly host: RowHost;
  /** Queues without an item: no row is complete before there are none, and that is known without asking them all. */
  private missing: number;
  private hasEnded = false;

  constructor(queues: readonly BoundedQueue[], keys: readonly string[], isPartial: boolean, host: RowHost) {
    this.queues = queues;
    this.keys = keys;
    this.isPartial = isPartial;
    this.host = host;
    this.missing = queues.length;
  }

  get isOver(): boolean {
    return this.hasEnded;
  }

  filled(queue: BoundedQueue): boolean {
    if (queue.hasNext) this.missing--;
    else this.hasEnded = true;
    return this.missing === 0 || this.hasEnded;
  }

  take(): LiveMessage | Hole | undefined {
    if (this.missing > 0 || this.hasEnded) return undefined;
    const empty = this.emptyRows();
    if (empty > 0) {
      for (const queue of this.queues) {
        queue.takeHoles(empty);
        this.noteIfEmpty(queue);
      }
      this.host.lost(empty, []);
      return new Hole(empty);
    }
    const row: Record<string, unknown> = {};
    const messages: LiveMessage[] = new Array(this.queues.length);
    let found = 0;
    for (let i = 0; i < this.queues.length; i++) {
      const queue = this.queues[i] as BoundedQueue;
      const message = queue.takeRow();
      this.noteIfEmpty(queue);
      if (message === undefined) continue;
      row[this.keys[i] as string] = message.payload;
      messages[found++] = message;
    }
    if (found < messages.length) messages.length = found;
    const isComplete = found === this.queues.length || (this.isPartial && found > 0);
    if (isComplete) return this.host.row(row, messages);
    this.host.lost(1, messages);
    return new Hole(1);
  }

  /** How many rows at the front are holes in every branch. */
  private emptyRows(): number {
    let rows = Number.POSITIVE_INFINITY;
    for (const queue of this.queues) {
      rows = Math.min(rows, queue.nextHoles);
      if (rows === 0) return 0;
    }
    return rows;
  }

  private noteIfEmpty(queue: BoundedQueue): void {
    if (queue.hasNext) return;
    this.missing++;
    if (queue.isOver) this.hasEnded = true;
  }
}
