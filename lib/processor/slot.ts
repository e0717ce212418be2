import type { LiveMessage } from '../queue/message.ts';
import { scheduler } from '../support/scheduler.ts';
import type { Ticket } from './mailbox.ts';

/**
 * What one call of a function, or one iterable being unrolled, is doing.
 *
 * ```text
 *                +----------------------------> HOLE -------------------+   skipped, failed or let go
 *                |                                                      v
 *                +--> DEAD --(letter accepted)--> HOLE, EXHAUSTED ----> FREE   a dead letter
 *                |                                                      ^
 *   FREE ---> CALLING --> VALUE --(accepted by all)--> SENT ------------+   one value
 *     |       ^  |           ^                           |              ^
 *     +-> HELD   v           |                           v              |   waiting for its key, or in a batch
 *             PULLABLE --> PULLING --> AWAITING       PULLABLE          |   many values
 *                            |                                          |
 *                            +--> EXHAUSTED ----------------------------+
 * ```
 */
// Small integers rather than strings: they are compared some ten times for every message.
export type SlotState = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

export const FREE = 0;
/** Its function has not been called yet: it waits for its key; or it is part of a batch whose first one has the call. */
export const HELD = 1;
/** The function has been called and has not answered. */
export const CALLING = 2;
/** The iterable may be asked for its next item. */
export const PULLABLE = 3;
/** It has been asked, and has not answered. */
export const PULLING = 4;
/** An item of a synchronous iterable is a promise, which has not settled. */
export const AWAITING = 5;
// The settled ones: the slot's turn in line has come as soon as it is first.
/** There is a value to send. */
export const VALUE = 6;
/** The value was sent; it is accepted as soon as the outlet is free. */
export const SENT = 7;
/** There is nothing to send for this row. */
export const HOLE = 8;
/** The iterable has no more items. */
export const EXHAUSTED = 9;
/** The call failed, and there is a dead letter to send before the row is a hole. */
export const DEAD = 10;

/** Whether a promise is waited for that is not ours. */
export function isRunning(state: SlotState): boolean {
  return state === CALLING || state === PULLING || state === AWAITING;
}

/** Who is told of what a slot's promise came to. */
export interface SlotHost {
  resolved(slot: Slot, value: unknown): void;
  rejected(slot: Slot, error: unknown): void;
  /** Somebody wants to know how long promises take. */
  readonly isWatched: boolean;
  /** A promise has taken so many ms to settle, {@link LONG} or more. Only where it is watched. */
  tookLong(ms: number): void;
}

/** Such a time, in ms, the scheduler's clock tells well enough: it looks again at the latest when a promise settles after it. */
export const LONG = 3;

/** A call that holds its key, or waits for it. Apart from its slot, since a key may be held for longer than a place in line. */
export interface Claim {
  readonly key: unknown;
  readonly slot: Slot;
  /** How many came before it. */
  readonly turn: number;
  /** The one before it that has the same key, or waits for it. */
  previous: Claim | undefined;
  /** The one behind it that waits for the same key. */
  next: Claim | undefined;
  /** Functions that were given up and still run: until then the key is held. */
  deaf: Promise<unknown> | undefined;
  /** The call itself is over. */
  isOver: boolean;
}

/** The place of one call at a node. Reused, with its two handlers, so that a message costs no closure. */
export class Slot {
  state: SlotState = FREE;
  value: unknown = undefined;
  input: LiveMessage | undefined = undefined;
  iterator: AnyIterator | undefined = undefined;
  /** What is sent was pushed or emitted: whom to tell that it was accepted. */
  ticket: Ticket | undefined = undefined;
  /** Of a node with `keyBy`: its key, until the call has settled. */
  claim: Claim | undefined = undefined;
  /** Rows without a value that came right after this one. */
  holesAfter = 0;
  /** Where it stands in its line. */
  place = 0;
  /** When it began to wait, as of the scheduler's last look at the clock. */
  private since = 0;
  private readonly host: SlotHost;
  private resolving: ((value: unknown) => void) | undefined = undefined;
  private rejecting: ((error: unknown) => void) | undefined = undefined;

  constructor(host: SlotHost) {
    this.host = host;
  }

  /** Has its node told of what a promise comes to. */
  follow(promise: PromiseLike<unknown>): void {
    if (this.resolving === undefined) this.makeHandlers();
    this.since = scheduler.tick;
    promise.then(this.resolving, this.rejecting);
  }

  private makeHandlers(): void {
    const { host } = this;
    // By way of variables: V8 puts a function that is written where a property is set into the old generation, and with
    // it, until the next full collection, the whole pipeline it refers to. A pipeline per request cost two to three times
    // as much where that happened.
    const waited = host.isWatched ? (): void => this.waited() : undefined;
    const onResolve = (value: unknown): void => {
      waited?.();
      host.resolved(this, value);
    };
    const onReject = (error: unknown): void => {
      waited?.();
      host.rejected(this, error);
    };
    this.resolving = onResolve;
    this.rejecting = onReject;
  }

  /** Its node is watched from now on, or not any more. */
  watchChanged(): void {
    this.resolving = undefined;
  }

  private waited(): void {
    scheduler.enter();
    const ms = scheduler.tick - this.since;
    if (ms >= LONG) this.host.tookLong(ms);
  }

  /** Forgets all it held, to be used again. */
  clear(): void {
    this.state = FREE;
    this.value = undefined;
    this.input = undefined;
    if (this.iterator !== undefined) this.iterator = undefined;
    if (this.ticket !== undefined) this.ticket = undefined;
    this.holesAfter = 0;
  }
}

/** An iterator of either kind. */
export interface AnyIterator {
  next(): unknown;
  return?(value?: unknown): unknown;
}
