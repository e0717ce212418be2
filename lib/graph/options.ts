import { LONGEST_TIMER } from '../support/clock.ts';
import { isStandardSchema, type StandardSchema } from '../support/standard-schema.ts';
import { isRecord } from './aliases.ts';
import { type BatchPlan, readBatch } from './batch.ts';
import type { AnyFunction, NodeOptions, OnErrorAction, OnErrorFunction } from './definition.ts';
import { readFunction, readSchema } from './named.ts';
import type { NodeKind } from './plan.ts';
import type { Registry } from './registered.ts';
import type { Report } from './report.ts';
import { type RetryPlan, readRetry } from './retry.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { isFunctionOrName, shown } from './values.ts';

export const DEFAULT_QUEUE_SIZE = 16;

type OptionName = keyof NodeOptions;

const COUNT = 'a whole number from 1 on';
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 1;
const oneOf =
  (...values: readonly unknown[]) =>
  (value: unknown): boolean =>
    values.includes(value);

interface OptionRule {
  readonly fits: (value: unknown) => boolean;
  readonly wants: string;
  /** Why it means nothing on a source, or on an inlet; absent where it does. */
  readonly notOn: { readonly source?: string; readonly inlet?: string };
  /** Makes what is kept of what was written, reporting what is wrong inside; absent where the two are the same. */
  readonly read?: (value: unknown, spec: object, path: string, registry: Registry, report: Report) => unknown;
}

/** What any option wants that is a function. */
export const FUNCTION: Omit<OptionRule, 'notOn'> = {
  fits: isFunctionOrName,
  wants: 'a function or a registry name',
  read: readFunction,
};
const SCHEMA: Omit<OptionRule, 'notOn'> = {
  fits: (value) => typeof value === 'string' || isStandardSchema(value),
  wants: 'a Standard Schema (zod, valibot, arktype and others make them) or a registry name',
  read: (value, _spec, path, registry, report) => readSchema(value, path, registry, report),
};
const NO_FUNCTION = { inlet: 'it has no function' };
const NO_CALLS = {
  ...NO_FUNCTION,
  source: 'its function is called once, and what it returns is pulled item by item',
};
const NO_QUEUE = 'it has no input queue; set it on the nodes that take from it';

const ACTIONS: readonly unknown[] = ['fail', 'skip', 'dead-letter'] satisfies OnErrorAction[];
const ON_ERROR = "'fail', 'skip', 'dead-letter', or a function that returns one of them";

function readOnError(
  value: unknown,
  spec: object,
  path: string,
  registry: Registry,
  report: Report,
): unknown {
  if (ACTIONS.includes(value)) return value;
  if (typeof value === 'function' || Object.hasOwn(registry, value as string))
    return readFunction(value, spec, path, registry, report);
  report('bad-option', path, `is ${shown(value)}, must be ${ON_ERROR}`);
  return undefined;
}
const NO_ROOM = `${NO_QUEUE}, or set overflow on it, too, to shed load here`;

const RULES: Readonly<Record<OptionName, OptionRule>> = {
  args: { fits: isRecord, wants: 'an object', notOn: NO_FUNCTION },
  aggregateInputs: { fits: oneOf(true, false, 'partial'), wants: "true, false or 'partial'", notOn: {} },
  many: { fits: oneOf(true, false), wants: 'true or false', notOn: NO_CALLS },
  queueSize: { fits: isCount, wants: COUNT, notOn: { source: NO_QUEUE, inlet: NO_ROOM } },
  overflow: {
    fits: oneOf('block', 'drop-oldest', 'drop-newest', 'error'),
    wants: "'block', 'drop-oldest', 'drop-newest' or 'error'",
    notOn: { source: NO_QUEUE },
  },
  fanOut: {
    fits: oneOf('share', 'clone', 'freeze'),
    wants: "'share', 'clone' or 'freeze'",
    notOn: {},
  },
  concurrency: { fits: isCount, wants: COUNT, notOn: NO_CALLS },
  keyBy: { ...FUNCTION, notOn: NO_CALLS },
  order: { fits: oneOf('input', 'completion'), wants: "'input' or 'completion'", notOn: NO_CALLS },
  onError: {
    fits: isFunctionOrName,
    wants: ON_ERROR,
    notOn: {
      inlet: 'it has no function, and nothing that could fail unless it has `input`, too',
      source: 'one that failed cannot go on, and what it did not send must not be taken for its end',
    },
    read: readOnError,
  },
  retry: {
    fits: isRecord,
    wants: 'an object with attempts',
    notOn: {
      ...NO_FUNCTION,
      source: 'what it has sent would be sent again; have its function try again what can be repeated',
    },
    read: (value, _spec, path, registry, report) => readRetry(value, path, registry, report),
  },
  timeout: {
    fits: (value) =>
      typeof value === 'number' &&
      value > 0 &&
      (value <= LONGEST_TIMER || value === Number.POSITIVE_INFINITY),
    wants: `milliseconds above 0 and up to ${LONGEST_TIMER}, or Infinity`,
    notOn: { ...NO_FUNCTION, source: 'it may wait for its next item as long as it likes' },
  },
  pool: {
    fits: (value) => typeof value === 'string' || isRecord(value),
    wants: 'the name of a pool, or { name, priority }',
    notOn: NO_CALLS,
  },
  input: { ...SCHEMA, notOn: { source: 'it is given nothing; `output` validates what it sends' } },
  output: { ...SCHEMA, notOn: { inlet: 'it sends what it is given; `input` validates that' } },
  batch: {
    fits: isRecord,
    wants: 'an object with size',
    notOn: NO_CALLS,
    read: (value, _spec, path, _registry, report) => readBatch(value, path, report),
  },
  runIn: {
    fits: oneOf('main', 'worker'),
    wants: "'main' or 'worker'",
    notOn: { ...NO_FUNCTION, source: 'what it sends would have to leave its thread item by item' },
  },
  transfer: {
    fits: oneOf('input', 'output', 'both'),
    wants: "'input', 'output' or 'both'",
    notOn: { ...NO_FUNCTION, source: 'it does not run in a worker thread' },
  },
  setup: { ...FUNCTION, notOn: NO_FUNCTION },
  teardown: { ...FUNCTION, notOn: NO_FUNCTION },
};

