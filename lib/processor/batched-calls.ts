import type { Phase as FailedPhase } from '../error/processor-error.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import { isJoin, type NodePlan } from '../graph/plan.ts';
import type { LiveMessage } from '../queue/message.ts';
import { scheduler } from '../support/scheduler.ts';
import type { Pause } from './attempt.ts';
import { BatchMessage } from './batch-message.ts';
import { Batching } from './batching.ts';
import type { Host } from './host.ts';
import { asPromise } from './iterate.ts';
import { KeyedCalls } from './keyed-calls.ts';
import { CUT } from './phase.ts';
import type { Outcome } from './scattering.ts';
import { CALLING, DEAD, EXHAUSTED, HELD, type Slot, VALUE } from './slot.ts';

/**
 * Calls under `batch`: each input stands in line by itself, and the first of a batch has the call. With `scatter` each
 * gets its answer there; without, the first sends what there is to send, and the others leave behind it.
 */
export abstract class BatchedCalls extends KeyedCalls {
  protected readonly batching: Batching | undefined;

  constructor(plan: NodePlan, run: Host) {
    super(plan, run);
    this.batching = plan.batch && new Batching(plan.batch, plan.concurrency);
  }

  // --- what waits

  /** Inputs that wait for others to fill a batch. */
  get gathered(): number {
    return this.batching?.gathered ?? 0;
  }

  /** Whether it only waits for others, and could begin. */
  get canFlush(): boolean {
    return this.batching?.canFlush === true;
  }

  /** Has what is gathered wait for no others; only where something is. */
  flush(): void {
    scheduler.enter();
    (this.batching as Batching).flush();
    scheduler.wake(this);
  }

  protected override hold(message: LiveMessage): void {
    const { batching } = this;
    if (batching === undefined) {
      super.hold(message);
      return;
    }
    this.receive();
    const slot = this.line.occupy(message);
    slot.state = HELD;
    batching.gather(slot, (ms) => this.run.timers.set(ms, () => this.flush()));
    // It has to be found out whether others can come.
    if (!batching.isFull) this.run.suspect();
  }

  /** Nothing comes any more; whether there is a call to begin. */
  protected override inputsOver(): boolean {
    this.batching?.flush();
    return this.heldMayBegin;
  }

  protected override get heldMayBegin(): boolean {
    return this.batching === undefined ? super.heldMayBegin : this.batching.mayBegin;
  }

  /** A full batch waits for its turn before the next one is gathered. */
  protected override get mayHold(): boolean {
    return this.batching?.isFull !== true;
  }

  protected override letHeldGo(): void {
    super.letHeldGo();
    for (const slot of this.batching?.take() ?? []) this.letGo(slot);
  }

  protected override isBegun(slot: Slot): boolean {
    return this.batching?.isOpen(slot) === true;
  }

  override triesAgain(message: LiveMessage): void {
    this.retried += message instanceof BatchMessage ? message.members.length : 1;
  }

  override paused(message: LiveMessage, by: Pause | undefined): void {
    const messages = message instanceof BatchMessage ? message.members : [message];
    for (const each of messages) super.paused(each, by);
  }

  // --- its call

  protected override beginHeld(): void {
    const { batching } = this;
    if (batching === undefined) {
      super.beginHeld();
      return;
    }
    const wanted: Slot[] = [];
    const left: Slot[] = [];
    for (const slot of batching.take()) {
      // Nobody waits for these any more, as for one that is taken from a queue.
      const isLeft = (slot.input as LiveMessage).origin.isAbandoned;
      (isLeft ? left : wanted).push(slot);
    }
    for (const slot of left) this.letGo(slot);
    if (wanted.length > 0) this.workOn(wanted, batching);
  }

