import { ProcessorError } from '../error/processor-error.ts';
import type { NodePlan } from '../graph/plan.ts';
import { LiveMessage } from '../queue/message.ts';
import { Origin } from '../queue/origin.ts';
import { scheduler, type Task } from '../support/scheduler.ts';
import { CallContext, type ContextNode } from './context.ts';
import { Counters } from './counters.ts';
import { asPromise, isGenerator, openIterator } from './iterate.ts';
import type { Ticket } from './mailbox.ts';
import type { Outlet } from './outlet.ts';
import {
  type AnyIterator,
  CALLING,
  EXHAUSTED,
  HOLE,
  SENT,
  type Slot,
  type SlotHost,
  type SlotState,
  VALUE,
} from './slot.ts';
import { Slots } from './slots.ts';
import { Unrolling, type UnrollingHost } from './unrolling.ts';

type Run = (input: unknown, context: CallContext) => unknown;

/** The node whose calls these are. */
export interface CallsHost extends Task, ContextNode {
  readonly plan: NodePlan;
  readonly outlet: Outlet;
  /** More is wanted of sources and iterables. */
  readonly isRunning: boolean;
  /** What calls return is sent; otherwise they are only awaited. */
  readonly isLive: boolean;
  /** It was aborted: failures are of no interest any more. */
  readonly isAborted: boolean;
  await(promise: Promise<unknown>, onReject: (error: unknown) => void): void;
}

/**
 * The calls of a node's function: begun with a message, settled with a value, nothing or a failure, and delivered in
 * line. For a source or an inlet there is no function, and what is delivered is an item or a ticket.
 */
export class Calls implements SlotHost, UnrollingHost {
  readonly counters: Counters = new Counters();
  readonly #node: CallsHost;
  readonly #outlet: Outlet;
  readonly #slots: Slots;
  #unrolling: Unrolling | undefined = undefined;
  // Of the plan, what every message needs.
  readonly #fn: Run;
  readonly #isOrdered: boolean;
  readonly #isJoin: boolean;
  readonly #isSink: boolean;
  readonly #isTransform: boolean;

  constructor(node: CallsHost) {
    const { plan } = node;
    this.#node = node;
    this.#outlet = node.outlet;
    this.#slots = new Slots(this);
    this.#fn = plan.run as Run;
    this.#isOrdered = plan.order === 'input';
    this.#isJoin = plan.fanIn === 'join' || plan.fanIn === 'partial-join';
    this.#isSink = plan.outputs.length === 0;
    this.#isTransform = plan.kind === 'transform';
  }

  /** Calls that have begun and are not delivered. */
  get busy(): number {
    return this.#slots.busy;
  }

  /** Whether the first in line is settled. */
  get hasResult(): boolean {
    const { first } = this.#slots;
    return first !== undefined && first.state >= VALUE;
  }

  get isRunning(): boolean {
    return this.#node.isRunning;
  }

  // --- how one begins

