import { ProcessorError } from '../error/processor-error.ts';
import type { NodePlan } from '../graph/plan.ts';
import { LiveMessage } from '../queue/message.ts';
import { Origin } from '../queue/origin.ts';
import { scheduler, type Task } from '../support/scheduler.ts';
import { CallContext, type ContextNode } from './context.ts';
import type { Host, Watch } from './host.ts';
import { asPromise, faultOf, openIterator } from './iterate.ts';
import { Line } from './line.ts';
import type { Ticket } from './mailbox.ts';
import { Outlet } from './outlet.ts';
import { CUT, ENDED, type Phase, RUNNING, WAITING } from './phase.ts';
import type { Sequence } from './sequence.ts';
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
import { Unrolling, type UnrollingHost } from './unrolling.ts';

type Run = (input: unknown, context: CallContext) => unknown;

/**
 * The calls of a node's function: begun with a message, settled with a value, nothing or a failure, and delivered in
 * line. For a source or an inlet there is no function, and what is delivered is an item or a ticket.
 */
// A part of the node by inheritance, as the outlet is: one object per node keeps an idle pipeline small.
export abstract class Calls extends Outlet implements SlotHost, UnrollingHost, ContextNode, Task {
  readonly plan: NodePlan;
  readonly name: string;
  readonly run: Host;
  /** What this run's `setup` returned. */
  state: unknown = undefined;
  queued = false;
  protected phase: Phase = WAITING;
  protected readonly line: Line;
  protected unrolling: Unrolling | undefined = undefined;

  // Law 1: received = processed + skipped + failed + in flight.
  received = 0;
  processed = 0;
  skipped = 0;
  failed = 0;
  sent = 0;
  /** What a sink returned and nobody read, or a reader left behind. */
  unread = 0;
  /** The stamps of its first message and of its end. */
  startedAt = 0;
  endedAt = 0;

  // Of the plan, what every message needs.
  readonly #fn: Run;
  protected readonly sequence: Sequence;
  readonly #watch: Watch;
  readonly #many: boolean;
  readonly #isJoin: boolean;
  readonly #isTransform: boolean;
  protected readonly isSink: boolean;

  constructor(plan: NodePlan, run: Host) {
    super();
    this.plan = plan;
    this.name = plan.name;
    this.run = run;
    this.line = new Line(this, plan.order === 'input');
    this.#fn = plan.run as Run;
    this.sequence = run.sequence;
    this.#watch = run.watch;
    this.#many = plan.many;
    this.#isJoin = plan.fanIn === 'join' || plan.fanIn === 'partial-join';
    this.#isTransform = plan.kind === 'transform';
    this.isSink = plan.outputs.length === 0;
  }

  abstract step(): void;
  abstract mayPull(): boolean;
  /** Whether an error is only how a source takes the word to stop. */
  abstract endedAsTold(error: unknown): boolean;
  abstract await(promise: Promise<unknown>, onReject: (error: unknown) => void): void;

  get args(): Readonly<Record<string, unknown>> {
    return this.plan.args;
  }

  get isRunning(): boolean {
    return this.phase === RUNNING;
  }

  get hasEnded(): boolean {
    return this.phase === ENDED;
  }

  // --- how a call begins

  protected begin(message: LiveMessage): void {
    const slot = this.line.occupy(message);
    slot.state = CALLING;
    this.#receive();
    const run = this.#fn;
    let answer: unknown;
    try {
      answer = run(message.payload, new CallContext(this, message));
      const promise = asPromise(answer);
      if (promise !== undefined) {
        promise.then(slot.onResolve, slot.onReject);
        return;
      }
    } catch (error) {
      this.callFailed(slot, error);
      return;
    }
    this.#answered(slot, answer);
  }

  /** A value from outside: there is nothing to call. */
  protected admit(ticket: Ticket): void {
    const slot = this.line.occupy(undefined);
    slot.ticket = ticket;
    if (ticket.value === undefined || ticket.value === null) this.#settle(slot, SENT);
    else this.gave(slot, ticket.value);
  }

  /** Unrolls an iterable that is this node's only input: what a source returned, or an inlet was given. */
  feed(iterator: AnyIterator): void {
    this.#unroll(this.line.occupy(undefined), iterator);
    scheduler.wake(this);
  }

