import type { Logger } from '../graph/context.ts';
import type { NodeOptions, Registry } from '../graph/definition.ts';
import { suggestion } from '../graph/names.ts';
import { shown } from '../graph/options.ts';
import { collectProblems, type Report } from '../graph/report.ts';
import type { CheckedOptions } from '../graph/wiring.ts';
import type { Clock } from '../support/clock.ts';
import type { IdFactory } from '../support/ids.ts';

/** What all pipelines of a Plumber share. */
export interface PlumberOptions<R = Registry, D = NodeOptions> {
  /** Functions by name, for definitions that are plain JSON. */
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
}

/** The options of a Plumber by name. */
export const PLUMBER_OPTIONS: readonly string[] = ['registry', 'env', 'defaults', 'logger', 'clock', 'ids'];
/** The options of one pipeline by name. */
export const RUN_OPTIONS: readonly string[] = ['env', 'inputs', 'signal', 'grace'];

/**
 * Refuses options that are unknown, and durations that are none.
 *
 * @throws GraphError
 */
export function checkOptions(options: object, known: readonly string[]): void {
  const { report, throwAny } = collectProblems();
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      report('unknown-option', `options.${key}`, `there is no such option.${suggestion(key, known)}`);
  }
  if ('grace' in options) checkDuration(options.grace, 'options.grace', report);
  throwAny();
}

// What the platforms' timers can hold; they take more than that for nothing.
const LONGEST_TIMER = 2 ** 31 - 1;

/** Reports what is neither undefined nor a number of milliseconds. */
export function checkDuration(ms: unknown, path: string, report: Report): void {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return;
  if (typeof ms === 'number' && ms >= 0 && ms <= LONGEST_TIMER) return;
  report('bad-option', path, `is ${shown(ms)}, must be milliseconds from 0 to ${LONGEST_TIMER}, or Infinity`);
}
