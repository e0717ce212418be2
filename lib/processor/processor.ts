import { StoppedError } from '../error/stopped-error.ts';
import type { NodePlan } from '../graph/plan.ts';
import { type BoundedQueue, type Consumer, hasNews } from '../queue/bounded-queue.ts';
import { type Hole, isHole, type LiveMessage } from '../queue/message.ts';
import { scheduler } from '../support/scheduler.ts';
import { BatchedCalls } from './batched-calls.ts';
import { createFanIn, type FanIn, NOTHING } from './fan-in.ts';
import type { Host } from './host.ts';
import type { Loop, Round } from './loop.ts';
import type { Mailbox } from './mailbox.ts';
import { ABORTED, CUT, ENDED, PAUSED, RUNNING, STOPPING, WAITING } from './phase.ts';
import { VALUE } from './slot.ts';
import type { Unrolling } from './unrolling.ts';
import { createMailbox } from './waiting-room.ts';

/**
 * One node at work. It moves only in {@link step}, which does what can be done now and returns; it is stepped when a queue
 * gets its first item, a promise settles, or all successors have accepted what it sent. Sources, inlets and transforms are
 * one class, so that the calls between nodes stay monomorphic; they differ in where their work comes from: an iterable, a
 * mailbox, or queues. See `phase.ts` for the states of a node and `slot.ts` for those of its calls.
 */
export class Processor extends BatchedCalls implements Consumer {
  /** Where a source or an inlet finds what it is handed. */
  readonly mailbox: Mailbox | undefined;
  /** The input queues, in the order of `graph`'s keys. */
  inputs: readonly BoundedQueue[] = [];

  private fanIn: FanIn = NOTHING;
  private only: BoundedQueue | undefined = undefined;
  private loop: Loop | undefined = undefined;
  private isShut = false;
  /** What else must settle before the node has ended: returns of iterators, the function of an emitting source. */
  private awaited = 0;
  private stopController: AbortController | undefined = undefined;

  constructor(plan: NodePlan, run: Host) {
    super(plan, run);
    this.mailbox = plan.kind === 'transform' ? undefined : createMailbox(this);
  }

  connect(inputs: readonly BoundedQueue[]): void {
    this.inputs = inputs;
    // None that is held goes straight from its sender's hands into a call.
    this.only = inputs.length === 1 && !this.traits.holds ? inputs[0] : undefined;
    if (this.only === undefined) this.fanIn = createFanIn(this.plan, inputs, this);
  }

  /** Makes it part of a loop, whose `head` takes for it what comes back. */
  join(loop: Loop, head: FanIn | undefined): void {
    this.loop = loop;
    // The loop has to know of every message that moves in it, so none goes straight from hand to hand.
    this.only = undefined;
    this.fanIn = head ?? createFanIn(this.plan, this.inputs, this);
  }

  /** What comes back to it and is too much for it to take from outside. */
  get fullRound(): Round | undefined {
    return this.isRunning ? this.fanIn.fullRound : undefined;
  }

  /** Of its readers' queues if it is a sink. */
  get queueSize(): number {
    return this.plan.readerQueueSize;
  }

  /** Something of this node has not returned: it is what an abort waits for. */
  get isBusy(): boolean {
    return this.line.busy + this.awaited > 0;
  }

  /**
   * Something that is no node of the pipeline may set it going: a function that runs, or holds a key after its time is up,
   * an iterator that returns. What the function of a source emits while it waits for room changes nothing.
   */
  get isAtWork(): boolean {
    if (this.line.running > 0 || (this.awaited > 0 && this.blocked === 0)) return true;
    return this.line.keyed?.isHeldUp === true;
  }

  /** A source's own signal: it is aborted by a stop, too. */
  get stopSignal(): AbortSignal {
    this.stopController ??= new AbortController();
    if (this.phase > RUNNING) this.stopController.abort(this.run.refusal());
    return this.stopController.signal;
  }

  /** Whether somebody waits for a push to be accepted, who will be told of an abort; a source's function hears of it anyway. */
  get keepsWaiting(): boolean {
    if (this.plan.kind !== 'inlet' || this.mailbox === undefined) return false;
    return this.mailbox.keepsWaiting || this.unaccepted?.isSettled === false;
  }

  get isWaiting(): boolean {
    return this.phase === WAITING;
  }

  override endedAsTold(error: unknown): boolean {
    if (this.isRunning) return false;
    if (error instanceof StoppedError) return true;
    const reason: unknown = this.stopController?.signal.reason;
    if (reason === undefined || !(error instanceof Error)) return false;
    return error.cause === reason || error.name === 'AbortError';
  }

  // --- what wakes it

  start(): void {
    if (this.phase !== WAITING) return;
    this.phase = !this.traits.isSink && this.queues.length === 0 ? CUT : RUNNING;
    // One that takes from queues will be woken when there is something, unless a stop has ended them before.
    const { inputs } = this;
    if (inputs.length === 0 || this.phase === CUT || inputs.some(hasNews)) scheduler.wake(this);
  }

  filled(queue: BoundedQueue): void {
    if (this.only === undefined && !this.fanIn.filled(queue)) return;
    // One with all its hands full looks for itself when a call has settled.
    if (this.line.busy < this.traits.places || this.phase !== RUNNING) scheduler.wake(this);
  }

  get isReady(): boolean {
    if (this.only === undefined || this.phase !== RUNNING || this.line.busy >= this.traits.places)
      return false;
    return scheduler.mayGoOn(this);
  }

  give(message: LiveMessage): void {
    if (this.begin(message)) scheduler.wake(this);
  }

  protected override becameBlocked(): void {
    this.run.suspect();
  }

  protected override becameFree(): void {
    this.run.suspect();
    scheduler.wake(this);
  }

