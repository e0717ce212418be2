import { GraphError } from '../error/graph-error.ts';
import type { Definition } from './definition.ts';
import { checkLimit, type Limits, limitsOf } from './limits.ts';
import { collectProblems, type Report } from './report.ts';
import { shown } from './values.ts';

/**
 * Reads a definition from a stranger's JSON: a text of more characters than `limits.size` is refused before it is parsed. White
 * space between its parts is not counted, so that an indented text is let in where the same without indentation is.
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
  else if (within !== undefined) checkLength(text, within, report);
  throwAny();
  try {
    return JSON.parse(text) as Definition;
  } catch (error) {
    const message = `is a text that is no JSON: ${wordsOf(error)}`;
    throw new GraphError([{ code: 'not-json', path: 'definition', message }]);
  }
}

function checkLength(text: string, limits: Limits, report: Report): void {
  const length = text.length > limits.size ? lengthUpTo(limits.size + 1, text) : 0;
  checkLimit('size', length, limits, 'definition', report, 'has at least this many characters as JSON:');
}

/** Characters of a JSON text but for white space between its parts; no more are counted than `most`. */
function lengthUpTo(most: number, text: string): number {
  let length = 0;
  let isString = false;
  for (let at = 0; at < text.length && length < most; at++) {
    const character = text[at] as string;
    if (!isString && WHITE_SPACE.includes(character)) continue;
    length++;
    if (character === '"') isString = !isString;
    else if (character === '\\' && isString) {
      // What it escapes may be a quote.
      at++;
      length++;
    }
  }
  return length;
}

const WHITE_SPACE = ' \n\r\t';

/** The parser quotes what it has found: from a stranger, who may have broken lines in it. */
function wordsOf(error: unknown): string {
  const words = String((error as Error).message).replaceAll(/[\p{C}\s]+/gu, ' ');
  return words.length > LONGEST ? `${words.slice(0, LONGEST - 3)}...` : words;
}

const LONGEST = 120;
