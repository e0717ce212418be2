import { GraphError, type Problem, type ProblemCode } from '../error/graph-error.ts';
import { suggestion } from './names.ts';

/** `suggestion`, as long as what it costs is within reason for all problems together. */
type Suggest = (name: string, candidates: readonly string[]) => string;

/**
 * Notes one problem and goes on: a definition is told everything that is wrong with it at once. A message that takes a
 * search to write is given as a function, called only if it will be told.
 */
export type Report = (
  code: ProblemCode,
  path: string,
  message: string | ((suggest: Suggest) => string),
  exceeded?: Pick<Problem, 'value' | 'limit'>,
) => void;

// A document from a stranger can be wrong in a million places; nobody mends more than these at a time.
const MOST = 100;

// It names its nodes, too. Characters of a path and of a message, and of all messages together.
const LONGEST_PATH = 200;
const LONGEST_MESSAGE = 900;
const LONGEST_TEXT = 20_000;

// Steps of comparing names: a slip of the finger is found among a thousand names, and a stranger gets no more than that.
const MOST_EFFORT = 100_000;

/** Collects problems; `throwAny` throws one GraphError if there were any. */
export function collectProblems(): {
  report: Report;
  readonly problems: readonly Problem[];
  throwAny: () => void;
} {
  const problems: Problem[] = [];
  const effort = { left: MOST_EFFORT };
  const suggest: Suggest = (name, candidates) => suggestion(name, candidates, effort);
  let omitted = 0;
  let written = 0;
  return {
    problems,
    report: (code, path, message, exceeded) => {
      if (problems.length === MOST || written > LONGEST_TEXT) {
        omitted++;
        return;
      }
      const said = cut(typeof message === 'string' ? message : message(suggest), LONGEST_MESSAGE);
      written += said.length;
      problems.push({ code, path: cut(path, LONGEST_PATH), message: said, ...exceeded });
    },
    throwAny: () => {
      if (problems.length > 0) throw new GraphError(problems, omitted);
    },
  };
}

function cut(text: string, longest: number): string {
  return text.length > longest ? `${text.slice(0, longest - 3)}...` : text;
}
