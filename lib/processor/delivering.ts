import { OverflowError } from '../error/overflow-error.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { NodePlan, NodeTraits } from '../graph/plan.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import { LiveMessage } from '../queue/message.ts';
import { Origin } from '../queue/origin.ts';
import type { Scope } from '../support/async-context.ts';
import { DeadLetterOutlet } from './dead-letter-outlet.ts';
import type { Host, Watch } from './host.ts';
import { Keyed } from './keyed.ts';
import { Line } from './line.ts';
import { Outlet } from './outlet.ts';
import { CUT, type Phase, WAITING } from './phase.ts';
import { type Parcel, Routing } from './routing.ts';
import type { Sequence } from './sequence.ts';
import { DEAD, EXHAUSTED, HOLE, SENT, type Slot, type SlotHost, type SlotState, VALUE } from './slot.ts';
import type { Unrolling } from './unrolling.ts';

/** What calls have settled with goes out in line: a value to all successors, a row without one as a hole. */
// A part of the node by inheritance, as the outlet is: one object per node keeps an idle pipeline small.
export abstract class Delivering extends Outlet implements SlotHost {
  readonly plan: NodePlan;
  readonly name: string;
  readonly run: Host;
  readonly line: Line;
  phase: Phase = WAITING;
  unrolling: Unrolling | undefined = undefined;
  /** Where its dead letters go; only if it may send any. */
  readonly deadLetters: DeadLetterOutlet | undefined;

  sent = 0;
  /** What a sink returned and nobody read, or a reader left behind. */
  unread = 0;

  // Of the plan and the run, what every message needs.
  readonly sequence: Sequence;
  readonly watch: Watch;
  protected readonly traits: NodeTraits;

  constructor(plan: NodePlan, run: Host) {
    super();
    this.plan = plan;
    this.name = plan.name;
    this.run = run;
    const keyed = plan.keyBy === undefined ? undefined : new Keyed(plan.keyBy, plan.concurrency);
    this.line = new Line(this, plan.order === 'input', keyed);
    this.sequence = run.sequence;
    this.watch = run.watch;
    this.traits = plan.traits;
    this.deadLetters = plan.canDeadLetter ? new DeadLetterOutlet(this, plan.queueSize) : undefined;
    this.routing = Routing.of(plan);
  }

  abstract readonly hasEnded: boolean;
  abstract resolved(slot: Slot, value: unknown): void;
  abstract rejected(slot: Slot, error: unknown): void;
  /** A value could not be sent: the call that gave it has failed. */
  protected abstract sendFailed(cause: unknown, input: LiveMessage): void;

  /** The async context in which a function works on a message. */
  scopeOf(input: LiveMessage | undefined): Scope | undefined {
    return input?.origin.scope ?? this.run.scope;
  }

  /** Messages it has taken and not accounted for. */
  get inHand(): number {
    return this.line.busy;
  }

  /** Calls, and items asked of iterables, that have not been answered. */
  get running(): number {
    return this.line.running;
  }

  /** What was handed in and has not been accepted yet; while it is being sent, nobody can tell. */
  protected get unaccepted(): Slot['ticket'] {
    const { first } = this.line;
    return first?.state === VALUE || this.blocked > 0 ? first?.ticket : undefined;
  }

  protected settle(slot: Slot, state: SlotState): void {
    slot.state = state;
    this.line.settle(slot);
  }

  /** The first in line has its turn; only where it is settled, and nothing sent before is waited for. */
  protected deliver(slot: Slot): void {
    // Asked before it is sent: what is accepted may be what makes the pipeline fail.
    const isLive = this.phase < CUT;
    if (slot.state === VALUE) {
      const { value } = slot;
      slot.value = undefined;
      slot.state = SENT;
      if (isLive && !this.sendFrom(slot, value)) this.giveUp(slot);
      // A call keeps its place until what it sent is accepted.
      if (this.blocked > 0) return;
    } else if (slot.state === DEAD) {
      this.bury(slot);
      if (this.blocked > 0) return;
    }
    if (slot.ticket !== undefined && slot.state === SENT) {
      if (isLive) slot.ticket.accept();
      else slot.ticket.refuse(this.run.refusal());
    }
    if (slot.iterator !== undefined && slot.state === SENT) {
      this.line.goOn();
      (this.unrolling as Unrolling).goOn(slot);
      return;
    }
    if (slot.state === HOLE && this.traits.leavesHoles) this.putHoles(1);
    this.leave(slot);
  }

