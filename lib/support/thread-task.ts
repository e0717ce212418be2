import type { SentError } from './thread-errors.ts';

/** What is asked of a thread: one call of a function that a module exports. */
export interface ThreadTask {
  /** The URL of the module. */
  readonly module: string;
  /** What the function is exported as. */
  readonly name: string;
  readonly input: unknown;
  /** What the function finds in its context. */
  readonly context: Readonly<Record<string, unknown>>;
  /** Whether the buffers in what it returns are moved. */
  readonly moves: boolean;
}

/** What becomes of it. */
export type ThreadOutcome =
  | { readonly kind: 'returned'; readonly value: unknown }
  | { readonly kind: 'threw'; readonly error: SentError }
  /** The thread ended, or something cannot be sent. */
  | { readonly kind: 'lost'; readonly reason: unknown };

// Memory that both threads see: a function that works without a pause gets no messages, but can look here.
/** Set when the call is aborted. */
export const ABORTED = 0;
/** Set when the function has asked for its signal. */
export const LISTENING = 1;
/** Set when the thread has begun. */
export const BEGUN = 2;

/** Makes the memory of one call. */
export function createFlags(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT));
}
