import type { NodePlan } from '../graph/plan.ts';
import type { LiveMessage } from '../queue/message.ts';
import { contexts, within } from '../support/async-context.ts';
import { scheduler, type Task } from '../support/scheduler.ts';
import type { AttemptHost, Pause, Run } from './attempt.ts';
import { attempting } from './attempting.ts';
import { CallContext } from './context.ts';
import type { Host } from './host.ts';
import { asPromise, faultOf, openIterator } from './iterate.ts';
import { Judging } from './judging.ts';
import type { Ticket } from './mailbox.ts';
import { ABORTED, CUT, ENDED, STOPPING, WAITING } from './phase.ts';
import { probed } from './probing.ts';
import { type AnyIterator, CALLING, EXHAUSTED, HOLE, SENT, type Slot, VALUE } from './slot.ts';
import { type Unfinished, unfinishedOf } from './unfinished.ts';
import { Unrolling, type UnrollingHost } from './unrolling.ts';

/**
 * The calls of a node's function: begun with a message, settled with a value, nothing or a failure. For a source or an
 * inlet there is no function, and what settles is an item or a ticket.
 */
export abstract class Calls extends Judging implements UnrollingHost, AttemptHost, Task {
  /** What this run's `setup` returned. */
  state: unknown = undefined;
  queued = false;
  /** Whom to tell of an abort. */
  private heedful: Set<() => void> | undefined = undefined;
  /** Messages whose calls wait for something else than their function. */
  private pauses: Map<LiveMessage, Pause> | undefined = undefined;

  /** The stamp of its end. */
  endedAt = 0;

  /** An inlet has none, nor has a subgraph's: see {@link begin}. */
  fn: Run;

  constructor(plan: NodePlan, run: Host) {
    super(plan, run);
    this.fn = attempting(plan, this);
  }

  abstract step(): void;
  abstract mayPull(): boolean;
  abstract outlived(message: LiveMessage, promise: Promise<unknown>): void;
  abstract turnOf(message: LiveMessage): Promise<unknown> | undefined;
  abstract await(promise: Promise<unknown>, onReject: (error: unknown) => void): void;

  get args(): Readonly<Record<string, unknown>> {
    return this.plan.args;
  }

  get isRunning(): boolean {
    return this.phase > WAITING && this.phase < STOPPING;
  }

  get hasEnded(): boolean {
    return this.phase === ENDED;
  }

  paused(message: LiveMessage, by: Pause | undefined): void {
    if (by === undefined) {
      this.pauses?.delete(message);
      return;
    }
    this.pauses ??= new Map();
    this.pauses.set(message, by);
  }

  // Not by way of the pipeline's signal: one is not made unless a function reads it, and to listen costs as much as a call.
  onAbort(callback: () => void): () => void {
    this.heedful ??= new Set();
    if (this.phase === ABORTED) callback();
    else this.heedful.add(callback);
    return () => this.heedful?.delete(callback);
  }

  protected tellAbort(): void {
    for (const callback of this.heedful ?? []) callback();
    this.heedful = undefined;
  }

  /** Messages in hand, and values that are none yet, of which something was still to come. */
  get unfinished(): Unfinished[] {
    return unfinishedOf(this.line.inOrder, this.phase, this.pauses, (slot) => this.isBegun(slot));
  }

  /** Whether the function works on what waits in this place, together with others. */
  protected abstract isBegun(slot: Slot): boolean;

  // --- how a call begins

  /** Whether it has left something to do for the node's next step. */
  protected begin(message: LiveMessage): boolean {
    this.receive();
    if (this.fn === undefined) return this.pass(message);
    let answer: unknown;
    let promise: Promise<unknown> | undefined;
    try {
      answer = this.invoke(message);
      promise = asPromise(answer);
    } catch (error) {
      this.callFailed(this.line.occupy(message), error);
      return true;
    }
    if (promise === undefined) return this.answeredAtOnce(message, answer);
    const slot = this.line.occupy(message);
    slot.state = CALLING;
    slot.follow(promise);
    return false;
  }

  private answeredAtOnce(message: LiveMessage, answer: unknown): boolean {
    if (this.line.busy === 0 && this.answeredNow(message, answer)) return false;
    const slot = this.line.occupy(message);
    slot.state = CALLING;
    this.answered(slot, answer);
    return true;
  }

  /** Begins the call of a message that stands in line already. */
  protected call(slot: Slot): void {
    const message = slot.input as LiveMessage;
    let answer: unknown;
    let promise: Promise<unknown> | undefined;
    slot.state = CALLING;
    try {
      answer = this.invoke(message);
      promise = asPromise(answer);
    } catch (error) {
      this.callFailed(slot, error);
      return;
    }
    if (promise === undefined) this.answered(slot, answer);
    else slot.follow(promise);
  }

  /** Calls the function with a message. */
  protected invoke(message: LiveMessage): unknown {
    const run = this.fn;
    const context = new CallContext(this, message);
    if (!contexts.isInUse) return run(message.payload, context);
    return within(this.scopeOf(message), run, message.payload, context);
  }

  /** A subgraph's inlet: what comes in goes on as it is, be it a promise or a generator. */
  private pass(message: LiveMessage): boolean {
    this.run.tracer?.began(this.name, message, this.traits.framesInput)('returned');
    if (this.answeredNow(message, message.payload)) return false;
    const slot = this.line.occupy(message);
    this.processed++;
    slot.value = message.payload;
    this.settle(slot, VALUE);
    return true;
  }

