import type { Owner } from '../queue/origin.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { Ring } from '../support/ring.ts';

/** One value handed to a source or an inlet from outside, and what becomes of it. */
export interface Ticket {
  readonly value: unknown;
  readonly owner: Owner | undefined;
  /** Every successor's queue has accepted it. */
  accept(): void;
  /** It was not accepted and never will be. */
  refuse(error: unknown): void;
}

/** Where `push`, `call` and `emit` leave their values until the node takes them. Unbounded: callers wait outside. */
export class Mailbox {
  readonly #tickets = new Ring<Ticket>();
  #closedBy: (() => unknown) | undefined;

  /** Whether it takes no more and all that it took is taken from it. */
  get isOver(): boolean {
    return this.#closedBy !== undefined && this.#tickets.size === 0;
  }

  get size(): number {
    return this.#tickets.size;
  }

  put(ticket: Ticket): void {
    if (this.#closedBy === undefined) this.#tickets.push(ticket);
    else ticket.refuse(this.#closedBy());
  }

  take(): Ticket | undefined {
    return this.#tickets.shift();
  }

  /** Takes no more; what it holds is still taken. */
  close(reason: () => unknown): void {
    this.#closedBy ??= reason;
  }

  /** Takes no more, and what it holds is refused. */
  refuseAll(reason: () => unknown): void {
    this.close(reason);
    for (let ticket = this.take(); ticket !== undefined; ticket = this.take()) ticket.refuse(reason());
  }
}

const ACCEPTED: Promise<void> = Promise.resolve();

/** A value somebody waits for to be accepted. There is a promise only if it was not accepted at once. */
export class Delivery implements Ticket {
  readonly value: unknown;
  readonly owner = undefined;
  #outcome: 'open' | 'accepted' | { readonly refusedBy: unknown } = 'open';
  #waiter: Deferred<void> | undefined;

  constructor(value: unknown) {
    this.value = value;
  }

  get promise(): Promise<void> {
    if (this.#outcome === 'accepted') return ACCEPTED;
    if (this.#outcome !== 'open') return Promise.reject(this.#outcome.refusedBy);
    this.#waiter ??= deferred();
    return this.#waiter.promise;
  }

  accept(): void {
    this.#outcome = 'accepted';
    this.#waiter?.resolve();
  }

  refuse(error: unknown): void {
    this.#outcome = { refusedBy: error };
    this.#waiter?.reject(error);
  }
}