  begin(message: LiveMessage): void {
    const { counters } = this;
    const slot = this.#slots.occupy(message);
    if (this.#isOrdered) this.#slots.lineUp(slot);
    slot.state = CALLING;
    if (counters.received++ === 0) counters.startedAt = this.#node.run.stamp();
    const run = this.#fn;
    let answer: unknown;
    try {
      answer = run(message.payload, new CallContext(this.#node, message));
      const promise = asPromise(answer);
      if (promise !== undefined) {
        promise.then(slot.onResolve, slot.onReject);
        return;
      }
    } catch (error) {
      this.failed(slot, error);
      return;
    }
    this.#answered(slot, answer);
  }

  #answered(slot: Slot, value: unknown): void {
    if (value === undefined || value === null) {
      this.counters.skipped++;
      const { watch } = this.#node.run;
      if (watch.skipped) watch.tellSkipped(this.#node.name, slot.input as LiveMessage);
      this.#settle(slot, HOLE);
    } else if (this.#node.plan.many) {
      this.#unrollAnswer(slot, value);
    } else if (isGenerator(value)) {
      this.failed(slot, new TypeError('it returned a generator; set many: true to send what it yields'));
    } else {
      this.counters.processed++;
      slot.value = value;
      this.#settle(slot, VALUE);
    }
  }

  #unrollAnswer(slot: Slot, value: unknown): void {
    let iterator: AnyIterator | undefined;
    try {
      iterator = openIterator(value);
    } catch (error) {
      this.failed(slot, error);
      return;
    }
    if (iterator !== undefined) this.#unroll(slot, iterator);
    else
      this.failed(slot, new TypeError(`with many: true it must return an iterable, not a ${typeof value}`));
  }

  /** A value from outside: there is nothing to call. */
  take(ticket: Ticket): void {
    const slot = this.#slots.occupy(undefined);
    slot.ticket = ticket;
    this.#slots.lineUp(slot);
    if (ticket.value === undefined || ticket.value === null) slot.state = SENT;
    else this.gave(slot, ticket.value);
  }

  /** Unrolls an iterable that is this node's only input: what a source returned, or an inlet was given. */
  feed(iterator: AnyIterator): void {
    const slot = this.#slots.occupy(undefined);
    this.#slots.lineUp(slot);
    this.#unroll(slot, iterator);
  }

  #unroll(slot: Slot, iterator: AnyIterator): void {
    this.#unrolling ??= new Unrolling(this);
    this.#unrolling.open(slot, iterator);
  }

  // --- how it goes on

  /** Whether an iterable may be asked for its next item. */
  get canPull(): boolean {
    return this.#unrolling?.isReady === true;
  }

  pull(): void {
    this.#unrolling?.pull();
  }

  /** Asks all iterators to return. */
  returnIterators(): void {
    this.#unrolling?.returnAll(this.#slots.all);
  }

  await(promise: Promise<unknown>, onReject: (error: unknown) => void): void {
    this.#node.await(promise, onReject);
  }

  resolved(slot: Slot, value: unknown): void {
    scheduler.enter();
    if (slot.state === CALLING) this.#answered(slot, value);
    else this.#unrolling?.resolved(slot, value);
    scheduler.wake(this.#node);
  }

  rejected(slot: Slot, error: unknown): void {
    scheduler.enter();
    this.failed(slot, error);
    scheduler.wake(this.#node);
  }

  // --- how it settles

  gave(slot: Slot, value: unknown): void {
    if (!this.#isTransform) {
      const { counters } = this;
      if (counters.received++ === 0) counters.startedAt = this.#node.run.stamp();
      counters.processed++;
    }
    slot.value = value;
    this.#settle(slot, VALUE);
  }

  exhausted(slot: Slot): void {
    // One that an abort broke off stays in flight, to be counted among what was left.
    if (this.#isTransform && !this.#node.isAborted) this.counters.processed++;
    this.#settle(slot, EXHAUSTED);
  }

  failed(slot: Slot, cause: unknown): void {
    const { input } = slot;
    if (input === undefined) this.counters.received++;
    this.counters.failed++;
    this.#settle(slot, slot.iterator === undefined ? HOLE : EXHAUSTED);
    this.fail(cause, input);
  }

  /** A source's function failed, or returned what it may not. */
  sourceFailed(cause: unknown): void {
    this.counters.received++;
    this.counters.failed++;
    this.fail(cause);
  }

  /** Has a failure go where `onError` says. */
  fail(cause: unknown, input?: LiveMessage): void {
    if (this.#node.isAborted) return;
    const { name, run, plan } = this.#node;
    const error = new ProcessorError(name, 'run', input, cause);
    run.watch.tellError(error, plan.onError);
    if (plan.onError === 'skip') return;
    const owner = input?.origin.owner;
    if (owner === undefined) run.fail(error);
    else owner.fail(error);
  }

  #settle(slot: Slot, state: SlotState): void {
    slot.state = state;
    if (!this.#isOrdered) this.#slots.lineUp(slot);
  }

  // --- how it is delivered

  /** The first in line has its turn; only where `hasResult`, and nothing sent before is waited for. */
  deliver(): void {
    const slot = this.#slots.first as Slot;
    const { isLive } = this.#node;
    if (slot.state === VALUE) {
      slot.state = SENT;
      if (isLive) this.#send(slot);
      if (this.#outlet.blocked > 0) return;
    }
    if (slot.state === SENT) {
      if (slot.ticket !== undefined) {
        if (isLive) slot.ticket.accept();
        else slot.ticket.refuse(this.#node.run.refusal());
      }
      if (slot.iterator !== undefined) {
        if (!this.#isOrdered) this.#slots.stepOut();
        this.#unrolling?.goOn(slot);
        return;
      }
    } else if (slot.state === HOLE && !this.#node.plan.many) this.#outlet.holes(1);
    this.#leave(slot);
  }

  #send(slot: Slot): void {
    const { input, value } = slot;
    const node = this.#node;
    const { run } = node;
    slot.value = undefined;
    this.counters.sent++;
    const number = run.nextNumber();
    const origin = input === undefined ? new Origin(number, slot.ticket?.owner) : input.origin;
    // A join's row is only a frame around the messages of its branches.
    const madeFrom = this.#isJoin ? input?.madeFrom : input?.number;
    const message = new LiveMessage(value, origin, number, madeFrom, node, run.stamp());
    if (run.watch.sent) run.watch.tellSent(node.name, message);
    if (!this.#isSink) this.#outlet.send(message);
    else if (origin.owner !== undefined) origin.owner.collect(node.name, value);
    else if (this.#outlet.queues.length > 0) this.#outlet.send(message);
    else this.counters.unread++;
  }

  #leave(slot: Slot): void {
    const { holesAfter } = slot;
    const owner = slot.input?.origin.owner ?? slot.ticket?.owner;
    this.#slots.stepOut();
    this.#slots.free(slot);
    if (holesAfter > 0) this.#outlet.holes(holesAfter);
    owner?.release();
  }

  /** Rows without a value came in: they go on behind all that came before them. */
  passOn(rows: number): void {
    const { last } = this.#slots;
    if (last !== undefined) last.holesAfter += rows;
    else this.#outlet.holes(rows);
  }
}