  override closed(queue: BoundedQueue): void {
    super.closed(queue);
    this.loop?.lostExit();
  }

  override wasCut(): void {
    if (this.traits.isSink || this.phase === WAITING || this.phase > STOPPING) return;
    this.phase = CUT;
    scheduler.wake(this);
  }

  // --- what ends it

  /** Asks for no more; what a source has sent and an inlet has been handed still goes its way. */
  stop(reason: () => unknown = () => this.run.refusal()): void {
    if (this.mailbox === undefined || this.phase === ENDED) return;
    if (this.phase < STOPPING) this.phase = STOPPING;
    this.mailbox.close(reason);
    this.stopController?.abort(this.run.refusal());
    this.unrolling?.returnAll(this.line.all);
    scheduler.wake(this);
  }

  /** Takes and sends nothing more; to be followed by {@link shut} once all nodes are told. */
  abort(): void {
    if (this.phase !== ENDED) this.phase = ABORTED;
    this.unaccepted?.refuse(this.run.refusal());
  }

  shut(): void {
    // Not before all nodes and callers know: a place in a pool that is given back would let their calls begin.
    if (this.phase === ABORTED) this.tellAbort();
    if (this.isShut) return;
    this.isShut = true;
    for (const queue of this.inputs) queue.close(this.phase === ABORTED ? 'discarded' : 'unpaired');
    this.letHeldGo();
    const late = () =>
      new StoppedError('STOPPED', `node ${this.name} takes no more: nothing it leads to does`);
    this.mailbox?.refuseAll(this.phase === CUT ? late : () => this.run.refusal());
    this.stopController?.abort(this.run.refusal());
    this.unrolling?.returnAll(this.line.all);
    scheduler.wake(this);
  }

  /** Has something of its own awaited before the node can end. */
  override await(promise: Promise<unknown>, onReject: (error: unknown) => void): void {
    this.awaited++;
    const settle = (): void => {
      scheduler.enter();
      this.awaited--;
      scheduler.wake(this);
    };
    promise.then(settle, (error) => {
      onReject(error);
      settle();
    });
  }

  // --- what it does

  override step(): void {
    const { line } = this;
    do {
      while (line.first !== undefined && line.first.state >= VALUE && this.blocked === 0)
        this.deliver(line.first);
    } while (this.phase === RUNNING ? this.goOn() : this.windUp());
    if (this.loop !== undefined) this.loop.moved();
  }

  /** Begins the next thing that may be begun; `false` when there is none. */
  private goOn(): boolean {
    if (this.only === undefined || this.unrolling !== undefined) return this.goOnOtherwise();
    return this.line.busy < this.traits.places && this.takeFrom(this.only);
  }

  /** The same where more than one thing may be next. */
  private goOnOtherwise(): boolean {
    if (this.unrolling?.isReady === true) return this.pull(this.unrolling);
    if (this.traits.holds && this.heldMayBegin) return this.beginNext();
    if (this.line.busy >= this.traits.places) return this.letLostGo();
    if (this.traits.holds && !this.mayHold) return false;
    if (this.mailbox !== undefined) return this.takeTicket(this.mailbox);
    return this.only === undefined ? this.take() : this.takeFrom(this.only);
  }

  /** The same for a node that is not running: not yet, or not any more. */
  private windUp(): boolean {
    if (this.phase === WAITING || this.phase === PAUSED || this.phase === ENDED) return false;
    if (this.phase === STOPPING) return this.goOn();
    this.shut();
    return this.unrolling?.isReady === true ? this.pull(this.unrolling) : this.endIfIdle();
  }

  override mayPull(): boolean {
    return this.phase === RUNNING && scheduler.mayGoOn(this);
  }

  private pull(unrolling: Unrolling): boolean {
    const mayGoOn = scheduler.mayGoOn(this);
    if (mayGoOn) unrolling.pull();
    return mayGoOn;
  }

  private beginNext(): boolean {
    const mayGoOn = scheduler.mayGoOn(this);
    if (mayGoOn) this.beginHeld();
    return mayGoOn;
  }

  private takeFrom(only: BoundedQueue): boolean {
    // Whether there is anything is asked first: of a node that is ahead, the queue is empty after every call.
    if (!only.hasNext) return only.isOver && this.isOver();
    if (!scheduler.mayGoOn(this)) return false;
    const item = only.take() as LiveMessage | Hole;
    if (isHole(item)) this.tookHoles(item);
    else this.begin(item);
    return true;
  }

  private take(): boolean {
    if (!scheduler.mayGoOn(this)) return false;
    const item = this.fanIn.take();
    if (item === undefined) return this.fanIn.isOver && this.isOver();
    if (isHole(item)) this.tookHoles(item);
    else if (this.traits.holds) this.hold(item);
    else this.begin(item);
    return true;
  }

  private tookHoles({ rows }: Hole): void {
    if (!this.plan.startsLane) this.passOn(rows);
  }

  private isOver(): boolean {
    // A join is over with its first input: the others are left with what cannot be paired.
    for (const queue of this.inputs) queue.close('unpaired');
    return this.inputsOver() || this.endIfIdle();
  }

  private takeTicket(mailbox: Mailbox): boolean {
    if (!scheduler.mayGoOn(this)) return false;
    const ticket = mailbox.take();
    if (ticket === undefined) return mailbox.isOver && this.endIfIdle();
    if (isHole(ticket)) this.passOn(ticket.rows);
    else this.admit(ticket);
    return true;
  }

  private endIfIdle(): boolean {
    if (this.line.busy + this.awaited > 0) return false;
    this.endedAt = this.sequence.stamp();
    this.phase = ENDED;
    this.endQueues();
    this.deadLetters?.end();
    this.run.ended(this);
    return false;
  }
}
