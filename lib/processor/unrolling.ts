import type { LiveMessage } from '../queue/message.ts';
import { contexts, type Scope, within } from '../support/async-context.ts';
import { Ring } from '../support/ring.ts';
import { asPromise } from './iterate.ts';
import { DONE, isResult } from './pulling.ts';
import { type AnyIterator, AWAITING, EXHAUSTED, PULLABLE, PULLING, type Slot } from './slot.ts';

/** The node whose iterables are unrolled. */
export interface UnrollingHost {
  /** The async context in which a function works on a message; without one, in which a source does. */
  scopeOf(input: LiveMessage | undefined): Scope | undefined;
  /** Whether the next items are still wanted. */
  readonly isRunning: boolean;
  /** Whether one may be asked for now; if not, the node is stepped again when it may. */
  mayPull(): boolean;
  /** An iterable gave a value that is neither `null` nor `undefined`. */
  gave(slot: Slot, value: unknown): void;
  /** The same, in the node's step: whether it was accepted already, and the iterable may be asked again. */
  gaveNow(slot: Slot, value: unknown): boolean;
  /** An iterable has no more. */
  exhausted(slot: Slot): void;
  /** Asking it for its next item failed: it has no more. */
  callFailed(slot: Slot, error: unknown): void;
  /** Asking it to return failed; what it worked on, unless it is a source's. */
  fail(error: unknown, input: LiveMessage | undefined): void;
  /** The node must not end before this has settled. */
  await(promise: Promise<unknown>, onReject: (error: unknown) => void): void;
}

/** Takes the place of an iterator that was asked to return: nobody is asked twice. */
const RETURNED: AnyIterator = { next: () => DONE };

const next = (iterator: AnyIterator): unknown => iterator.next();
const giveBack = (iterator: AnyIterator): unknown => iterator.return?.();

/** In place of an item: there is none, or it is waited for. */
const TAKEN = Symbol('taken');

/**
 * Pulls what sources, inlets with `inputs` and nodes with `many` send from iterables: each is asked for its next item
 * only when the one before it has been accepted.
 */
export class Unrolling {
  readonly #host: UnrollingHost;
  readonly #pullable = new Ring<Slot>();
  #pulled: Slot | undefined;

  constructor(host: UnrollingHost) {
    this.#host = host;
  }

  /** Whether an iterable may be asked for its next item. */
  get isReady(): boolean {
    return this.#pullable.size > 0;
  }

  open(slot: Slot, iterator: AnyIterator): void {
    slot.iterator = iterator;
    this.#wait(slot);
  }

  /** What the iterable gave is accepted: it may be asked again. */
  goOn(slot: Slot): void {
    // As long as all is accepted at once, it is asked again right here.
    do {
      if (!this.#host.mayPull()) {
        this.#wait(slot);
        return;
      }
    } while (this.#pull(slot));
  }

  /** Asks the next iterable in turn; only where `isReady`. */
  pull(): void {
    const slot = this.#pullable.shift() as Slot;
    if (this.#pull(slot)) this.goOn(slot);
  }

  #wait(slot: Slot): void {
    slot.state = PULLABLE;
    this.#pullable.push(slot);
  }

  /** Whether what it gave was accepted at once. */
  #pull(slot: Slot): boolean {
    // Nobody waits for what it would give.
    if (!this.#host.isRunning || slot.input?.origin.isAbandoned === true) this.#return(slot);
    slot.state = PULLING;
    this.#pulled = slot;
    let isAccepted = false;
    try {
      const result = contexts.isInUse
        ? within(this.#host.scopeOf(slot.input), next, slot.iterator as AnyIterator)
        : (slot.iterator as AnyIterator).next();
      const promise = isResult(result) ? undefined : asPromise(result);
      this.#pulled = undefined;
      if (promise === undefined) isAccepted = this.#took(slot, result);
      else slot.follow(promise);
    } catch (error) {
      this.#pulled = undefined;
      this.#host.callFailed(slot, error);
      return false;
    }
    // An iterator cannot be asked to return while it runs, as when whoever makes the item stops the pipeline.
    if (!this.#host.isRunning) this.#return(slot);
    return isAccepted;
  }

  /** A promise that this slot waited for: of an iterator's answer, or of an item. */
  resolved(slot: Slot, answer: unknown): void {
    try {
      const value = slot.state === PULLING ? this.#valueOf(slot, answer) : answer;
      if (value === TAKEN) return;
      if (value === undefined || value === null) this.#wait(slot);
      else this.#host.gave(slot, value);
    } catch (error) {
      this.#host.callFailed(slot, error);
    }
  }

  /**
   * The same for one that rejected. An iterable whose item is a rejected promise knows nothing of it, and goes on: it is
   * asked to return, after its call has failed by what is the reason for that.
   */
  rejected(slot: Slot, error: unknown): void {
    const { state, input } = slot;
    const iterator = state === AWAITING ? this.#take(slot) : undefined;
    this.#host.callFailed(slot, error);
    if (iterator !== undefined) this.#close(iterator, input);
  }

  /** Has iterators that will be asked for more take the place of those that are. */
  replace(slots: Iterable<Slot>, other: (iterator: AnyIterator) => AnyIterator): void {
    for (const slot of slots) {
      const { iterator } = slot;
      if (iterator !== undefined && iterator !== RETURNED) slot.iterator = other(iterator);
    }
  }

  /** Nothing more is wanted of this one. */
  giveUp(slot: Slot): void {
    this.#return(slot);
  }

  /** Asks all iterators to return: nothing more is wanted of them. */
  returnAll(slots: Iterable<Slot>): void {
    for (const slot of slots) if (slot !== this.#pulled) this.#return(slot);
  }

  /** Whether the iterable may be asked again at once. */
  #took(slot: Slot, result: unknown): boolean {
    const value = this.#valueOf(slot, result);
    if (value === TAKEN) return false;
    return value === undefined || value === null || this.#host.gaveNow(slot, value);
  }

  /** The item in a result, if it is there by now. */
  #valueOf(slot: Slot, result: unknown): unknown {
    if (typeof result !== 'object' || result === null)
      throw new TypeError('its iterator returned no result object');
    const { done, value } = result as IteratorResult<unknown>;
    if (done === true) {
      this.#host.exhausted(slot);
      return TAKEN;
    }
    const promise = asPromise(value);
    if (promise === undefined) return value;
    slot.state = AWAITING;
    slot.follow(promise);
    return TAKEN;
  }

  #return(slot: Slot): void {
    if (slot.state === EXHAUSTED) return;
    const iterator = this.#take(slot);
    if (iterator !== undefined) this.#close(iterator, slot.input);
  }

  #take(slot: Slot): AnyIterator | undefined {
    const { iterator } = slot;
    if (iterator !== undefined) slot.iterator = RETURNED;
    return iterator;
  }

  #close(iterator: AnyIterator, input: LiveMessage | undefined): void {
    const failed = (error: unknown): void => this.#host.fail(error, input);
    try {
      const promise = asPromise(within(this.#host.scopeOf(input), giveBack, iterator));
      if (promise !== undefined) this.#host.await(promise, failed);
    } catch (error) {
      failed(error);
    }
  }
}
