/** Every code a {@link SluiceError} can carry. Tests and handlers switch on it, never on prose. */
export type SluiceErrorCode =
  | 'GRAPH'
  | 'PROCESSOR'
  | 'STALL'
  | 'STOPPED'
  | 'ABORTED'
  | 'TIMEOUT'
  | 'OVERFLOW'
  | 'VALIDATION'
  | 'WORKER';

// `Symbol.for` is shared by all copies of the package in one process, `instanceof` is not.
const BRAND: unique symbol = Symbol.for('sluice.error') as never;

/** What this package throws or rejects with: always one of its subclasses, told apart by `code`. */
export abstract class SluiceError extends Error {
  abstract readonly code: SluiceErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Whether `value` is an error of this package, also when it was made by a second copy of it.
   *
   * @example
   * import { SluiceError, createPipeline } from 'sluice';
   *
   * try {
   *   createPipeline({ nodes: {}, graph: {} });
   * } catch (error) {
   *   console.log(SluiceError.is(error) && error.code); // prints: GRAPH
   * }
   */
  static is(value: unknown): value is SluiceError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}
