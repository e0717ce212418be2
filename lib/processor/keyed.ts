import type { AnyFunction } from '../graph/definition.ts';
import type { LiveMessage } from '../queue/message.ts';
import { asPromise } from './iterate.ts';
import { type Claim, EXHAUSTED, type Slot } from './slot.ts';

type KeyOf = (input: unknown, message: LiveMessage) => unknown;

/**
 * Which message of a node with `keyBy` is worked on next: of those in line, the one that came first among those whose key
 * nobody holds. Keys are the same as in a `Map`.
 */
export class Keyed {
  readonly #keyOf: KeyOf;
  readonly #concurrency: number;
  /** For each key that is held or waited for, who came last. */
  readonly #last = new Map<unknown, Claim>();
  /** Those whose key is theirs by now, in the order in which they came. */
  #ready: Claim[] = [];
  /** Those whose function was given up and still runs. */
  readonly #deaf = new Set<Claim>();
  #running = 0;
  #turns = 0;

  constructor(keyBy: AnyFunction, concurrency: number) {
    this.#keyOf = keyBy as KeyOf;
    this.#concurrency = concurrency;
  }

  /** What `keyBy` says of a message; throws what it throws. */
  keyOf(message: LiveMessage): unknown {
    const key = this.#keyOf(message.payload, message);
    if (asPromise(key) !== undefined)
      throw new TypeError('keyBy returned a promise: no two are the same key; it must return the key itself');
    return key;
  }

  /** Has a call wait for its key. */
  claim(slot: Slot, key: unknown): void {
    const last = this.#last.get(key);
    const turn = this.#turns++;
    const claim: Claim = { key, slot, turn, previous: last, next: undefined, deaf: undefined, isOver: false };
    slot.claim = claim;
    this.#last.set(key, claim);
    if (last === undefined) this.#ready.push(claim);
    else last.next = claim;
  }

  /** Whether a call may begin now. */
  get isReady(): boolean {
    return this.#ready.length > 0 && this.#running < this.#concurrency;
  }

  /** Whether this is the call that would begin next. */
  isNext(slot: Slot | undefined): boolean {
    return slot !== undefined && this.#ready[0]?.slot === slot;
  }

  /** Whether a call waits for its key until a function returns that was given up. */
  get isHeldUp(): boolean {
    for (const { next } of this.#deaf) if (next !== undefined) return true;
    return false;
  }

  /** The call that is to begin; only where `isReady`. */
  next(): Slot {
    this.#running++;
    return (this.#ready.shift() as Claim).slot;
  }

  /** Told of every slot that has settled: its call is over, unless it has more to give. */
  settled(slot: Slot): void {
    const { claim } = slot;
    const hasMore = slot.iterator !== undefined && slot.state < EXHAUSTED;
    if (claim === undefined || hasMore) return;
    slot.claim = undefined;
    this.#running--;
    claim.isOver = true;
    if (claim.deaf === undefined) this.release(claim);
  }

  /** A call was given up, but its function still runs: it keeps its key. */
  outlived(claim: Claim, promise: Promise<unknown>, onRelease: () => void): void {
    const deaf = Promise.all([claim.deaf, promise]).then(() => {
      if (claim.deaf !== deaf) return;
      claim.deaf = undefined;
      this.#deaf.delete(claim);
      if (!claim.isOver) return;
      this.release(claim);
      onRelease();
    });
    claim.deaf = deaf;
    this.#deaf.add(claim);
  }

  /** The function itself is done with a key: the next call that waits for it may begin. */
  release({ key, next }: Claim): void {
    if (next === undefined) {
      this.#last.delete(key);
      return;
    }
    next.previous = undefined;
    // What has waited for its key goes before all that came later. The list is never longer than the window.
    let place = this.#ready.length;
    while (place > 0 && (this.#ready[place - 1] as Claim).turn > next.turn) place--;
    this.#ready.splice(place, 0, next);
  }

  /** One that waits, for its key or to begin, does so no more. */
  withdraw(claim: Claim): void {
    const { key, previous, next } = claim;
    if (previous === undefined) {
      this.#ready.splice(this.#ready.indexOf(claim), 1);
      this.release(claim);
      return;
    }
    previous.next = next;
    if (next === undefined) this.#last.set(key, previous);
    else next.previous = previous;
  }

  /** Forgets those that wait. */
  clear(): void {
    this.#last.clear();
    this.#deaf.clear();
    this.#ready = [];
  }
}