  private bury(slot: Slot): void {
    const { value, input } = slot;
    slot.value = undefined;
    slot.state = slot.iterator === undefined ? HOLE : EXHAUSTED;
    this.sendLetter(value as DeadLetter, input as LiveMessage);
  }

  protected sendLetter(letter: DeadLetter, input: LiveMessage): void {
    const { deadLetters } = this;
    if (deadLetters === undefined) return;
    // A node whose values nobody takes has failures all the same.
    if (this.phase <= CUT) deadLetters.send(letter, input, this.parentsOf(input));
    else deadLetters.unread++;
  }

  /** What it gave could not be sent: it ends as if it had failed in place of giving it. */
  protected giveUp(slot: Slot): void {
    slot.ticket?.accept();
    if (slot.iterator !== undefined) this.unrolling?.giveUp(slot);
    slot.state = EXHAUSTED;
    this.line.keyed?.settled(slot);
  }

  /** Sends a value in a slot's turn; `false` if it could not be sent. */
  protected sendFrom({ input, ticket }: Slot, value: unknown): boolean {
    if (input !== undefined) return this.sendFor(input, value);
    const number = this.sequence.next();
    const origin = new Origin(number, ticket?.owner, ticket?.scope);
    return this.send(
      new LiveMessage(value, origin, number, undefined, this, this.sequence.stamp()),
      undefined,
    );
  }

  /** Sends what was made of a message; `false` if it could not be sent. */
  protected sendFor(input: LiveMessage, value: unknown): boolean {
    const { sequence } = this;
    const parents = this.parentsOf(input);
    return this.send(
      new LiveMessage(value, input.origin, sequence.next(), parents, this, sequence.stamp()),
      input,
    );
  }

  private parentsOf(input: LiveMessage): LiveMessage['madeFrom'] {
    return this.traits.framesInput ? this.partsOf(input) : input.number;
  }

  /** A join's row is only a frame around the messages of its branches. */
  protected partsOf(input: LiveMessage): LiveMessage['madeFrom'] {
    return this.traits.isJoin ? input.madeFrom : input.number;
  }

  private send(message: LiveMessage, input: LiveMessage | undefined): boolean {
    if (!this.traits.isPlain || this.watch.sent) return this.sendSpecially(message, input);
    this.sent++;
    this.put(message);
    return true;
  }

  /** Where not just every queue gets it. */
  private sendSpecially(message: LiveMessage, input: LiveMessage | undefined): boolean {
    const { owner } = message.origin;
    const parcels = this.routing === undefined ? undefined : this.route(this.routing, message, input);
    if (parcels === null) return false;
    this.sent++;
    if (this.watch.sent) this.watch.tellSent(this.name, message);
    if (this.traits.isSink && owner !== undefined) owner.collect(this.plan.knownAs, message.payload);
    else if (this.traits.isSink && this.queues.length === 0) this.unread++;
    else if (parcels === undefined) this.put(message);
    else this.putParcels(parcels);
    return true;
  }

  /** What each successor gets; `null` if it cannot be said, which is a failure of this node and leaves a hole. */
  private route(routing: Routing, message: LiveMessage, input: LiveMessage | undefined): Parcel[] | null {
    const isCollected = this.traits.isSink && message.origin.owner !== undefined;
    try {
      return routing.parcels(message, isCollected ? [] : this.queues, this.scopeOf(message));
    } catch (error) {
      this.sendFailed(error, input ?? message);
      if (!this.traits.isMany) this.putHoles(1);
      return null;
    }
  }

  overflowed(queue: BoundedQueue, message: LiveMessage): void {
    const { run, watch } = this;
    const node = queue.consumer.name;
    if (watch.dropped) watch.tellDropped(this.name, node, message);
    if (queue.overflow !== 'error') return;
    const error = new OverflowError(node, this.name, queue.capacity, message);
    watch.tellError(error, 'fail');
    if (message.origin.owner === undefined) run.fail(error);
    else message.origin.owner.fail(error);
  }

  protected leave({ input, ticket, holesAfter }: Slot): void {
    const owner = input === undefined ? ticket?.owner : input.origin.owner;
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
