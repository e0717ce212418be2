import { type Deferred, deferred, markHandled } from '../support/deferred.ts';
import type { Summary } from './summary.ts';

/** How a pipeline came to its end. */
export type Outcome =
  | { readonly kind: 'done'; readonly summary: Summary }
  /** Somebody asked for it: whoever waits is told, and nobody else has to be. */
  | { readonly kind: 'aborted'; readonly summary: Summary; readonly error: unknown }
  /** A failure that somebody has to be told. */
  | { readonly kind: 'failed'; readonly summary: Summary; readonly error: unknown };

/**
 * Who is told how it ended. A failure has one owner: those who were reading or waiting when it happened, or else whoever
 * has asked for `done`, or else whoever has called `stop`, or else the process, as an unhandled rejection.
 */
export class Ending {
  private doneAsked: Deferred<Summary> | undefined;
  private stopAsked: Deferred<Summary> | undefined;
  private outcome: Outcome | undefined;
  private isTold = false;

  /** A reader, a caller or an `error` listener has been told of the failure. */
  told(): void {
    this.isTold = true;
  }

  get done(): Promise<Summary> {
    if (this.doneAsked === undefined) {
      this.doneAsked = deferred();
      if (this.outcome !== undefined) this.settleDone(this.doneAsked, this.outcome);
    }
    return this.doneAsked.promise;
  }

  get stopped(): Promise<Summary> {
    if (this.outcome !== undefined) return Promise.resolve(this.outcome.summary);
    this.stopAsked ??= deferred();
    return this.stopAsked.promise;
  }

  settle(outcome: Outcome): void {
    this.outcome = outcome;
    const { kind, summary } = outcome;
    if (this.doneAsked !== undefined) this.settleDone(this.doneAsked, outcome);
    if (kind !== 'failed' || this.isTold || this.doneAsked !== undefined) {
      this.stopAsked?.resolve(summary);
    } else if (this.stopAsked !== undefined) {
      this.isTold = true;
      this.stopAsked.reject(outcome.error);
    } else {
      // Nobody looks: a rejected promise without a handler is what the platform makes a noise about.
      void this.done;
    }
  }

  private settleDone(done: Deferred<Summary>, outcome: Outcome): void {
    if (outcome.kind === 'done') {
      done.resolve(outcome.summary);
      return;
    }
    if (outcome.kind === 'aborted' || this.isTold) markHandled(done.promise);
    done.reject(outcome.error);
  }
}
