import { isRecord } from './aliases.ts';
import { collectProblems, type Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';

/**
 * How much a definition from a stranger may ask for. What the Plumber itself is given (`registry`, `defaults`, `pools`) is
 * trusted: its `defaults` are only counted in `messages`, and of a Plumber in the registry its `nodes`, `edges` and `messages`
 * are counted where it is named. A limit of `Infinity` is none.
 */
export interface Limits {
  /**
   * Characters of the definition as JSON, the white space between its parts not counted: of a text as it is written, of what
   * is parsed as `JSON.stringify` writes it.
   */
  readonly size: number;
  /** Objects and arrays in one another, the definition itself included; 100 at most. */
  readonly nesting: number;
  /** Characters of each name and key outside of `args`: of nodes, functions, schemas, options. */
  readonly nameLength: number;
  /** Characters of the `args` of one node as JSON. */
  readonly argsSize: number;
  /** Nodes, those of Plumbers that are named included. */
  readonly nodes: number;
  /** Edges, those in Plumbers that are named included. */
  readonly edges: number;
  /** Nodes on the longest path through the graph, feedback left out: how often a value is handed on. */
  readonly depth: number;
  /** Messages in one queue. */
  readonly queueSize: number;
  /** Calls of one node at once. */
  readonly concurrency: number;
  /** Messages in one batch. */
  readonly batchSize: number;
  /** How long a batch is gathered, in ms. */
  readonly batchWithin: number;
  /** Attempts for one message, the first included. */
  readonly retryAttempts: number;
  /** The longest wait between two attempts, in ms. */
  readonly retryDelay: number;
  /** The longest `timeout` that may be written, in ms. A node that says nothing has what the Plumber's `defaults` say. */
  readonly timeout: number;
  /** The highest `priority` in a pool. */
  readonly priority: number;
  /**
   * Messages of one pipeline that can be in memory at once: the `maxMessages` of `describe()`, and the `queueSize` of each inlet
   * with an `overflow` that sheds load, where as many may wait. What the queues of readers hold is not counted.
   */
  readonly messages: number;
}

/** What `limits: true` allows. */
export const DEFAULT_LIMITS: Limits = Object.freeze({
  size: 32_768,
  nesting: 16,
  nameLength: 64,
  argsSize: 8192,
  nodes: 64,
  edges: 256,
  depth: 32,
  queueSize: 256,
  concurrency: 16,
  batchSize: 256,
  batchWithin: 60_000,
  retryAttempts: 10,
  retryDelay: 60_000,
  timeout: 300_000,
  priority: 0,
  messages: 4096,
});

const NAMES = Object.keys(DEFAULT_LIMITS) as readonly (keyof Limits)[];

/** Deeper documents would need a deeper stack to be read. */
const DEEPEST = 100;

/**
 * The limits that an option asks for, if it asks for any.
 *
 * @throws GraphError if one is unknown or none.
 */
export function limitsOf(given: unknown, path = 'options.limits'): Limits | undefined {
  if (given === undefined || given === false) return undefined;
  const { report, throwAny } = collectProblems();
  const own = given === true ? {} : given;
  if (isRecord(own)) reportFaults(own, path, report);
  else report('bad-option', path, `is ${shown(given)}, must be true, false or an object of limits`);
  throwAny();
  return { ...DEFAULT_LIMITS, ...withoutUndefined(own as Partial<Limits>) };
}

function reportFaults(own: Readonly<Record<string, unknown>>, path: string, report: Report): void {
  reportUnknownKeys(own, NAMES, (key) => `${path}.${key}`, report, 'there is no such limit');
  for (const name of NAMES) {
    const value = own[name];
    const most = name === 'nesting' ? DEEPEST : Number.POSITIVE_INFINITY;
    if (value === undefined || (typeof value === 'number' && value >= 0 && value <= most)) continue;
    const wants = name === 'nesting' ? `a number from 0 to ${DEEPEST}` : 'a number from 0 on, or Infinity';
    report('bad-option', `${path}.${name}`, `is ${shown(value)}, must be ${wants}`);
  }
}

function withoutUndefined(own: Partial<Limits>): Partial<Limits> {
  return Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
}

/** Reports what is more than a limit; what is no number has been reported as such. */
export function checkLimit(
  name: keyof Limits,
  value: number,
  limits: Limits,
  path: string,
  report: Report,
  what = 'is',
): void {
  const limit = limits[name];
  if (!(value > limit)) return;
  report('limit', path, `${what} ${value}, must be at most ${limit} (limits.${name})`, { value, limit });
}
