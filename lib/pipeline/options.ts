import { isRecord } from '../graph/aliases.ts';
import type { Logger } from '../graph/context.ts';
import type { NodeOptions } from '../graph/definition.ts';
import type { Limits } from '../graph/limits.ts';
import type { Pool, PoolOptions } from '../graph/pools.ts';
import type { Registry } from '../graph/registered.ts';
import { collectProblems, type Report } from '../graph/report.ts';
import { reportUnknownKeys } from '../graph/unknown-keys.ts';
import { shown } from '../graph/values.ts';
import type { CheckedOptions } from '../graph/wiring.ts';
import type { Workers, WorkersOptions } from '../graph/workers.ts';
import { type Clock, LONGEST_TIMER } from '../support/clock.ts';
import type { IdFactory } from '../support/ids.ts';

/**
 * What all pipelines of a Plumber share. As a node of another graph it keeps what it was checked with, `registry` and
 * `defaults`; the rest is that of the Plumber whose pipeline runs.
 */
export interface PlumberOptions<R = Registry, D = NodeOptions> {
  /** Functions, Plumbers and schemas by name, for definitions that are plain JSON. */
  readonly registry?: R;
  /** What functions find in `context.env`, if `createPipeline` gives no other. @default undefined */
  readonly env?: unknown;
  /** Options for every node that neither sets its own nor finds one in the definition's `defaults`. */
  readonly defaults?: CheckedOptions<D>;
  /** What functions find in `context.log`; the engine itself logs nothing. @default console */
  readonly logger?: Logger;
  /** Where timestamps and timers come from. @default the time of this machine */
  readonly clock?: Clock;
  /**
   * Names the n-th message of a pipeline; asked only when an id is read, and must answer the same for the same number.
   * @default uuids v7
   */
  readonly ids?: IdFactory;
  /**
   * Limits that nodes share by name, over all pipelines of the Plumber; over several Plumbers, if they are given the same
   * {@link Pool}. The time of their windows is that of the machine, whatever the `clock`.
   */
  readonly pools?: Readonly<Record<string, PoolOptions | Pool>>;
  /**
   * The threads for nodes that `runIn: 'worker'`: its own, or ones it shares with other Plumbers, if they are given the same
   * {@link Workers}. As a node of another graph it keeps its own.
   * @default those of the process, one for each core
   */
  readonly workers?: WorkersOptions | Workers;
  /**
   * For a definition from a stranger: it must be plain JSON, which can name what is in the `registry` and nothing else, and may
   * ask for no more than these. A function, a getter or an object of a class in it is a {@link Problem} with code `'not-json'`, and
   * is neither called nor looked into. `true`: {@link DEFAULT_LIMITS}; an object: the same but for what is in it. What exceeds
   * a limit is a {@link Problem} with code `'limit'`, and after a limit on size the rest of the definition is not looked at.
   * The limits bound memory, and the time that the check takes, but not how long the graph may run: give each pipeline a `signal`.
   *
   * @default none
   * @example
   * import { GraphError, Plumber } from 'sluice';
   *
   * const registry = { upper: (text: string) => text.toUpperCase() };
   * const definition = JSON.parse('{ "nodes": { "text": { "inlet": true }, "up": { "run": "upper", "queueSize": 1e9 } }, "graph": { "text": ["up"] } }');
   * try {
   *   new Plumber(definition, { registry, limits: true });
   * } catch (error) {
   *   console.log((error as GraphError).message); // prints: nodes.up.queueSize: is 1000000000, must be at most 256 (limits.queueSize)
   * }
   */
  readonly limits?: boolean | Partial<Limits>;
  /** Where the jitter of retries comes from: numbers from 0 (included) to 1 (not included). @default Math.random */
  readonly random?: () => number;
}

/** What an inlet may be fed from: it is pulled at the pipeline's pace, and closed at its end. */
export type InputOf<T> = Iterable<T> | AsyncIterable<T> | ReadableStream<T>;

/** What inlets may be fed from, by name. */
export type InputsOf<Inlets> = { readonly [Name in keyof Inlets]?: InputOf<Inlets[Name]> };

/** What one pipeline is created with. */
export interface RunOptions<Inputs = Readonly<Record<string, InputOf<unknown>>>> {
  /** What functions find in `context.env`: the request, the socket id. @default the Plumber's */
  readonly env?: unknown;
  /** Feeds inlets, by name; such an inlet refuses `push` and `call`. */
  readonly inputs?: Inputs;
  /** Aborts the pipeline. */
  readonly signal?: AbortSignal;
  /** How long an abort waits for functions and teardowns that do not return, in ms. @default 1000 */
  readonly grace?: number;
  /**
   * Notes what becomes of inputs, for `trace(id)`. Costs time and memory for every message.
   * @default false
   */
  readonly trace?: boolean | TraceOptions;
}

/** How much is noted. */
export interface TraceOptions {
  /** Inputs, the latest of them; what became of older ones is forgotten. @default 1000 */
  readonly keep?: number;
}

/** The options of a Plumber by name. */
export const PLUMBER_OPTIONS: readonly string[] = [
  'registry',
  'env',
  'defaults',
  'logger',
  'clock',
  'ids',
  'random',
  'pools',
  'workers',
  'limits',
];
/** The options of one pipeline by name. */
export const RUN_OPTIONS: readonly string[] = ['env', 'inputs', 'signal', 'grace', 'trace'];

/**
 * Refuses options that are unknown, and durations that are none.
 *
 * @throws GraphError
 */
export function checkOptions(options: object, known: readonly string[]): void {
  const { report, throwAny } = collectProblems();
  reportUnknownKeys(options, known, (key) => `options.${key}`, report);
  if ('grace' in options) checkDuration(options.grace, 'options.grace', report);
  if ('trace' in options) checkTrace(options.trace, report);
  throwAny();
}

function checkTrace(trace: unknown, report: Report): void {
  if (trace === undefined || typeof trace === 'boolean') return;
  if (!isRecord(trace)) {
    report('bad-option', 'options.trace', `is ${shown(trace)}, must be true, false or { keep }`);
    return;
  }
  reportUnknownKeys(trace, ['keep'], (key) => `options.trace.${key}`, report);
  const { keep = 1 } = trace;
  if (!Number.isSafeInteger(keep) || Number(keep) < 1)
    report('bad-option', 'options.trace.keep', `is ${shown(keep)}, must be a whole number from 1 on`);
}

/**
 * Refuses what a pipeline cannot be stopped with.
 *
 * @throws GraphError
 */
export function checkStop(options: object): void {
  const { within, report: isReported = false } = options as Readonly<Record<string, unknown>>;
  const { report, throwAny } = collectProblems();
  reportUnknownKeys(options, ['within', 'report'], (key) => `stop.${key}`, report);
  checkDuration(within, 'stop.within', report);
  if (typeof isReported !== 'boolean')
    report('bad-option', 'stop.report', `is ${shown(isReported)}, must be true or false`);
  throwAny();
}

/** Reports what is neither undefined nor a number of milliseconds. */
function checkDuration(ms: unknown, path: string, report: Report): void {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return;
  if (typeof ms === 'number' && ms >= 0 && ms <= LONGEST_TIMER) return;
  report('bad-option', path, `is ${shown(ms)}, must be milliseconds from 0 to ${LONGEST_TIMER}, or Infinity`);
}