  private workOn(slots: readonly Slot[], batching: Batching): void {
    const first = slots[0] as Slot;
    const members = slots.map(({ input }) => input as LiveMessage);
    const frame = new BatchMessage(members, slots, isJoin(this.plan.fanIn), this);
    batching.open(slots);
    first.state = CALLING;
    if (!batching.plan.scatter) {
      for (const slot of slots) slot.input = undefined;
      first.input = frame;
    }
    let answer: unknown;
    let promise: Promise<unknown> | undefined;
    try {
      answer = this.invoke(frame);
      promise = asPromise(answer);
    } catch (error) {
      this.batchFailed(slots, error);
      return;
    }
    if (promise === undefined) {
      this.batchAnswered(slots, answer);
      return;
    }
    const settle = (act: () => void): void => {
      scheduler.enter();
      act();
      scheduler.wake(this);
    };
    promise.then(
      (value) => settle(() => this.batchAnswered(slots, value)),
      (error) => settle(() => this.batchFailed(slots, error)),
    );
  }

  private batchAnswered(slots: readonly Slot[], answer: unknown): void {
    if ((this.batching as Batching).plan.scatter) this.giveEach(slots, answer as readonly Outcome[]);
    else if (answer === undefined || answer === null) {
      this.partUp(slots);
      for (const slot of slots) this.answeredNothing(slot, answer);
    } else this.giveOne(slots, answer);
  }

  /** One answer for all of them. */
  private giveOne(slots: readonly Slot[], answer: unknown): void {
    const first = slots[0] as Slot;
    this.answered(first, answer);
    if (first.state !== VALUE) return;
    this.processed += slots.length - 1;
    this.leaveBehind(first);
  }

  /** To each its own. */
  private giveEach(slots: readonly Slot[], outcomes: readonly Outcome[]): void {
    this.partUp(slots);
    for (const [place, slot] of slots.entries()) {
      const outcome = outcomes[place] as Outcome;
      slot.state = CALLING;
      if ('error' in outcome) this.callFailed(slot, outcome.error);
      else this.answered(slot, outcome.value);
    }
  }

  // --- how it ends

  override callFailed(slot: Slot, cause: unknown, phase?: FailedPhase): void {
    const slots = slot.input instanceof BatchMessage ? (this.batching as Batching).opened(slot) : undefined;
    if (slots === undefined) super.callFailed(slot, cause, phase);
    else this.batchFailed(slots, cause);
  }

  private batchFailed(slots: readonly Slot[], cause: unknown): void {
    this.partUp(slots);
    this.callsFailed(slots, cause);
  }

  /** From here on each input is on its own. */
  private partUp(slots: readonly Slot[]): void {
    const first = slots[0] as Slot;
    this.batching?.close(first);
    if (!(first.input instanceof BatchMessage)) return;
    const { members } = first.input;
    for (const [place, slot] of slots.entries()) slot.input = members[place];
    // In the lane that starts here, a batch is one row.
    if (!this.traits.isMany) first.holesAfter = 1;
  }

  protected override sendFailed(cause: unknown, input: LiveMessage): void {
    if (!(input instanceof BatchMessage)) {
      super.sendFailed(cause, input);
      return;
    }
    const { members, places } = input;
    for (const [i, member] of members.entries()) {
      const letter = this.countUnsent(cause, member);
      if (letter === undefined) continue;
      // One letter after the other: it is the turn of the first, and the others stand behind it.
      if (i === 0) this.sendLetter(letter, member);
      else this.becomeLetter(places[i] as Slot, letter, member);
    }
  }

  private becomeLetter(slot: Slot, letter: DeadLetter, member: LiveMessage): void {
    slot.input = member;
    slot.value = letter;
    if (slot.state === HELD) this.settle(slot, DEAD);
    else slot.state = DEAD;
  }

  protected override giveUp(slot: Slot): void {
    super.giveUp(slot);
    this.leaveBehind(slot);
  }

  override exhausted(slot: Slot): void {
    super.exhausted(slot);
    const slots = this.batching?.opened(slot);
    if (slots !== undefined && this.phase <= CUT) this.processed += slots.length - 1;
    this.leaveBehind(slot);
  }

  /** The first of a batch has no more to give: the others have nothing to wait for but their turns. */
  private leaveBehind(first: Slot): void {
    const slots = this.batching?.opened(first);
    if (slots === undefined) return;
    this.batching?.close(first);
    for (const slot of slots) if (slot.state === HELD) this.settle(slot, EXHAUSTED);
  }

  protected override partsOf(input: LiveMessage): LiveMessage['madeFrom'] {
    return input instanceof BatchMessage ? input.madeFrom : super.partsOf(input);
  }
}
