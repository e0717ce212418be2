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
  | 'no-workers'
  | 'not-json'
  | 'limit'
  | 'bad-args'
  | 'async-schema';

/** One thing to mend: where it is, what is wrong, and what would be right. */
export interface Problem {
  readonly code: ProblemCode;
  /** Where, in the definition's own words: `graph.word[1]`, `nodes.pair.queueSize`. */
  readonly path: string;
  readonly message: string;
  /** Of a limit that is exceeded: what was found, or the least it can be where counting has stopped. */
  readonly value?: number;
  /** Of a limit that is exceeded: the most there may be. */
  readonly limit?: number;
}

/** Whoever wrote the definition must act. Carries the problems that were found, not only the first: up to 100 of them. */
export class GraphError extends SluiceError {
  override readonly name = 'GraphError';
  readonly code = 'GRAPH';
  readonly problems: readonly Problem[];
  /** How many more problems there are, at least. */
  readonly omitted: number;

  constructor(problems: readonly Problem[], omitted = 0) {
    super(summary(problems, omitted));
    this.problems = problems;
    this.omitted = omitted;
  }
}

function summary(problems: readonly Problem[], omitted: number): string {
  const lines = problems.map(({ path, message }) => `${path}: ${message}`);
  if (omitted > 0) lines.push(`and ${omitted} more`);
  const count = problems.length + omitted;
  return count === 1 ? String(lines[0]) : `${count} problems\n  ${lines.join('\n  ')}`;
}
