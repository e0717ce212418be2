import { LONGEST_TIMER } from '../support/clock.ts';
import { type ThreadOptions, Threads } from '../support/threads.ts';
import { isRecord } from './aliases.ts';
import { collectProblems, type Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';
import type { ModuleReference } from './worker-types.ts';

/** How a node's function runs in other threads. */
export interface WorkerPlan extends ModuleReference {
  readonly threads: Threads;
  /** Calls at once, if nothing else is said. */
  readonly concurrency: number;
  readonly movesInput: boolean;
  readonly movesOutput: boolean;
}

/** How many worker threads there are, and how they are started. */
export type WorkersOptions = ThreadOptions;

/**
 * Worker threads for nodes with `runIn: 'worker'`, of one Plumber or of several that are given the same one. They are started
 * when calls need them, and end when they have had no work for a while; without work they do not keep the process alive.
 * They hold no backlog: only calls that their node's `concurrency` has let begin wait here for a thread.
 */
export class Workers extends Threads {
  /** @throws GraphError if an option is unknown or unreadable. */
  constructor(options: WorkersOptions = {}) {
    checkWorkers(options, 'Workers');
    super(options);
  }
}

const OPTIONS: Readonly<
  Record<keyof WorkersOptions, { readonly fits: (value: unknown) => boolean; readonly wants: string }>
> = {
  threads: {
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    wants: 'a whole number from 1 on',
  },
  idleTimeout: {
    fits: (ms) => typeof ms === 'number' && ms >= 0 && ms <= LONGEST_TIMER,
    wants: `milliseconds from 0 to ${LONGEST_TIMER}`,
  },
  execArgv: {
    fits: (value) => Array.isArray(value) && value.every((one) => typeof one === 'string'),
    wants: 'an array of strings',
  },
  resourceLimits: {
    fits: (value) => isRecord(value) && Object.values(value).every((size) => typeof size === 'number'),
    wants: 'an object of numbers',
  },
};
const OPTION_NAMES = Object.keys(OPTIONS) as readonly (keyof WorkersOptions)[];

function checkWorkers(options: unknown, path: string): void {
  const { report, throwAny } = collectProblems();
  reportFaults(options, path, report);
  throwAny();
}

function reportFaults(options: unknown, path: string, report: Report): void {
  if (!isRecord(options)) {
    report('bad-option', path, `is ${shown(options)}, must be a Workers or an object of its options`);
    return;
  }
  reportUnknownKeys(options, OPTION_NAMES, (key) => `${path}.${key}`, report);
  for (const name of OPTION_NAMES) {
    const value = options[name];
    if (value === undefined || OPTIONS[name].fits(value)) continue;
    report('bad-option', `${path}.${name}`, `is ${shown(value)}, must be ${OPTIONS[name].wants}`);
  }
}

/**
 * The workers of a Plumber, if it is given any.
 *
 * @throws GraphError if an option is unknown or unreadable.
 */
export function workersOf(given: WorkersOptions | Workers | undefined): Workers | undefined {
  if (given === undefined || given instanceof Workers) return given;
  checkWorkers(given, 'options.workers');
  return new Workers(given);
}

let shared: Workers | undefined;

/** Those of the process. */
export function sharedWorkers(): Workers {
  shared ??= new Workers();
  return shared;
}
