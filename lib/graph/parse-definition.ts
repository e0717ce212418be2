import { GraphError } from '../error/graph-error.ts';
import type { Definition } from './definition.ts';
import { checkLimit, type Limits, limitsOf } from './limits.ts';
import { collectProblems } from './report.ts';
import { shown } from './values.ts';

/**
 * Reads a definition from a stranger's JSON: a text of more characters than `limits.size` is refused before it is parsed.
 * What is read is not checked any further: the Plumber does that, if it is given the same `limits`. Parsed without this, a text that is too
 * long costs its parsing, and a third as much once more: the keys of an object have to be listed to be counted.
 *
 * @throws GraphError if it is too long, or no JSON.
 * @example
 * import { GraphError, parseDefinition } from 'sluice';
 *
 * try {
 *   parseDefinition(`{ "nodes": { "a": ${'['.repeat(1e6)}`, true);
 * } catch (error) {
 *   console.log((error as GraphError).problems[0]?.code); // prints: limit
 * }
 */
export function parseDefinition(text: string, limits: true | Partial<Limits>): Definition {
  const { report, throwAny } = collectProblems();
  const within = limitsOf(limits, 'limits');
  if (typeof text !== 'string') report('not-json', 'definition', `is ${shown(text)}, must be a text`);
  else if (within !== undefined)
    checkLimit('size', text.length, within, 'definition', report, 'is a text whose length is');
  throwAny();
  try {
    return JSON.parse(text) as Definition;
  } catch {
    throw new GraphError([{ code: 'not-json', path: 'definition', message: 'is a text that is no JSON' }]);
  }
}
