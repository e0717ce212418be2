import { GraphError, type Problem, type ProblemCode } from '../error/graph-error.ts';

/** Notes one problem and goes on: a definition is told everything that is wrong with it at once. */
export type Report = (code: ProblemCode, path: string, message: string) => void;

// A document from a stranger can be wrong in a million places; nobody mends more than these at a time.
const MOST = 100;

/** Collects problems; `throwAny` throws one GraphError if there were any. */
export function collectProblems(): {
  report: Report;
  readonly problems: readonly Problem[];
  throwAny: () => void;
} {
  const problems: Problem[] = [];
  return {
    problems,
    report: (code, path, message) => {
      if (problems.length < MOST) problems.push({ code, path, message });
    },
    throwAny: () => {
      if (problems.length > 0) throw new GraphError(problems);
    },
  };
}
