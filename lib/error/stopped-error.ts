import { reasonOf } from './processor-error.ts';
import { SluiceError } from './sluice-error.ts';

/**
 * The pipeline, the inlet or the call is over: nothing was wrong with the graph or its functions.
 * Code `STOPPED`: it had ended, so what was asked came too late. Code `ABORTED`: it was cut short; `cause` is the
 * reason that was given.
 */
export class StoppedError extends SluiceError {
  override readonly name = 'StoppedError';
  readonly code: 'STOPPED' | 'ABORTED';
  /** Nodes whose functions had not returned when the grace was over. */
  readonly stragglers: readonly string[];

  readonly #what: string;

  constructor(
    code: 'STOPPED' | 'ABORTED',
    what: string,
    options?: ErrorOptions & { stragglers?: readonly string[] },
  ) {
    const why = options?.cause === undefined ? '' : `: ${reasonOf(options.cause)}`;
    const stragglers = options?.stragglers ?? [];
    const late = stragglers.length === 0 ? '' : ` (still running: ${stragglers.join(', ')})`;
    super(`${what}${why}${late}`, options);
    this.code = code;
    this.stragglers = stragglers;
    this.#what = what;
  }

  /** The same, once it is known who did not stop. */
  naming(stragglers: readonly string[]): StoppedError {
    if (stragglers.length === 0) return this;
    // Not by its name, which a bundler would change for a class that names itself.
    const Same = this.constructor as typeof StoppedError;
    return new Same(this.code, this.#what, { cause: this.cause, stragglers });
  }
}