/** What a subgraph takes for itself, for the queues that lead to it: the rest is for its own nodes. */
const ON_SUBGRAPH: readonly OptionName[] = ['aggregateInputs', 'queueSize', 'overflow'];

const OPTION_NAMES = Object.keys(RULES) as readonly OptionName[];

/** Options as written, with registry names looked up: `run` too, which is one of an object's keys. */
export type ReadOptions = {
  -readonly [K in Exclude<OptionName, keyof ReadAnew>]?: NodeOptions[K];
} & Partial<ReadAnew>;

interface ReadAnew {
  keyBy: AnyFunction;
  setup: AnyFunction;
  teardown: AnyFunction;
  onError: OnErrorAction | OnErrorFunction;
  retry: RetryPlan;
  input: StandardSchema;
  output: StandardSchema;
  batch: BatchPlan;
}

/** Reads the options of one node or of `defaults`, reporting what is unknown or unreadable. */
export function readOptions(
  spec: Readonly<Record<string, unknown>>,
  path: (option: string) => string,
  also: readonly string[],
  registry: Registry,
  report: Report,
): ReadOptions {
  const options: Record<string, unknown> = {};
  reportUnknownKeys(spec, [...also, ...OPTION_NAMES], path, report);
  for (const name of OPTION_NAMES) {
    const value = spec[name];
    if (value === undefined) continue;
    const rule = RULES[name];
    if (!rule.fits(value)) report('bad-option', path(name), `is ${shown(value)}, must be ${rule.wants}`);
    else options[name] = rule.read?.(value, spec, path(name), registry, report) ?? value;
  }
  return options as ReadOptions;
}

/** What an option can apply to. */
type OptionHolder = NodeKind | 'subgraph';

const HOLDERS: Readonly<Record<OptionHolder, string>> = {
  inlet: 'an inlet',
  source: 'a source (a node that no edge leads to)',
  transform: 'a node',
  subgraph: 'a subgraph',
};

/** Reports each option that a node has of its own and that means nothing for its kind. */
export function checkApplicable(
  options: ReadOptions,
  kind: OptionHolder,
  besides: readonly OptionName[],
  path: (option: string) => string,
  report: Report,
): void {
  for (const name of OPTION_NAMES) {
    const fault = options[name] === undefined ? undefined : inapplicable(name, kind, besides);
    if (fault === undefined) continue;
    report('option-not-applicable', path(name), `cannot apply to ${HOLDERS[kind]}: ${fault}`);
  }
}

/** What `options` sets, filled up from `defaults` where these can apply. */
export function withDefaults(
  options: ReadOptions,
  defaults: ReadOptions,
  kind: OptionHolder,
  besides: readonly OptionName[],
): ReadOptions {
  const filled: Record<string, unknown> = {};
  for (const name of Object.keys(defaults) as OptionName[]) {
    if (inapplicable(name, kind, besides) === undefined) filled[name] = defaults[name];
  }
  return { ...filled, ...options };
}

/**
 * What can apply to a node beside what can to all of its kind. A node without input queues may have others: a sink those of
 * its readers, an inlet that sheds load its waiting room. An inlet that validates may fail, as part of a subgraph.
 */
export function appliesBesides(
  kind: NodeKind,
  isSink: boolean,
  { overflow = 'block', input }: ReadOptions,
): readonly OptionName[] {
  const isInlet = kind === 'inlet';
  const besides: OptionName[] = isSink || (isInlet && overflow !== 'block') ? ['queueSize'] : [];
  return isInlet && input !== undefined ? [...besides, 'onError'] : besides;
}

function inapplicable(
  name: OptionName,
  kind: OptionHolder,
  besides: readonly OptionName[],
): string | undefined {
  if (kind === 'subgraph') return ON_SUBGRAPH.includes(name) ? undefined : 'set it on the nodes of the graph';
  if (kind === 'transform' || besides.includes(name)) return undefined;
  return RULES[name].notOn[kind];
}
