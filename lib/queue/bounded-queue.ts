import type { Overflow } from '../graph/definition.ts';
import { Hole, isHole, type LiveMessage } from './message.ts';
import type { Owner } from './origin.ts';
import { Rows } from './rows.ts';

/** Who puts into a queue, told when it may go on. */
export interface Producer {
  readonly name: string;
  /** The message that waited at the door is in, or nobody takes from this queue any more. */
  admitted(): void;
  /** Nobody takes from this queue any more. */
  closed(queue: BoundedQueue): void;
  /** There was no room for a message, and the queue's `overflow` let go of this one. */
  overflowed(queue: BoundedQueue, message: LiveMessage): void;
}

/** Who takes from a queue, told when there is something to take. */
export interface Consumer {
  readonly name: string;
  /** The queue was empty and has an item now, or it has ended. */
  filled(queue: BoundedQueue): void;
  /** Whether it would begin with a message at once. */
  readonly isReady: boolean;
  /** Has it begin with a message that is in no queue; only where `isReady`. */
  give(message: LiveMessage): void;
}

/** Who wants to know of queues: when they become full and have room again, and what is taken from them. */
export interface Gauge {
  isWatched: boolean;
  isTimed: boolean;
  report(queue: BoundedQueue, isFull: boolean): void;
  /** A message that has stood in a queue is taken. */
  took(queue: BoundedQueue, message: LiveMessage): void;
}

// Small integers, compared for every message.
const OPEN = 0;
const ENDED = 1;
const CLOSED = 2;

// Shared by all that hold nothing yet; never put into.
const NOTHING = new Rows<LiveMessage>();

/**
 * The queue of one edge: first in, first out, never more than `capacity` messages. Between them stand holes, which take
 * no room. A producer whose message finds no room leaves that one message waiting at the door, unless `overflow` says to drop
 * one instead: a hole then stands in its row.
 *
 * ```text
 *   OPEN --end()--> ENDED: nothing comes any more, what is queued is still taken
 *    |                |
 *    +----close()-----+--> CLOSED: nobody takes any more, what is queued is counted and let go
 * ```
 */
export class BoundedQueue {
  readonly producer: Producer;
  readonly consumer: Consumer;
  readonly capacity: number;
  readonly overflow: Overflow;
  private readonly carriesHoles: boolean;
  private readonly gauge: Gauge;
  // Made for the first that is not taken at once: in a pipeline for one request, that is none in most queues.
  private items: Rows<LiveMessage> = NOTHING;
  private state: typeof OPEN | typeof ENDED | typeof CLOSED = OPEN;
  /** The message that waits for room. */
  atDoor: LiveMessage | undefined;

  index = -1; // Of its edge in the graph; a reader's has none.
  /** Messages queued now; holes are not among them. */
  size = 0;
  /** The most that were queued at once. */
  highWater = 0;
  // Law 1: accepted = taken + size + dropped + unpaired + discarded.
  accepted = 0;
  /** Let go since there was no room. */
  dropped = 0;
  /** Left when the other lane of a join had ended, or the consumer had. */
  unpaired = 0;
  /** Let go by an abort, of the pipeline or of the call. */
  discarded = 0;
  /** Sent by the producer, but not along this edge; not among the accepted. */
  passedBy = 0;

  constructor(
    producer: Producer,
    consumer: Consumer,
    capacity: number,
    carriesHoles: boolean,
    gauge: Gauge,
    overflow: Overflow = 'block',
  ) {
    this.producer = producer;
    this.consumer = consumer;
    this.capacity = capacity;
    this.carriesHoles = carriesHoles;
    this.gauge = gauge;
    this.overflow = overflow;
  }

  get taken(): number {
    return this.accepted - this.size - this.dropped - this.unpaired - this.discarded;
  }

  /** There is a message or a hole to take. */
  get hasNext(): boolean {
    return this.items.size > 0;
  }

  /** There is nothing to take and never will be. */
  get isOver(): boolean {
    return this.state !== OPEN && this.items.size === 0;
  }

  get isClosed(): boolean {
    return this.state === CLOSED;
  }

  /** The messages queued, the oldest first. */
  get queued(): LiveMessage[] {
    return this.items.all.filter((item): item is LiveMessage => !isHole(item));
  }

  /** Messages that nobody has taken: those queued, and the one at the door. */
  get held(): number {
    return this.atDoor === undefined ? this.size : this.size + 1;
  }

  /** A message waits at the door: its producer goes on when there is room. */
  get isWaitedFor(): boolean {
    return this.atDoor !== undefined;
  }

  /** Whether the message was accepted. If not it waits, and the producer must put nothing before it is `admitted`. */
  put(message: LiveMessage): boolean {
    // Straight into idle hands: sparing a message the queue, and its consumer the scheduler, is 10 % of a hop.
    if (this.items.size === 0 && this.consumer.isReady && this.mayPass(message)) {
      this.accepted++;
      this.consumer.give(message);
      return true;
    }
    if (this.size === this.capacity || this.state === CLOSED) return this.putAside(message);
    this.accept(message);
    if (this.size === this.capacity && this.gauge.isWatched) this.gauge.report(this, true);
    if (this.items.size === 1) this.consumer.filled(this);
    return true;
  }

