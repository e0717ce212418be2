import { SluiceError } from './sluice-error.ts';

/** A call of a node's function took longer than the node's `timeout`: the `cause` of the ProcessorError. */
export class TimeoutError extends SluiceError {
  override readonly name = 'TimeoutError';
  readonly code = 'TIMEOUT';
  /** How long it was given, in ms. */
  readonly timeout: number;

  constructor(timeout: number) {
    super(`no answer within ${timeout} ms`);
    this.timeout = timeout;
  }
}
