import { StoppedError } from '../error/stopped-error.ts';
import type { NodePlan } from '../graph/plan.ts';
import type { BoundedQueue, Consumer } from '../queue/bounded-queue.ts';
import { isHole, LiveMessage } from '../queue/message.ts';
import { joinOrigins } from '../queue/origin.ts';
import { scheduler } from '../support/scheduler.ts';
import { Calls } from './calls.ts';
import { createFanIn, type FanIn, NOTHING, type RowHost } from './fan-in.ts';
import type { Host } from './host.ts';
import { Mailbox } from './mailbox.ts';
import { ABORTED, CUT, ENDED, RUNNING, STOPPING, WAITING } from './phase.ts';
import { VALUE } from './slot.ts';
import type { Unrolling } from './unrolling.ts';

/**
 * One node at work. It moves only in {@link step}, which does what can be done now and returns; it is stepped when a queue
 * gets its first item, a promise settles, or all successors have accepted what it sent. Sources, inlets and transforms are
 * one class, so that the calls between nodes stay monomorphic; they differ in where their work comes from: an iterable, a
 * mailbox, or queues. See `phase.ts` for the states of a node and `slot.ts` for those of its calls.
 */
export class Processor extends Calls implements Consumer, RowHost {
  /** Where a source or an inlet finds what it is handed. */
  readonly mailbox: Mailbox | undefined;
  /** The input queues, in the order of `graph`'s keys. */
  inputs: readonly BoundedQueue[] = [];

  #fanIn: FanIn = NOTHING;
  #isShut = false;
  /** What else must settle before the node has ended: returns of iterators, the function of an emitting source. */
  #awaited = 0;
  #stopController: AbortController | undefined = undefined;
  readonly #concurrency: number;

  constructor(plan: NodePlan, run: Host) {
    super(plan, run);
    this.mailbox = plan.kind === 'transform' ? undefined : new Mailbox();
    this.#concurrency = plan.concurrency;
  }

  connect(inputs: readonly BoundedQueue[]): void {
    this.inputs = inputs;
    this.#fanIn = createFanIn(this.plan.fanIn, inputs, this);
  }

  /** Something of this node has not returned: it is what an abort waits for. */
  get isBusy(): boolean {
    return this.phase !== ENDED && this.line.busy + this.#awaited > 0;
  }

  /** A source's own signal: it is aborted by a stop, too. */
  get stopSignal(): AbortSignal {
    this.#stopController ??= new AbortController();
    if (this.phase > RUNNING) this.#stopController.abort(this.run.refusal());
    return this.#stopController.signal;
  }

  /** Whether somebody waits for a push to be accepted, who will be told of an abort. A source's function hears of it anyway. */
  get keepsWaiting(): boolean {
    if (this.plan.kind !== 'inlet' || this.mailbox === undefined) return false;
    return this.mailbox.size > 0 || this.line.first?.ticket !== undefined;
  }

  get isWaiting(): boolean {
    return this.phase === WAITING;
  }

  override endedAsTold(error: unknown): boolean {
    if (this.mailbox === undefined || this.phase === RUNNING) return false;
    if (error instanceof StoppedError) return true;
    const reason: unknown = this.#stopController?.signal.reason;
    if (reason === undefined || !(error instanceof Error)) return false;
    return error.cause === reason || error.name === 'AbortError';
  }

  // --- what wakes it

  start(): void {
    if (this.phase !== WAITING) return;
    this.phase = !this.isSink && this.queues.length === 0 ? CUT : RUNNING;
    scheduler.wake(this);
  }

