import type { LiveMessage } from '../queue/message.ts';
import { within } from '../support/async-context.ts';
import { scheduler } from '../support/scheduler.ts';
import { Calls } from './calls.ts';
import type { Keyed } from './keyed.ts';
import { CUT } from './phase.ts';
import { type Claim, HELD, type Slot } from './slot.ts';

/** Calls under `keyBy`: a message stands in line before its call begins, and may be let go before that. */
export abstract class KeyedCalls extends Calls {
  /** Whether some that wait for their key may belong to callers who are gone. */
  private mayHoldLost = false;

  /** Has a message wait in line for its key; only where calls wait for something. */
  protected hold(message: LiveMessage): void {
    const keyed = this.line.keyed as Keyed;
    this.receive();
    const slot = this.line.occupy(message);
    let key: unknown;
    try {
      key = within(this.scopeOf(message), keyOf, keyed, message);
    } catch (error) {
      this.callFailed(slot, error, 'keyBy');
      return;
    }
    slot.state = HELD;
    keyed.claim(slot, key);
    // The function that made the key may have ended it all.
    if (this.phase >= CUT) this.letHeldGo();
  }

  /** Whether a call that has waited may begin. */
  protected get heldMayBegin(): boolean {
    const { line } = this;
    const { keyed } = line;
    if (keyed === undefined) return false;
    // Others that give many may have begun while its key was held, and wait for it to send what they have.
    return keyed.isReady || (keyed.isNext(line.first) && line.running < this.plan.concurrency);
  }

  /** Whether another message may stand in line and wait. */
  protected abstract get mayHold(): boolean;

  /** A caller is gone before its call was over. */
  callerGone(): void {
    if (this.line.keyed === undefined) return;
    this.mayHoldLost = true;
    scheduler.wake(this);
  }

  /** Lets go of those that wait for their key and belong to nobody any more; whether there were any. */
  protected letLostGo(): boolean {
    const { keyed } = this.line;
    if (keyed === undefined || !this.mayHoldLost) return false;
    this.mayHoldLost = false;
    const isLost = ({ state, input }: Slot): boolean => state === HELD && input?.origin.isAbandoned === true;
    const lost = this.line.all.filter(isLost);
    for (const slot of lost) {
      keyed.withdraw(slot.claim as Claim);
      slot.claim = undefined;
      this.letGo(slot);
    }
    this.line.closeUp(new Set(lost), this.traits.leavesHoles ? 1 : 0);
    return lost.length > 0;
  }

  /** No message comes any more; whether a call that has waited may begin now. */
  protected abstract inputsOver(): boolean;

  /** Begins the call of a message that has got its key; only where it may. */
  protected beginHeld(): void {
    const slot = (this.line.keyed as Keyed).next();
    // Nobody waits for it any more, as for one that is taken from a queue.
    if ((slot.input as LiveMessage).origin.isAbandoned) this.letGo(slot);
    else this.call(slot);
  }

  override outlived(message: LiveMessage, promise: Promise<unknown>): void {
    this.run.outlived(this, promise);
    const claim = this.claimOf(message);
    if (claim === undefined) return;
    this.line.keyed?.outlived(claim, promise, () => {
      scheduler.enter();
      scheduler.wake(this);
    });
  }

  override turnOf(message: LiveMessage): Promise<unknown> | undefined {
    return this.claimOf(message)?.deaf;
  }

  private claimOf(message: LiveMessage): Claim | undefined {
    if (this.line.keyed === undefined) return undefined;
    return this.line.all.find(({ input }) => input === message)?.claim;
  }

  /** No call begins any more. */
  protected letHeldGo(): void {
    const { keyed } = this.line;
    if (keyed === undefined) return;
    keyed.clear();
    for (const slot of this.line.all.filter(({ state }) => state === HELD)) {
      slot.claim = undefined;
      this.letGo(slot);
    }
  }
}

const keyOf = (keyed: Keyed, message: LiveMessage): unknown => keyed.keyOf(message);
