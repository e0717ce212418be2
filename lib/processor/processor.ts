import type { NodePlan } from '../graph/plan.ts';
import type { BoundedQueue, Consumer } from '../queue/bounded-queue.ts';
import { LiveMessage } from '../queue/message.ts';
import { joinOrigins } from '../queue/origin.ts';
import { scheduler } from '../support/scheduler.ts';
import { Calls, type CallsHost } from './calls.ts';
import { createFanIn, type FanIn, NOTHING, type RowHost } from './fan-in.ts';
import type { Host } from './host.ts';
import { Mailbox } from './mailbox.ts';
import { Outlet, type OutletHost } from './outlet.ts';
import { ABORTED, CUT, ENDED, type Phase, RUNNING, STOPPING, WAITING } from './phase.ts';
import type { AnyIterator } from './slot.ts';

/**
 * One node at work. It moves only in {@link step}, which does what can be done now and returns; it is stepped when a queue
 * gets its first item, a promise settles, or the outlet is free again. Sources, inlets and transforms are one class, so
 * that the calls between nodes stay monomorphic; they differ in where their work comes from: an iterable, a mailbox, or
 * queues. See `phase.ts` for the states of a node and `slot.ts` for those of its calls.
 */
export class Processor implements Consumer, OutletHost, RowHost, CallsHost {
  readonly plan: NodePlan;
  readonly name: string;
  readonly run: Host;
  /** What this run's `setup` returned. */
  state: unknown = undefined;
  queued = false;
  readonly outlet: Outlet;
  readonly calls: Calls;
  /** Where a source or an inlet finds what it is handed. */
  readonly mailbox: Mailbox | undefined;
  /** The input queues, in the order of `graph`'s keys. */
  inputs: readonly BoundedQueue[] = [];

  #phase: Phase = WAITING;
  #fanIn: FanIn = NOTHING;
  #isShut = false;
  /** What else must settle before the node has ended: returns of iterators, the function of an emitting source. */
  #awaited = 0;
  #stopController: AbortController | undefined = undefined;
  // Of the plan, what every message needs.
  readonly #concurrency: number;
  readonly #isSink: boolean;

  constructor(plan: NodePlan, run: Host) {
    this.plan = plan;
    this.name = plan.name;
    this.run = run;
    this.outlet = new Outlet(this);
    this.mailbox = plan.kind === 'transform' ? undefined : new Mailbox();
    this.#concurrency = plan.concurrency;
    this.#isSink = plan.outputs.length === 0;
    this.calls = new Calls(this);
  }

  connect(inputs: readonly BoundedQueue[]): void {
    this.inputs = inputs;
    this.#fanIn = createFanIn(this.plan.fanIn, inputs, this);
  }

  get args(): Readonly<Record<string, unknown>> {
    return this.plan.args;
  }

  get isRunning(): boolean {
    return this.#phase === RUNNING;
  }

  get isLive(): boolean {
    return this.#phase < CUT;
  }

  get isAborted(): boolean {
    return this.#phase >= ABORTED;
  }

  get hasEnded(): boolean {
    return this.#phase === ENDED;
  }

  /** Something of this node has not returned: it is what an abort waits for. */
  get isBusy(): boolean {
    return this.#phase !== ENDED && this.calls.busy + this.#awaited > 0;
  }

