import type { OverflowError } from '../error/overflow-error.ts';
import type { ProcessorError } from '../error/processor-error.ts';
import type { Logger } from '../graph/context.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { OnErrorAction } from '../graph/definition.ts';
import type { Gauge } from '../queue/bounded-queue.ts';
import type { LiveMessage, Run } from '../queue/message.ts';
import type { Scope } from '../support/async-context.ts';
import type { Timers } from '../support/clock.ts';
import type { Sequence } from './sequence.ts';

/** What can fail a call, or the pipeline. */
export type Failure = ProcessorError<LiveMessage> | OverflowError<LiveMessage>;

/** What a node does is told to those who listen; the flags make it free where nobody does. */
export interface Watch extends Gauge {
  readonly sent: boolean;
  readonly skipped: boolean;
  readonly deadLettered: boolean;
  readonly dropped: boolean;
  tellSent(node: string, message: LiveMessage): void;
  tellSkipped(node: string, message: LiveMessage): void;
  /** @param from `undefined` where an inlet dropped it */
  tellDropped(from: string | undefined, to: string, message: LiveMessage): void;
  tellDeadLetter(letter: DeadLetter, message: LiveMessage): void;
  tellError(error: Failure, action: OnErrorAction): void;
}

/** Notes what becomes of inputs, where tracing is on. */
export interface Tracer {
  sent(node: string, message: LiveMessage): void;
  /**
   * A function is called, or a message handed on to a subgraph; returns what is to be told when it has settled.
   *
   * @param isFrame whether the message is only a frame around those of a join's branches, or of a batch
   */
  began(node: string, message: LiveMessage, isFrame: boolean): (outcome: 'returned' | 'failed') => void;
}

/** What a node asks of the pipeline it is part of. */
export interface Host extends Run {
  readonly env: unknown;
  readonly log: Logger;
  /** Aborted with the pipeline. */
  readonly signal: AbortSignal;
  /** The async context in which the pipeline was created. */
  readonly scope: Scope | undefined;
  readonly watch: Watch;
  readonly sequence: Sequence;
  readonly tracer: Tracer | undefined;
  /** Cleared at the end of the pipeline. */
  readonly timers: Timers;
  /** From 0 (included) to 1 (not included). */
  readonly random: () => number;
  /** Whether its nodes have been started, and none of it was cut short. */
  readonly isUnderWay: boolean;
  /** What is handed in from now on, or was not accepted, is refused with this. */
  refusal(): unknown;
  /** A failure that nobody absorbs. */
  fail(error: Failure): void;
  /** A call was given up, but its function has not returned: the end waits for it as long as it would at an abort. */
  outlived(node: { readonly name: string }, promise: Promise<unknown>): void;
  ended(node: { readonly name: string }): void;
  /** A node waits for room, or has it again: once nothing moves any more, it has to be found out why. */
  suspect(): void;
}
