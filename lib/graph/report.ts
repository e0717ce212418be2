import { GraphError, type Problem, type ProblemCode } from '../error/graph-error.ts';

/**
 * Notes one problem and goes on: a definition is told everything that is wrong with it at once. A message that takes a
 * search to write is given as a function, called only if it will be told.
 */
export type Report = (code: ProblemCode, path: string, message: string | (() => string)) => void;

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
      if (problems.length === MOST) return;
      problems.push({ code, path, message: typeof message === 'string' ? message : message() });
    },
    throwAny: () => {
      if (problems.length > 0) throw new GraphError(problems);
    },
  };
}