  #unroll(slot: Slot, iterator: AnyIterator): void {
    this.unrolling ??= new Unrolling(this);
    this.unrolling.open(slot, iterator);
  }

  // --- how it settles

  resolved(slot: Slot, value: unknown): void {
    scheduler.enter();
    if (slot.state === CALLING) this.#answered(slot, value);
    else this.unrolling?.resolved(slot, value);
    scheduler.wake(this);
  }

  rejected(slot: Slot, error: unknown): void {
    scheduler.enter();
    this.unrolling?.rejected(slot);
    this.callFailed(slot, error);
    scheduler.wake(this);
  }

  #answered(slot: Slot, value: unknown): void {
    if (value === undefined || value === null) this.#answeredNothing(slot, value);
    else if (this.#many) this.#unrollAnswer(slot, value);
    else {
      const fault = typeof value === 'object' ? faultOf(value) : undefined;
      if (fault === undefined) {
        this.processed++;
        slot.value = value;
        this.#settle(slot, VALUE);
      } else this.callFailed(slot, fault.cause);
    }
  }

  #answeredNothing(slot: Slot, value: null | undefined): void {
    // A sink without a result has done its work; `null` says that there was none to do.
    if (this.isSink && value === undefined) this.processed++;
    else {
      this.skipped++;
      if (this.#watch.skipped) this.#watch.tellSkipped(this.name, slot.input as LiveMessage);
    }
    this.#settle(slot, HOLE);
  }

  #unrollAnswer(slot: Slot, value: unknown): void {
    try {
      const iterator = openIterator(value);
      if (iterator === undefined)
        throw new TypeError(`with many: true it must return an iterable, not a ${typeof value}`);
      this.#unroll(slot, iterator);
    } catch (error) {
      this.callFailed(slot, error);
    }
  }

  gave(slot: Slot, value: unknown): void {
    if (!this.#isTransform) {
      this.#receive();
      this.processed++;
    }
    slot.value = value;
    this.#settle(slot, VALUE);
  }

  exhausted(slot: Slot): void {
    // One that an abort broke off stays in flight, to be counted among what was left.
    if (this.#isTransform && this.phase <= CUT) this.processed++;
    this.#settle(slot, EXHAUSTED);
  }

  callFailed(slot: Slot, cause: unknown): void {
    const { input } = slot;
    this.#settle(slot, slot.iterator === undefined ? HOLE : EXHAUSTED);
    if (input === undefined) {
      this.sourceFailed(cause);
      return;
    }
    this.failed++;
    this.fail(cause, input);
  }

  /** A source's function failed, or returned what it may not. */
  sourceFailed(cause: unknown): void {
    if (this.endedAsTold(cause)) return;
    this.#receive();
    this.failed++;
    this.fail(cause);
  }

  /** Has a failure go where `onError` says; after an abort, failures are of no interest any more. */
  fail(cause: unknown, input?: LiveMessage): void {
    if (this.phase > CUT) return;
    const { name, run, plan } = this;
    const error = new ProcessorError(name, 'run', input, cause);
    run.watch.tellError(error, plan.onError);
    if (plan.onError === 'skip') return;
    const owner = input?.origin.owner;
    if (owner === undefined) run.fail(error);
    else owner.fail(error);
  }

  #receive(): void {
    if (this.received++ === 0) this.startedAt = this.sequence.stamp();
  }

  #settle(slot: Slot, state: SlotState): void {
    slot.state = state;
    this.line.settle(slot);
  }

  // --- how it is delivered

  /** The first in line has its turn; only where it is settled, and nothing sent before is waited for. */
  protected deliver(slot: Slot): void {
    const isLive = this.phase < CUT;
    if (slot.state === VALUE) {
      slot.state = SENT;
      if (isLive) this.#send(slot);
      if (this.blocked > 0) return;
    }
    if (slot.state === SENT) {
      if (slot.ticket !== undefined) {
        if (isLive) slot.ticket.accept();
        else slot.ticket.refuse(this.run.refusal());
      }
      if (slot.iterator !== undefined) {
        this.line.goOn();
        this.unrolling?.goOn(slot);
        return;
      }
    } else if (slot.state === HOLE && !this.#many) this.putHoles(1);
    this.#leave(slot);
  }

  #send(slot: Slot): void {
    const { input, value } = slot;
    slot.value = undefined;
    this.sent++;
    const number = this.sequence.next();
    const origin = input === undefined ? new Origin(number, slot.ticket?.owner) : input.origin;
    // A join's row is only a frame around the messages of its branches.
    const madeFrom = this.#isJoin ? input?.madeFrom : input?.number;
    const message = new LiveMessage(value, origin, number, madeFrom, this, this.sequence.stamp());
    if (this.#watch.sent) this.#watch.tellSent(this.name, message);
    if (!this.isSink) this.put(message);
    else if (origin.owner !== undefined) origin.owner.collect(this.name, value);
    else if (this.queues.length > 0) this.put(message);
    else this.unread++;
  }

  #leave(slot: Slot): void {
    const { holesAfter } = slot;
    const owner = slot.input === undefined ? slot.ticket?.owner : slot.input.origin.owner;
    this.line.leave();
    if (holesAfter > 0) this.putHoles(holesAfter);
    owner?.release();
  }

  /** Rows without a value came in: they go on behind all that came before them. */
  protected passOn(rows: number): void {
    const { last } = this.line;
    if (last !== undefined) last.holesAfter += rows;
    else this.putHoles(rows);
  }
}