  /** A source's own signal: it is aborted by a stop, too. */
  get stopSignal(): AbortSignal {
    this.#stopController ??= new AbortController();
    if (this.#phase > RUNNING) this.#stopController.abort(this.run.refusal());
    return this.#stopController.signal;
  }

  // --- what wakes it

  start(): void {
    if (this.#phase !== WAITING) return;
    this.#phase = !this.#isSink && this.outlet.queues.length === 0 ? CUT : RUNNING;
    scheduler.wake(this);
  }

  filled(queue: BoundedQueue): void {
    if (this.#fanIn.filled(queue)) scheduler.wake(this);
  }

  free(): void {
    scheduler.wake(this);
  }

  cut(): void {
    if (this.#isSink || (this.#phase !== RUNNING && this.#phase !== STOPPING)) return;
    this.#phase = CUT;
    scheduler.wake(this);
  }

  // --- what ends it

  /** Asks for no more; what a source has sent and an inlet has been handed still goes its way. */
  stop(reason: () => unknown = () => this.run.refusal()): void {
    if (this.mailbox === undefined || this.#phase === ENDED) return;
    if (this.#phase < STOPPING) this.#phase = STOPPING;
    this.mailbox.close(reason);
    this.#stopController?.abort(this.run.refusal());
    this.calls.returnIterators();
    scheduler.wake(this);
  }

  /** Takes and sends nothing more; to be followed by {@link shut} once all nodes are told. */
  abort(): void {
    if (this.#phase !== ENDED) this.#phase = ABORTED;
  }

  shut(): void {
    if (this.#isShut) return;
    this.#isShut = true;
    for (const queue of this.inputs) queue.close(this.#phase === ABORTED ? 'discarded' : 'unpaired');
    this.mailbox?.refuseAll(() => this.run.refusal());
    this.#stopController?.abort(this.run.refusal());
    this.calls.returnIterators();
    scheduler.wake(this);
  }

  /** Has something of its own awaited before the node can end. */
  await(promise: Promise<unknown>, onReject: (error: unknown) => void): void {
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

  step(): void {
    while (this.#move());
  }

  /** The next thing that can be done now; `false` when there is none. */
  #move(): boolean {
    const { calls } = this;
    if (calls.hasResult && this.outlet.blocked === 0) {
      calls.deliver();
      return true;
    }
    if (this.#phase !== RUNNING && !this.#mayTake()) return false;
    if (calls.canPull) {
      if (!scheduler.mayGoOn(this)) return false;
      calls.pull();
      return true;
    }
    if (this.#phase > STOPPING) return this.#endIfIdle();
    if (calls.busy >= this.#concurrency || !scheduler.mayGoOn(this)) return false;
    return this.mailbox === undefined ? this.#take() : this.#takeTicket(this.mailbox);
  }

  /** Where it is not running: whether there can be something to do at all. */
  #mayTake(): boolean {
    if (this.#phase === WAITING || this.#phase === ENDED) return false;
    if (this.#phase > STOPPING) this.shut();
    return true;
  }

  #take(): boolean {
    const item = this.#fanIn.take();
    if (item === undefined) {
      if (!this.#fanIn.isOver) return false;
      // A join is over with its first input: the others are left with what cannot be paired.
      for (const queue of this.inputs) queue.close('unpaired');
      return this.#endIfIdle();
    }
    if (item instanceof LiveMessage) this.calls.begin(item);
    else if (!this.plan.startsLane) this.calls.passOn(item.rows);
    return true;
  }

  #takeTicket(mailbox: Mailbox): boolean {
    const ticket = mailbox.take();
    if (ticket === undefined) return mailbox.isOver && this.#endIfIdle();
    this.calls.take(ticket);
    return true;
  }

  feed(iterator: AnyIterator): void {
    this.calls.feed(iterator);
    scheduler.wake(this);
  }

  #endIfIdle(): boolean {
    if (this.calls.busy + this.#awaited > 0) return false;
    this.calls.counters.endedAt = this.run.stamp();
    this.#phase = ENDED;
    this.outlet.end();
    this.run.ended(this);
    return false;
  }

  // --- what a join needs

  row(payload: Readonly<Record<string, unknown>>, messages: readonly LiveMessage[]): LiveMessage {
    const origin = joinOrigins(messages.map((message) => message.origin));
    origin.owner?.hold(1);
    for (const message of messages) message.origin.owner?.release();
    const numbers = messages.map(({ number }) => number);
    return new LiveMessage(payload, origin, this.run.nextNumber(), numbers, this, this.run.stamp());
  }

  lost(messages: readonly LiveMessage[]): void {
    this.calls.counters.received++;
    this.calls.counters.skipped++;
    for (const message of messages) {
      if (this.run.watch.skipped) this.run.watch.tellSkipped(this.name, message);
      message.origin.owner?.release();
    }
  }
}