  /** Rows without a value: they stand in order between the messages. */
  holes(rows: number): void {
    if (!this.carriesHoles || this.state === CLOSED) return;
    const isFirst = this.items.size === 0;
    if (this.items === NOTHING) this.items = new Rows();
    this.items.addHoles(rows);
    if (isFirst) this.consumer.filled(this);
  }

  /** The producer sent a message that does not take this edge. */
  passBy(): void {
    if (this.state === CLOSED) return;
    this.passedBy++;
    this.holes(1);
  }

  /** The next message, or all the holes before it. */
  take(): LiveMessage | Hole | undefined {
    const next = this.items.shift();
    if (next === undefined || isHole(next)) return next;
    const { owner } = next.origin;
    this.size--;
    if (owner?.isSettled === true) return this.letGo(owner);
    if (this.gauge.isTimed) this.gauge.took(this, next);
    this.madeRoom();
    return next;
  }

  private letGo(owner: Owner): Hole {
    this.discarded++;
    // Whoever is told from here on finds the counters right.
    this.madeRoom();
    owner.release();
    return new Hole(1);
  }

  private madeRoom(): void {
    if (this.atDoor !== undefined) this.admit(this.atDoor);
    else if (this.gauge.isWatched && this.size === this.capacity - 1) this.gauge.report(this, false);
  }

  /** The message of the next row, or `undefined` if that row is a hole. Only where `hasNext`. */
  takeRow(): LiveMessage | undefined {
    if (this.nextHoles > 0) {
      this.takeHoles(1);
      return undefined;
    }
    const next = this.take();
    return next === undefined || isHole(next) ? undefined : next;
  }

  /** The number of the next message, `Infinity` if there is none. Only where no holes are carried. */
  get nextNumber(): number {
    const next = this.items.first();
    return next === undefined || isHole(next) ? Number.POSITIVE_INFINITY : next.number;
  }

  /** How many holes stand before the next message; 0 if there is no message and no hole either. */
  get nextHoles(): number {
    const next = this.items.first();
    return next !== undefined && isHole(next) ? next.rows : 0;
  }

  /** Takes some of the holes before the next message. */
  takeHoles(rows: number): void {
    const next = this.items.first();
    if (next === undefined || !isHole(next)) return;
    next.rows -= rows;
    if (next.rows === 0) this.items.shift();
  }

  /** The producer will put nothing more. Must not be called while a message waits. */
  end(): void {
    if (this.state !== OPEN) return;
    this.state = ENDED;
    if (this.items.size === 0) this.consumer.filled(this);
  }

  /** The consumer takes nothing more; what is left is counted. */
  close(as: 'unpaired' | 'discarded'): void {
    if (this.state === CLOSED) return;
    const wasOpen = this.state === OPEN;
    this.state = CLOSED;
    for (let item = this.items.shift(); item !== undefined; item = this.items.shift()) {
      if (isHole(item)) continue;
      this.size--;
      this[as]++;
      item.origin.owner?.release();
    }
    const waited = this.atDoor;
    this.atDoor = undefined;
    if (waited !== undefined) {
      this.accepted++;
      this[as]++;
      waited.origin.owner?.release();
    }
    // The producer must know that this queue is gone before it may go on.
    if (wasOpen) this.producer.closed(this);
    if (waited !== undefined) this.producer.admitted();
  }

  private mayPass({ origin }: LiveMessage): boolean {
    return this.state !== CLOSED && (origin.owner === undefined || !origin.isAbandoned);
  }

  /** A message that finds no room, or nobody who takes it. */
  private putAside(message: LiveMessage): boolean {
    if (this.state === CLOSED) {
      message.origin.owner?.release();
      return true;
    }
    if (this.overflow !== 'block') return this.drop(message);
    this.atDoor = message;
    return false;
  }

  /** Makes room, or lets go of what finds none. */
  private drop(message: LiveMessage): true {
    this.dropped++;
    let victim = message;
    if (this.overflow === 'drop-oldest') {
      victim = this.items.pull(this.carriesHoles);
      this.size--;
      // Its consumer has been told that there is something to take, and there still is.
      this.accept(message);
    } else {
      this.accepted++;
      this.holes(1);
    }
    this.producer.overflowed(this, victim);
    victim.origin.owner?.release();
    return true;
  }

  private accept(message: LiveMessage): void {
    this.accepted++;
    if (++this.size > this.highWater) this.highWater = this.size;
    if (this.items === NOTHING) this.items = new Rows();
    this.items.push(message);
  }

  private admit(message: LiveMessage): void {
    this.atDoor = undefined;
    this.accept(message);
    this.producer.admitted();
  }
}

/** Whether a queue has something for its consumer: an item, or its end. */
export function hasNews({ hasNext, isOver }: BoundedQueue): boolean {
  return hasNext || isOver;
}
