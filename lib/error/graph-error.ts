import { SluiceError } from './sluice-error.ts';

/** What can be wrong with a definition, or with the names given to a pipeline. */
export type ProblemCode =
  | 'not-a-definition'
  | 'no-nodes'
  | 'bad-name'
  | 'unknown-node'
  | 'unknown-function'
  | 'unknown-schema'
  | 'unknown-option'
  | 'bad-option'
  | 'option-not-applicable'
  | 'not-a-node'
  | 'not-an-edge'
  | 'self-edge'
  | 'duplicate-edge'
  | 'cycle'
  | 'bad-feedback'
  | 'inlet-with-input'
  | 'dead-letter-with-input'
  | 'unpairable-lanes'
  | 'bad-subgraph'
  | 'batch-needs-within'
  | 'call-through-batch'
  | 'bad-input'
  | 'unknown-pool'
  | 'unknown-inlet'
  | 'unknown-sink'
  | 'unknown-event'
  | 'no-tracing'
  | 'no-workers';

/** One thing to mend: where it is, what is wrong, and what would be right. */
export interface Problem {
  readonly code: ProblemCode;
  /** Where, in the definition's own words: `graph.word[1]`, `nodes.pair.queueSize`. */
  readonly path: string;
  readonly message: string;
}

/** Whoever wrote the definition must act. Carries every problem that was found, not only the first. */
export class GraphError extends SluiceError {
  override readonly name = 'GraphError';
  readonly code = 'GRAPH';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(summary(problems));
    this.problems = problems;
  }
}

function summary(problems: readonly Problem[]): string {
  const lines = problems.map(({ path, message }) => `${path}: ${message}`);
  return lines.length === 1 ? String(lines[0]) : `${lines.length} problems\n  ${lines.join('\n  ')}`;
}
