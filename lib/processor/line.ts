import type { LiveMessage } from '../queue/message.ts';
import type { Keyed } from './keyed.ts';
import { FREE, isRunning, Slot, type SlotHost } from './slot.ts';

/**
 * The calls of a node in the order in which their outputs leave: a ring of slots, which grows up to the node's
 * concurrency. Under `order: 'input'` calls leave in the order in which they began. Under `'completion'` a call that
 * settles changes places with the first that has not: that is all the difference there is. Under `keyBy` there also stand
 * in it those that wait for their key, under `batch` all inputs of a batch.
 *
 * ```text
 *        first              last
 *   free | settled, running | free
 * ```
 */
export class Line {
  private readonly host: SlotHost;
  private readonly isOrdered: boolean;
  /** Whether nothing is to be done when a slot settles. */
  private readonly isPlain: boolean;
  /** Which call begins next, where that is not just the one that came first. */
  readonly keyed: Keyed | undefined;
  // As many as a power of two, so that a place is found with a mask.
  private ring: Slot[] = NONE;
  private head = 0;
  /** The only slot of a line that has never held two: going round a ring of one would cost 5 % of a hop. */
  private only: Slot | undefined = undefined;
  /** Of an unordered line: how many stand settled at its front. */
  private settled = 0;
  /** Slots that are not free. */
  busy = 0;
  /** Whose turn it is, or will be. */
  first: Slot | undefined = undefined;

  constructor(host: SlotHost, isOrdered: boolean, keyed: Keyed | undefined) {
    this.host = host;
    this.isOrdered = isOrdered;
    this.isPlain = isOrdered && keyed === undefined;
    this.keyed = keyed;
  }

  get last(): Slot | undefined {
    return this.busy === 0 ? undefined : this.at(this.busy - 1);
  }

  get all(): readonly Slot[] {
    return this.ring;
  }

  /** Those that are not free, in the order in which they leave. */
  get inOrder(): Slot[] {
    return Array.from({ length: this.busy }, (_, place) => this.at(place));
  }

  /** Calls, and items of iterables, that have not been answered. */
  get running(): number {
    let count = 0;
    for (const { state } of this.ring) if (isRunning(state)) count++;
    return count;
  }

  occupy(input: LiveMessage | undefined): Slot {
    let slot = this.only;
    if (slot === undefined || this.busy > 0) slot = this.occupyPlace();
    else {
      this.first = slot;
      this.busy = 1;
    }
    slot.input = input;
    return slot;
  }

  private occupyPlace(): Slot {
    if (this.busy === this.ring.length) this.grow();
    const slot = this.at(this.busy);
    if (this.busy++ === 0) this.first = slot;
    return slot;
  }

  /** A slot has settled. */
  settle(slot: Slot): void {
    if (this.isPlain) return;
    this.keyed?.settled(slot);
    if (this.isOrdered) return;
    this.swap(slot, this.at(this.settled));
    this.settled++;
  }

  /** The first is not settled any more: it has more to give. Unordered, it lets the others pass. */
  goOn(): void {
    if (this.isOrdered) return;
    this.settled--;
    this.swap(this.at(0), this.at(this.settled));
  }

  /** The first is free. */
  leave(): void {
    (this.first as Slot).clear();
    this.shift();
  }

  /** The same for a call of an ordered line that has gone straight from its promise to its successors. */
  pass(): void {
    const slot = this.first as Slot;
    slot.state = FREE;
    slot.input = undefined;
    if (slot !== this.only) {
      this.shift();
      return;
    }
    this.first = undefined;
    this.busy = 0;
  }

  /**
   * Has those that were let go of leave an ordered line before their turn; each leaves `rows` behind the one before it. The
   * first has its turn anyway.
   */
  closeUp(gone: ReadonlySet<Slot>, rows: number): void {
    if (!this.isOrdered) return;
    const kept: Slot[] = [];
    const freed: Slot[] = [];
    for (const slot of this.inOrder) {
      const before = kept.at(-1);
      if (before === undefined || !gone.has(slot)) kept.push(slot);
      else {
        before.holesAfter += rows + slot.holesAfter;
        slot.input?.origin.owner?.release();
        slot.clear();
        freed.push(slot);
      }
    }
    this.busy = kept.length;
    const mask = this.ring.length - 1;
    for (const [place, slot] of [...kept, ...freed].entries()) this.put(slot, (this.head + place) & mask);
  }

  private shift(): void {
    this.head = (this.head + 1) & (this.ring.length - 1);
    this.first = --this.busy === 0 ? undefined : this.ring[this.head];
    if (!this.isOrdered) this.settled--;
  }

  private at(place: number): Slot {
    return this.ring[(this.head + place) & (this.ring.length - 1)] as Slot;
  }

  private swap(one: Slot, other: Slot): void {
    const place = one.place;
    this.put(one, other.place);
    this.put(other, place);
  }

  private put(slot: Slot, place: number): void {
    this.ring[place] = slot;
    slot.place = place;
    if (place === this.head && this.busy > 0) this.first = slot;
  }

  private grow(): void {
    if (this.busy === 0) {
      this.only = new Slot(this.host);
      this.ring = [this.only];
      return;
    }
    const slots = this.inOrder;
    this.head = 0;
    // Not as long as it comes to be: a list that grows reserves 17 places for its first.
    this.ring = new Array(this.busy * 2);
    for (let place = 0; place < this.ring.length; place++)
      this.put(slots[place] ?? new Slot(this.host), place);
    this.only = undefined;
  }
}

// Shared by all that never had a call; never written to.
const NONE: Slot[] = [];
