import { reasonOf } from './processor-error.ts';
import { SluiceError } from './sluice-error.ts';

/**
 * A call did not come back from its worker thread: the thread ended (it ran out of memory, `process.exit`), or what was to go
 * there or come back cannot be sent. The `cause` of the ProcessorError; its own cause says what happened.
 */
export class WorkerError extends SluiceError {
  override readonly name = 'WorkerError';
  readonly code = 'WORKER';

  constructor(reason: unknown) {
    super(
      isUnsendable(reason)
        ? `what is sent between threads must be such as structuredClone takes${wordsOf(reason)}`
        : `the worker thread ended before it had answered: ${reasonOf(reason)}`,
      { cause: reason },
    );
  }
}

// Some versions of Node.js lose all of an error about a result on its way out of the thread, but that there was one.
function isUnsendable(reason: unknown): boolean {
  if (reason instanceof Error) return reason.name === 'DataCloneError';
  return typeof reason === 'object' || reason === undefined;
}

function wordsOf(reason: unknown): string {
  return reason instanceof Error ? `: ${reasonOf(reason)}` : '';
}
