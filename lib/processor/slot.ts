import type { LiveMessage } from '../queue/message.ts';
import type { Ticket } from './mailbox.ts';

/**
 * What one call of a function, or one iterable being unrolled, is doing.
 *
 * ```text
 *              +----------------------------> HOLE -------------------+   skipped or failed
 *              |                                                      v
 *   FREE --> CALLING --> VALUE --(accepted by all)--> SENT -------> FREE   one value
 *              |           ^                           |              ^
 *              v           |                           v              |
 *           PULLABLE --> PULLING --> AWAITING       PULLABLE          |   many values
 *                          |                                          |
 *                          +--> EXHAUSTED ----------------------------+
 * ```
 */
// Small integers rather than strings: they are compared some ten times for every message.
export type SlotState = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

const FREE = 0;
/** The function has been called and has not answered. */
export const CALLING = 1;
/** The iterable may be asked for its next item. */
export const PULLABLE = 2;
/** It has been asked, and has not answered. */
export const PULLING = 3;
/** An item of a synchronous iterable is a promise, which has not settled. */
export const AWAITING = 4;
// The settled ones: the slot's turn in line has come as soon as it is first.
/** There is a value to send. */
export const VALUE = 5;
/** The value was sent; it is accepted as soon as the outlet is free. */
export const SENT = 6;
/** There is nothing to send for this row. */
export const HOLE = 7;
/** The iterable has no more items. */
export const EXHAUSTED = 8;

/** Who is told of what a slot's promise came to. */
export interface SlotHost {
  resolved(slot: Slot, value: unknown): void;
  rejected(slot: Slot, error: unknown): void;
}

/** The place of one call at a node. Reused, with its two handlers, so that a message costs no closure. */
export class Slot {
  state: SlotState = FREE;
  value: unknown = undefined;
  input: LiveMessage | undefined = undefined;
  iterator: AnyIterator | undefined = undefined;
  /** What is sent was pushed or emitted: whom to tell that it was accepted. */
  ticket: Ticket | undefined = undefined;
  /** Rows without a value that came right after this one. */
  holesAfter = 0;
  /** Where it stands in its line. */
  place = 0;
  readonly onResolve: (value: unknown) => void;
  readonly onReject: (error: unknown) => void;

  constructor(host: SlotHost) {
    this.onResolve = (value) => host.resolved(this, value);
    this.onReject = (error) => host.rejected(this, error);
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
