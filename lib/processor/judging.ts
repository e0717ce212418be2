import type { Phase, ProcessorError } from '../error/processor-error.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { LiveMessage } from '../queue/message.ts';
import { LET_GO } from './attempt.ts';
import { Delivering } from './delivering.ts';
import { errorOf, judge, type Verdict } from './failing.ts';
import type { RowHost } from './fan-in.ts';
import { CUT } from './phase.ts';
import { loseRows, rowOf } from './row.ts';
import { DEAD, EXHAUSTED, HOLE, type Slot } from './slot.ts';

/** Failures, each of which goes where `onError` says: into the count, to its callers, among the dead letters. */
export abstract class Judging extends Delivering implements RowHost {
  // Law 1: received = processed + skipped + failed + dead-lettered + discarded + in flight.
  received = 0;
  processed = 0;
  skipped = 0;
  failed = 0;
  deadLettered = 0;
  /** Taken, and let go before their call began. */
  discarded = 0;
  /** Values that an inlet shed; it never received them. */
  dropped = 0;
  /** Attempts after the first ones. */
  retried = 0;
  /** The stamp of its first message. */
  startedAt = 0;

  triesAgain(_message: LiveMessage): void {
    this.retried++;
  }

  /** Whether an error is only how a source takes the word to stop. */
  abstract endedAsTold(error: unknown): boolean;

  callFailed(slot: Slot, cause: unknown, phase: Phase = 'run'): void {
    const { input } = slot;
    if (cause === LET_GO) this.letGo(slot);
    else if (input !== undefined) this.tell(this.settleFailed(slot, input, cause, phase));
    else {
      this.settle(slot, EXHAUSTED);
      this.sourceFailed(cause);
    }
  }

  /** A value has waited to be taken until its caller was gone. */
  withdrawn(): void {
    this.receive();
    this.discarded++;
  }

  /** It was taken, and its call will not begin. */
  protected letGo(slot: Slot): void {
    this.discarded++;
    this.settle(slot, HOLE);
  }

  /** A call for several inputs has failed, and with it each of them: all are counted before anybody is told of one. */
  protected callsFailed(slots: readonly Slot[], cause: unknown): void {
    if (cause === LET_GO) {
      for (const slot of slots) this.letGo(slot);
      return;
    }
    const verdicts = slots.map((slot) => this.settleFailed(slot, slot.input as LiveMessage, cause, 'run'));
    for (const verdict of verdicts) this.tell(verdict);
  }

  private settleFailed(slot: Slot, input: LiveMessage, cause: unknown, phase: Phase): Verdict | undefined {
    const verdict = this.judge(cause, input, phase);
    if (verdict?.letter === undefined) {
      this.failed++;
      this.settle(slot, slot.iterator === undefined ? HOLE : EXHAUSTED);
    } else {
      slot.value = verdict.letter;
      this.deadLettered++;
      this.settle(slot, DEAD);
    }
    return verdict;
  }

  /** In the turn of its call, so that a dead letter of it need not wait for one. */
  protected override sendFailed(cause: unknown, input: LiveMessage): void {
    const letter = this.countUnsent(cause, input);
    if (letter !== undefined) this.sendLetter(letter, input);
  }

  /** Counts a call whose value could not be sent; returns the dead letter that it becomes, if it becomes one. */
  protected countUnsent(cause: unknown, input: LiveMessage): DeadLetter | undefined {
    // A call that gives many is counted when it ends, any other was when it gave this value.
    if (!this.traits.isMany) this.processed--;
    const verdict = this.judge(cause, input, 'send');
    if (verdict?.letter === undefined) this.failed++;
    else this.deadLettered++;
    this.tell(verdict);
    return verdict?.letter;
  }

  /** After an abort, failures are of no interest any more. */
  private judge(cause: unknown, input: LiveMessage, phase: Phase): Verdict | undefined {
    if (this.phase > CUT) return undefined;
    return judge(this.plan, errorOf(this.name, cause, input, phase), this.scopeOf(input));
  }

  private tellLetter(letter: DeadLetter): void {
    this.watch.tellError(letter.error as ProcessorError<LiveMessage>, 'dead-letter');
    this.watch.tellDeadLetter(letter, letter.message as LiveMessage);
  }

  /** A source's function failed, or returned what it may not. */
  sourceFailed(cause: unknown): void {
    if (this.endedAsTold(cause)) return;
    this.receive();
    this.failed++;
    this.fail(cause);
  }

  /** A failure that is no call's: of a source, or of what is cleaned up after a call, which has its own outcome. */
  fail(cause: unknown, input?: LiveMessage): void {
    if (this.phase > CUT) return;
    if (input === undefined) {
      this.tell({ error: errorOf(this.name, cause, input), action: 'fail' });
      return;
    }
    const { error, action } = judge(this.plan, errorOf(this.name, cause, input), this.scopeOf(input));
    this.tell({ error, action: action === 'skip' ? 'skip' : 'fail' });
  }

  /** Has a failure go where `onError` says. */
  private tell(verdict: Verdict | undefined): void {
    if (verdict === undefined) return;
    const { error, action, letter } = verdict;
    if (letter !== undefined) {
      this.tellLetter(letter);
      return;
    }
    this.watch.tellError(error, action);
    if (action === 'skip') return;
    const owner = error.input?.origin.owner;
    if (owner === undefined) this.run.fail(error);
    else owner.fail(error);
  }

  protected receive(): void {
    if (this.received++ === 0) this.startedAt = this.sequence.stamp();
  }

  // --- what a join needs

  row(payload: Readonly<Record<string, unknown>>, messages: readonly LiveMessage[]): LiveMessage {
    return rowOf(this, payload, messages);
  }

  lost(rows: number, messages: readonly LiveMessage[]): void {
    loseRows(this, rows, messages);
  }
}
