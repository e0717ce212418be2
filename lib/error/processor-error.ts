import { SluiceError } from './sluice-error.ts';

/**
 * What failed: one of a node's functions; `'input'` or `'output'`: a value did not fit that schema; or `'send'`: the `when`
 * of an edge, or the copy that `fanOut` asks for.
 */
export type Phase = 'setup' | 'keyBy' | 'input' | 'run' | 'output' | 'send' | 'teardown';

/**
 * Whoever wrote a node's function must act: it threw, rejected, or returned what it may not. Or, in phase `'input'`,
 * whoever sent it what it does not take.
 */
export class ProcessorError<Input = unknown> extends SluiceError {
  override readonly name = 'ProcessorError';
  readonly code = 'PROCESSOR';
  /** The node whose function failed. */
  readonly node: string;
  readonly phase: Phase;
  /** How often it was tried, the first time included; 0 if its input was refused. */
  readonly attempts: number;
  // Not a property: what ends a process prints all of those, and a message leads to the whole pipeline, `env` included.
  readonly #input: Input | undefined;

  constructor(node: string, phase: Phase, input: Input | undefined, cause: unknown, attempts = 1) {
    super(`node ${node}: ${phase} failed: ${reasonOf(cause)}`, { cause });
    this.node = node;
    this.phase = phase;
    this.#input = input;
    this.attempts = attempts;
  }

  /**
   * The message it worked on; `undefined` for a source, a setup and a teardown. If a source or an inlet failed to send,
   * what it was to send. Consoles do not show it.
   */
  get input(): Input | undefined {
    return this.#input;
  }
}

/** The words of whatever was thrown, also when it was no error. */
export function reasonOf(cause: unknown): string {
  // What was thrown may be anything, and even a look at it may throw.
  try {
    return String(cause instanceof Error ? cause.message || cause.name : cause);
  } catch {
    return typeof cause;
  }
}
