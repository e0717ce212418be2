import { LONGEST_TIMER } from '../support/clock.ts';
import { isRecord } from './aliases.ts';
import { readFunction } from './named.ts';
import type { Registry } from './registered.ts';
import type { Report } from './report.ts';
import type { RetryIf } from './retry-types.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { isFunctionOrName, shown } from './values.ts';

/** A node's `retry`; every field has its value. */
export interface RetryPlan {
  readonly attempts: number;
  readonly delay: number;
  readonly maxDelay: number;
  readonly factor: number;
  readonly jitter: number;
  readonly if: RetryIf | undefined;
}

interface Field {
  readonly fits: (value: unknown) => boolean;
  readonly wants: string;
  readonly fallback: unknown;
}

const between =
  (least: number, most: number) =>
  (value: unknown): boolean =>
    typeof value === 'number' && value >= least && value <= most;
const MS = { fits: between(0, LONGEST_TIMER), wants: `milliseconds from 0 to ${LONGEST_TIMER}` };

const FIELDS: Readonly<Record<keyof RetryPlan, Field>> = {
  attempts: {
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    wants: 'a whole number from 1 on',
    fallback: undefined,
  },
  delay: { ...MS, fallback: 100 },
  maxDelay: { ...MS, fallback: 30_000 },
  factor: { fits: between(1, Number.MAX_VALUE), wants: 'a number from 1 on', fallback: 2 },
  jitter: { fits: between(0, 1), wants: 'a number from 0 to 1', fallback: 0.5 },
  if: { fits: isFunctionOrName, wants: 'a function or a registry name', fallback: undefined },
};

const FIELD_NAMES = Object.keys(FIELDS) as readonly (keyof RetryPlan)[];

/** Reads a node's `retry`, reporting every field that is unknown or unreadable. */
export function readRetry(
  value: unknown,
  path: string,
  registry: Registry,
  report: Report,
): RetryPlan | undefined {
  if (!isRecord(value)) {
    report('bad-option', path, `is ${shown(value)}, must be an object with attempts`);
    return undefined;
  }
  reportUnknownKeys(value, FIELD_NAMES, (key) => `${path}.${key}`, report);
  const plan: Record<string, unknown> = {};
  for (const name of FIELD_NAMES) {
    const { fits, wants, fallback } = FIELDS[name];
    const written = value[name];
    if (written === undefined && name !== 'attempts') plan[name] = fallback;
    else if (!fits(written))
      report('bad-option', `${path}.${name}`, `is ${shown(written)}, must be ${wants}`);
    else if (name === 'if') plan.if = readFunction(written, value, `${path}.if`, registry, report);
    else plan[name] = written;
  }
  return plan as unknown as RetryPlan;
}
