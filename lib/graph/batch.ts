import { LONGEST_TIMER } from '../support/clock.ts';
import { isRecord } from './aliases.ts';
import type { Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';

/** A node's `batch`; every field has its value. */
export interface BatchPlan {
  readonly size: number;
  /** In ms; `undefined`: not by time. */
  readonly within: number | undefined;
  readonly scatter: boolean;
}

const FIELDS: Readonly<
  Record<keyof BatchPlan, { readonly fits: (value: unknown) => boolean; readonly wants: string }>
> = {
  size: {
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    wants: 'a whole number from 1 on',
  },
  within: {
    fits: (value) => typeof value === 'number' && value >= 0 && value <= LONGEST_TIMER,
    wants: `milliseconds from 0 to ${LONGEST_TIMER}`,
  },
  scatter: { fits: (value) => typeof value === 'boolean', wants: 'true or false' },
};

const FIELD_NAMES = Object.keys(FIELDS) as readonly (keyof BatchPlan)[];

/** Reads a node's `batch`, reporting every field that is unknown or unreadable. */
export function readBatch(value: unknown, path: string, report: Report): BatchPlan | undefined {
  if (!isRecord(value)) {
    report('bad-option', path, `is ${shown(value)}, must be an object with size`);
    return undefined;
  }
  reportUnknownKeys(value, FIELD_NAMES, (key) => `${path}.${key}`, report);
  const { size, within, scatter = false } = value;
  const written = { size, within, scatter };
  for (const name of FIELD_NAMES) {
    const { fits, wants } = FIELDS[name];
    if (name === 'within' && within === undefined) continue;
    if (!fits(written[name]))
      report('bad-option', `${path}.${name}`, `is ${shown(written[name])}, must be ${wants}`);
  }
  return written as BatchPlan;
}

/** The options of a node that do not go together with `batch`, or not with every one. */
interface BatchOptions {
  batch?: BatchPlan;
  keyBy?: unknown;
  many?: boolean;
  input?: unknown;
  output?: unknown;
}

type Conflicting = Exclude<keyof BatchOptions, 'batch'>;

/**
 * Settles options that cannot both apply: a default gives way to what the node says itself, and what it says itself is
 * reported.
 *
 * @param own what of the options the node says itself
 * @param generates whether its function is a generator function
 */
export function withoutBatchConflicts<O extends BatchOptions>(
  options: O,
  own: BatchOptions,
  generates: boolean,
  path: string,
  report: Report,
): O {
  const { batch, keyBy, many, input, output } = options;
  if (batch === undefined) return options;
  const conflicts: Partial<Record<Conflicting, string>> = {
    ...(keyBy !== undefined && { keyBy: KEYS }),
    ...(input !== undefined && { input: SCHEMAS }),
    ...(output !== undefined && { output: SCHEMAS }),
    ...(batch.scatter && (many === true || generates) && { many: MANY }),
  };
  if (Object.keys(conflicts).length === 0) return options;
  if (own.batch === undefined) return { ...options, batch: undefined };
  const settled = { ...options };
  const faults = new Set<string>();
  for (const [name, why] of Object.entries(conflicts) as [Conflicting, string][]) {
    if (own[name] === undefined && !(name === 'many' && generates)) delete settled[name];
    else faults.add(why);
  }
  for (const fault of faults) report('option-not-applicable', path, fault);
  return settled;
}

const KEYS =
  'cannot apply together with keyBy: the inputs of a batch are worked on together, whatever their keys';
const SCHEMAS =
  'cannot apply together with input or output: a schema is asked about one value; set it on the node before or behind';
const MANY =
  'with scatter: true cannot apply to a function that gives many: each input of a batch gets one answer, at its place in an array';
