import { OverflowError } from '../error/overflow-error.ts';
import type { Overflow } from '../graph/definition.ts';
import { type Hole, isHole } from '../queue/message.ts';
import type { Owner } from '../queue/origin.ts';
import { Rows } from '../queue/rows.ts';
import type { Scope } from '../support/async-context.ts';
import { type Deferred, deferred } from '../support/deferred.ts';

/** One value handed to a source or an inlet from outside, and what becomes of it. */
export interface Ticket {
  /** Changed only by the schema that it has to fit. */
  value: unknown;
  readonly owner: Owner | undefined;
  /** The async context of whoever handed it in. */
  readonly scope: Scope | undefined;
  /** Nobody waits for what becomes of it any more. */
  readonly isSettled: boolean;
  /** Every successor's queue has accepted it. */
  accept(): void;
  /** It was not accepted and never will be. */
  refuse(error: unknown): void;
}

/** How many may wait at an inlet that sheds load, and what becomes of those who are too many. */
export interface WaitingRoom {
  readonly name: string;
  readonly capacity: number;
  readonly overflow: Exclude<Overflow, 'block'>;
  /** Told of each value that is let go. */
  shed(ticket: Ticket): void;
}

/**
 * Where `push`, `call` and `emit` leave their values until the node takes them. Unbounded, since callers wait outside,
 * unless it has a waiting room.
 */
export class Mailbox {
  private tickets = new Rows<Ticket>();
  private readonly waitingRoom: WaitingRoom | undefined;
  private readonly onDiscard: () => void;
  private closedBy: (() => unknown) | undefined;
  private count = 0;
  /** Callers who are gone since it was last cleared; the values of some of them may have been taken before. */
  private gone = 0;

  /** @param discarded told of each value that is let go since nobody waits for it */
  constructor(room?: WaitingRoom, discarded: () => void = () => {}) {
    this.waitingRoom = room;
    this.onDiscard = discarded;
  }

  /** Values that wait; the holes that dropped ones left are not among them. */
  get size(): number {
    return this.count;
  }

  /** The values that wait, the oldest first; not those that make no row. */
  get waiting(): Ticket[] {
    return this.tickets.all.filter((ticket): ticket is Ticket => !isHole(ticket) && !isNothing(ticket.value));
  }

  /** Whether somebody waits for one of its values to be taken. */
  get keepsWaiting(): boolean {
    return this.tickets.all.some((ticket) => !isHole(ticket) && !ticket.isSettled);
  }

  /** Whether it takes no more and all that it took is taken from it. */
  get isOver(): boolean {
    return this.closedBy !== undefined && this.tickets.size === 0;
  }

  put(ticket: Ticket): void {
    if (this.closedBy === undefined) this.enter(ticket);
    else ticket.refuse(this.closedBy());
  }

  /** Takes a value in, if there is room for it. */
  protected enter(ticket: Ticket): void {
    if (this.waitingRoom === undefined) this.add(ticket);
    // What makes no row waits for nothing.
    else if (isNothing(ticket.value)) letGo(ticket);
    else if (this.hasPlace(this.waitingRoom)) this.add(ticket);
    else this.shedFrom(ticket, this.waitingRoom);
  }

  take(): Ticket | Hole | undefined {
    const ticket = this.tickets.shift();
    if (ticket !== undefined && !isHole(ticket)) this.count--;
    return ticket;
  }

  /** A caller is gone before the call was over. Those who are gone never take up as much as those who wait. */
  lost(): void {
    if (++this.gone * 2 > this.count) this.clear();
  }

  /** Takes no more; what it holds is still taken. */
  close(reason: () => unknown): void {
    this.closedBy ??= reason;
  }

  /** Takes no more, and what it holds is refused. */
  refuseAll(reason: () => unknown): void {
    this.close(reason);
    for (let ticket = this.take(); ticket !== undefined; ticket = this.take()) {
      if (!isHole(ticket)) ticket.refuse(reason());
    }
  }

  /** What a source has failed with whose function threw this. */
  failureOf(thrown: unknown): unknown {
    return thrown;
  }

  private hasPlace({ capacity }: WaitingRoom): boolean {
    if (this.count >= capacity && this.gone > 0) this.clear();
    return this.count < capacity;
  }

  /** Lets go of what nobody waits for any more; the rows stay. */
  private clear(): void {
    const held = this.tickets.all;
    this.gone = 0;
    this.tickets = new Rows();
    this.count = 0;
    for (const item of held) {
      if (isHole(item)) this.tickets.addHoles(item.rows);
      else if (!item.isSettled) this.add(item);
      else this.withdraw(item);
    }
  }

  /** Lets go of a value, and leaves its row. */
  protected withdraw({ value }: Ticket): void {
    if (isNothing(value)) return;
    this.tickets.addHoles(1);
    this.onDiscard();
  }

  private add(ticket: Ticket): void {
    this.tickets.push(ticket);
    this.count++;
  }

  private shedFrom(ticket: Ticket, room: WaitingRoom): void {
    if (room.overflow === 'error') {
      room.shed(ticket);
      ticket.refuse(new OverflowError(room.name, undefined, room.capacity));
      return;
    }
    let victim = ticket;
    if (room.overflow === 'drop-oldest') {
      victim = this.tickets.pull(true);
      this.tickets.push(ticket);
    } else this.tickets.addHoles(1);
    room.shed(victim);
    letGo(victim);
  }
}

/** Whether a value is skipped. */
export function isNothing(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Nothing will come of it, and nobody need wait for it. */
function letGo(ticket: Ticket): void {
  ticket.accept();
  ticket.owner?.release();
}

const ACCEPTED: Promise<void> = Promise.resolve();

/** A value somebody waits for to be accepted. There is a promise only if it was not accepted at once. */
export class Delivery implements Ticket {
  value: unknown;
  readonly owner = undefined;
  readonly scope: Scope | undefined;
  private outcome: 'open' | 'accepted' | { readonly refusedBy: unknown } = 'open';
  private waiter: Deferred<void> | undefined;

  constructor(value: unknown, scope?: Scope) {
    this.value = value;
    this.scope = scope;
  }

  get isSettled(): boolean {
    return this.outcome !== 'open';
  }

  get promise(): Promise<void> {
    if (this.outcome === 'accepted') return ACCEPTED;
    if (this.outcome !== 'open') return Promise.reject(this.outcome.refusedBy);
    this.waiter ??= deferred();
    return this.waiter.promise;
  }

  accept(): void {
    if (this.outcome !== 'open') return;
    this.outcome = 'accepted';
    this.waiter?.resolve();
  }

  refuse(error: unknown): void {
    if (this.outcome !== 'open') return;
    this.outcome = { refusedBy: error };
    this.waiter?.reject(error);
  }
}