  /** An answer that is sent on at once needs no place in line: 40 % of a hop of synchronous functions. */
  private answeredNow(message: LiveMessage, answer: unknown): boolean {
    if (!scheduler.descend()) return false;
    const isSent = this.sentOn(message, answer);
    scheduler.ascend();
    if (isSent && this.blocked === 0) message.origin.owner?.release();
    else if (isSent) this.settle(this.line.occupy(message), SENT);
    return isSent;
  }

  /** Sends an answer on at once, where it is a plain one. Of what was sent before, what is waited for stands in line. */
  private sentOn(message: LiveMessage, answer: unknown): boolean {
    if (this.phase >= CUT) return false;
    const isDone = answer === undefined && this.traits.isSink;
    if (!isDone && (answer === undefined || answer === null || this.traits.isMany)) return false;
    if (typeof answer === 'object' && this.fn !== undefined && faultOf(answer) !== undefined) return false;
    this.processed++;
    if (!isDone) this.sendFor(message, answer);
    return true;
  }

  /** A value from outside: there is nothing to call. */
  protected admit(ticket: Ticket): void {
    const slot = this.line.occupy(undefined);
    slot.ticket = ticket;
    if (ticket.value === undefined || ticket.value === null) this.settle(slot, SENT);
    else this.gave(slot, ticket.value);
  }

  /** Unrolls an iterable that is this node's only input: what a source returned, or an inlet was given. */
  feed(iterator: AnyIterator): void {
    this.unroll(this.line.occupy(undefined), iterator);
    scheduler.wake(this);
  }

  private unroll(slot: Slot, iterator: AnyIterator): void {
    this.unrolling ??= new Unrolling(this);
    this.unrolling.open(slot, probed(iterator, this.probes));
  }

  // --- how it settles

  override resolved(slot: Slot, value: unknown): void {
    scheduler.enter();
    // The first in line need not wait for a step to be sent on: 6 % of a hop.
    if (slot.state === CALLING && this.mayPass(slot, value) && scheduler.begin()) {
      const input = slot.input as LiveMessage;
      this.processed++;
      slot.state = SENT;
      this.sendFor(input, value);
      if (this.blocked === 0 && slot.holesAfter === 0) {
        this.line.pass();
        input.origin.owner?.release();
      }
      scheduler.end(this);
      return;
    }
    if (slot.state === CALLING) this.answered(slot, value);
    else (this.unrolling as Unrolling).resolved(slot, value);
    scheduler.wake(this);
  }

  /** Whether a value can be sent on as soon as it is there. */
  private mayPass(slot: Slot, value: unknown): boolean {
    if (!this.traits.isPlain || slot !== this.line.first || this.phase >= CUT) return false;
    return typeof value === 'object' ? value !== null && faultOf(value) === undefined : value !== undefined;
  }

  override rejected(slot: Slot, error: unknown): void {
    scheduler.enter();
    if (this.unrolling === undefined) this.callFailed(slot, error);
    else this.unrolling.rejected(slot, error);
    scheduler.wake(this);
  }

  /** A call has settled with a value. */
  protected answered(slot: Slot, value: unknown): void {
    if (value === undefined || value === null) this.answeredNothing(slot, value);
    else if (this.traits.isMany) this.unrollAnswer(slot, value);
    else {
      const fault = typeof value === 'object' ? faultOf(value) : undefined;
      if (fault === undefined) {
        this.processed++;
        slot.value = value;
        this.settle(slot, VALUE);
      } else this.callFailed(slot, fault.cause);
    }
  }

  protected answeredNothing(slot: Slot, value: null | undefined): void {
    // A sink without a result has done its work; `null` says that there was none to do.
    if (this.traits.isSink && value === undefined) this.processed++;
    else {
      this.skipped++;
      if (this.watch.skipped) this.watch.tellSkipped(this.name, slot.input as LiveMessage);
    }
    this.settle(slot, HOLE);
  }

  private unrollAnswer(slot: Slot, value: unknown): void {
    try {
      const iterator = within(this.scopeOf(slot.input), openIterator, value);
      if (iterator === undefined)
        throw new TypeError(`with many: true it must return an iterable, not a ${typeof value}`);
      this.unroll(slot, iterator);
    } catch (error) {
      this.callFailed(slot, error);
    }
  }

  gave(slot: Slot, value: unknown): void {
    this.countItem();
    slot.value = value;
    this.settle(slot, VALUE);
  }

  gaveNow(slot: Slot, value: unknown): boolean {
    if (slot !== this.line.first || this.phase >= CUT) {
      this.gave(slot, value);
      return false;
    }
    this.countItem();
    if (!this.sendFrom(slot, value)) {
      this.giveUp(slot);
      this.settle(slot, EXHAUSTED);
      return false;
    }
    if (this.blocked === 0) return true;
    this.settle(slot, SENT);
    return false;
  }

  private countItem(): void {
    if (this.traits.isTransform) return;
    this.receive();
    this.processed++;
  }

  exhausted(slot: Slot): void {
    // One that an abort broke off stays in flight, to be counted among what was left.
    if (this.traits.isTransform && this.phase <= CUT) this.processed++;
    this.settle(slot, EXHAUSTED);
  }
}
