import type { Issue } from '../support/standard-schema.ts';
import { SluiceError } from './sluice-error.ts';

/**
 * A value does not fit the schema of a node's `input` or `output`: the `cause` of the ProcessorError. What a `push` or
 * `call` rejects with, if the inlet has refused the value.
 */
export class ValidationError extends SluiceError {
  override readonly name = 'ValidationError';
  readonly code = 'VALIDATION';
  /** What the validator found, as it told it: as a rule at least one. */
  readonly issues: readonly Issue[];

  /** The inlet or source that refused the value; `undefined` where a ProcessorError around this one says. */
  readonly node: string | undefined;

  constructor(issues: readonly Issue[], node?: string) {
    const what = issues.map(described).join('; ') || 'the value does not fit';
    super(node === undefined ? what : `node ${node} does not take that: ${what}`);
    this.issues = issues;
    this.node = node;
  }
}

function described({ message, path = [] }: Issue): string {
  const keys = Array.from(path, (part) => (typeof part === 'object' ? part.key : part));
  return keys.length === 0 ? message : `${keys.map(String).join('.')}: ${message}`;
}
