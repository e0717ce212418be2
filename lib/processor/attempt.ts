import type { Phase } from '../error/processor-error.ts';
import type { LiveMessage } from '../queue/message.ts';
import type { Scope } from '../support/async-context.ts';
import type { CallContext, ContextNode } from './context.ts';

/** A node's function as the engine calls it. */
export type Run = (input: unknown, context: CallContext) => unknown;

/** What a call may wait for: a slot of its pool, or its next attempt. */
export type Pause = 'pooled' | 'retrying';

/** What those who stand around a node's function ask of the node. */
export interface AttemptHost extends ContextNode {
  /** A call was given up, but its function has not returned. Whatever it comes to is no failure any more. */
  outlived(message: LiveMessage, promise: Promise<unknown>): void;
  /** The async context in which it works on a message. */
  scopeOf(message: LiveMessage): Scope | undefined;
  /** Notes that a call waits before its function is called (again); `undefined`: no longer. */
  paused(message: LiveMessage, by: Pause | undefined): void;
  /** Notes that a call that has failed is tried again. */
  triesAgain(message: LiveMessage): void;
  /** Calls back if the pipeline is aborted: at once, if it is already. Returns what takes that back. */
  onAbort(callback: () => void): () => void;
  /** What the next attempt must wait for, if anything: under `keyBy` calls of one key never overlap. */
  turnOf(message: LiveMessage): Promise<unknown> | undefined;
}

/** Has a node wait for what a call leaves behind, and keep its key until then. */
export function awaitingFor(
  node: AttemptHost,
  { message }: CallContext,
): (promise: Promise<unknown>) => void {
  return (promise) => node.outlived(message as LiveMessage, promise);
}

/** What a call is rejected with that nobody waits for any more before its function was called: it is no failure. */
export const LET_GO: unique symbol = Symbol('let go');

/** What a call that was tried several times, or not even once, is rejected with, or whose input or output does not fit. */
export class Failure {
  readonly cause: unknown;
  /** How often the function was called. */
  readonly attempts: number;
  /** What failed, if not the function itself. */
  readonly phase: Phase | undefined;

  constructor(cause: unknown, attempts: number, phase?: Phase) {
    this.cause = cause;
    this.attempts = attempts;
    this.phase = phase;
  }

  /** A failure of the last of so many attempts. */
  static after(attempts: number, thrown: unknown): Failure {
    return thrown instanceof Failure
      ? new Failure(thrown.cause, attempts, thrown.phase)
      : new Failure(thrown, attempts);
  }
}

/** What was thrown in the first place. */
export function causeOf(thrown: unknown): unknown {
  return thrown instanceof Failure ? thrown.cause : thrown;
}
