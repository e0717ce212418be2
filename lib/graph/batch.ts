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

/** Settles the options of one node, of which `own` are those it says itself; `generates`: its function is a generator function. */
export type SettleBatch = <O extends BatchOptions>(
  options: O,
  own: BatchOptions,
  generates: boolean,
  path: string,
) => O;

/**
 * Settles options that cannot both apply: a default gives way to what the node says itself. What it says itself is
 * reported, and so, once for all nodes, are two defaults.
 *
 * @param defaultPath where the default of `batch` stands
 */
export function withoutBatchConflicts(defaultPath: string, report: Report): SettleBatch {
  const told = new Set<string>();
  return (options, own, generates, path) => {
    const conflicts = conflictsOf(options, generates);
    if (conflicts.length === 0) return options;
    const isOwn = ([name]: Conflict): boolean => own[name] !== undefined || (name === 'many' && generates);
    if (own.batch === undefined) {
      for (const [, why] of conflicts.some(isOwn) ? [] : conflicts) {
        if (!told.has(why)) report('option-not-applicable', defaultPath, why);
        told.add(why);
      }
      return { ...options, batch: undefined };
    }
    const settled = { ...options };
    for (const [name] of conflicts.filter((conflict) => !isOwn(conflict))) delete settled[name];
    for (const fault of new Set(conflicts.filter(isOwn).map(([, why]) => why)))
      report('option-not-applicable', path, fault);
    return settled;
  };
}

type Conflict = readonly [name: Exclude<keyof BatchOptions, 'batch'>, why: string];

function conflictsOf(
  { batch, keyBy, many, input, output }: BatchOptions,
  generates: boolean,
): readonly Conflict[] {
  if (batch === undefined) return [];
  return [
    ...(keyBy === undefined ? [] : [['keyBy', KEYS] as const]),
    ...(input === undefined ? [] : [['input', SCHEMAS] as const]),
    ...(output === undefined ? [] : [['output', SCHEMAS] as const]),
    ...(batch.scatter && (many === true || generates) ? [['many', MANY] as const] : []),
  ];
}

const KEYS =
  'cannot apply together with keyBy: the inputs of a batch are worked on together, whatever their keys';
const SCHEMAS =
  'cannot apply together with input or output: a schema is asked about one value; set it on the node before or behind';
const MANY =
  'with scatter: true cannot apply to a function that gives many: each input of a batch gets one answer, at its place in an array';