  filled(queue: BoundedQueue): void {
    if (this.#fanIn.filled(queue)) scheduler.wake(this);
  }

  protected override becameFree(): void {
    scheduler.wake(this);
  }

  protected override wasCut(): void {
    if (this.isSink || (this.phase !== RUNNING && this.phase !== STOPPING)) return;
    this.phase = CUT;
    scheduler.wake(this);
  }

  // --- what ends it

  /** Asks for no more; what a source has sent and an inlet has been handed still goes its way. */
  stop(reason: () => unknown = () => this.run.refusal()): void {
    if (this.mailbox === undefined || this.phase === ENDED) return;
    if (this.phase < STOPPING) this.phase = STOPPING;
    this.mailbox.close(reason);
    this.#stopController?.abort(this.run.refusal());
    this.unrolling?.returnAll(this.line.all);
    scheduler.wake(this);
  }

  /** Takes and sends nothing more; to be followed by {@link shut} once all nodes are told. */
  abort(): void {
    if (this.phase !== ENDED) this.phase = ABORTED;
  }

  shut(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    for (const queue of this.inputs) queue.close(this.phase === ABORTED ? 'discarded' : 'unpaired');
    const isCut = this.phase === CUT;
    const late = (): unknown =>
      new StoppedError('STOPPED', `node ${this.name} takes no more: nothing it leads to does`);
    this.mailbox?.refuseAll(isCut ? late : () => this.run.refusal());
    this.#stopController?.abort(this.run.refusal());
    this.unrolling?.returnAll(this.line.all);
    scheduler.wake(this);
  }

  /** Has something of its own awaited before the node can end. */
  override await(promise: Promise<unknown>, onReject: (error: unknown) => void): void {
    this.#awaited++;
    const settle = (): void => {
      scheduler.enter();
      this.#awaited--;
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
    } while (this.phase === RUNNING ? this.#goOn() : this.#windUp());
  }

  /** Begins the next thing that may be begun; `false` when there is none. */
  #goOn(): boolean {
    if (this.unrolling?.isReady === true) return this.#pull(this.unrolling);
    if (this.line.busy >= this.#concurrency || !scheduler.mayGoOn(this)) return false;
    return this.mailbox === undefined ? this.#take() : this.#takeTicket(this.mailbox);
  }

  /** The same for a node that is not running: not yet, or not any more. */
  #windUp(): boolean {
    if (this.phase === WAITING || this.phase === ENDED) return false;
    if (this.phase === STOPPING) return this.#goOn();
    this.shut();
    return this.unrolling?.isReady === true ? this.#pull(this.unrolling) : this.#endIfIdle();
  }

  override mayPull(): boolean {
    return this.phase === RUNNING && scheduler.mayGoOn(this);
  }

  #pull(unrolling: Unrolling): boolean {
    if (!scheduler.mayGoOn(this)) return false;
    unrolling.pull();
    return true;
  }

  #take(): boolean {
    const item = this.#fanIn.take();
    if (item !== undefined) {
      if (!isHole(item)) this.begin(item);
      else if (!this.plan.startsLane) this.passOn(item.rows);
      return true;
    }
    if (!this.#fanIn.isOver) return false;
    // A join is over with its first input: the others are left with what cannot be paired.
    for (const queue of this.inputs) queue.close('unpaired');
    return this.#endIfIdle();
  }

  #takeTicket(mailbox: Mailbox): boolean {
    const ticket = mailbox.take();
    if (ticket === undefined) return mailbox.isOver && this.#endIfIdle();
    this.admit(ticket);
    return true;
  }

  #endIfIdle(): boolean {
    if (this.line.busy + this.#awaited > 0) return false;
    this.endedAt = this.sequence.stamp();
    this.phase = ENDED;
    this.endQueues();
    this.run.ended(this);
    return false;
  }

  // --- what a join needs

  row(payload: Readonly<Record<string, unknown>>, messages: readonly LiveMessage[]): LiveMessage {
    const origin = joinOrigins(messages.map((message) => message.origin));
    origin.owner?.hold(1);
    for (const message of messages) message.origin.owner?.release();
    const numbers = messages.map(({ number }) => number);
    return new LiveMessage(payload, origin, this.sequence.next(), numbers, this, this.sequence.stamp());
  }

  lost(rows: number, messages: readonly LiveMessage[]): void {
    if (this.received === 0) this.startedAt = this.sequence.stamp();
    this.received += rows;
    this.skipped += rows;
    for (const message of messages) {
      if (this.run.watch.skipped) this.run.watch.tellSkipped(this.name, message);
      message.origin.owner?.release();
    }
  }
}
