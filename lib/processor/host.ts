import type { ProcessorError } from '../error/processor-error.ts';
import type { Logger, Message } from '../graph/context.ts';
import type { OnError } from '../graph/definition.ts';
import type { Gauge } from '../queue/bounded-queue.ts';
import type { Run } from '../queue/message.ts';
import type { Sequence } from './sequence.ts';

/** What a node does is told to those who listen; the flags make it free where nobody does. */
export interface Watch extends Gauge {
  readonly sent: boolean;
  readonly skipped: boolean;
  tellSent(node: string, message: Message): void;
  tellSkipped(node: string, message: Message): void;
  tellError(error: ProcessorError, action: OnError): void;
}

/** What a node asks of the pipeline it is part of. */
export interface Host extends Run {
  readonly env: unknown;
  readonly log: Logger;
  /** Aborted with the pipeline. */
  readonly signal: AbortSignal;
  readonly watch: Watch;
  readonly sequence: Sequence;
  /** What is handed in from now on, or was not accepted, is refused with this. */
  refusal(): unknown;
  /** A failure that nobody absorbs. */
  fail(error: ProcessorError): void;
  ended(node: { readonly name: string }): void;
}
