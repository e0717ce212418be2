import { isRecord } from './aliases.ts';
import type { AnyFunction, NodeOptions, Registry } from './definition.ts';
import { suggestion } from './names.ts';
import type { NodeKind } from './plan.ts';
import type { Report } from './report.ts';

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
}

const isFunctionOrName = (value: unknown): boolean =>
  typeof value === 'function' || typeof value === 'string';
const NO_FUNCTION = { inlet: 'it has no function' };
const NO_CALLS = {
  ...NO_FUNCTION,
  source: 'its function is called once, and what it returns is pulled item by item',
};
const NO_QUEUE = 'it has no input queue; set it on the nodes that take from it';
const LIFE: OptionRule = {
  fits: isFunctionOrName,
  wants: 'a function or a registry name',
  notOn: NO_FUNCTION,
};

const RULES: Readonly<Record<OptionName, OptionRule>> = {
  args: { fits: isRecord, wants: 'an object', notOn: NO_FUNCTION },
  aggregateInputs: { fits: oneOf(true, false, 'partial'), wants: "true, false or 'partial'", notOn: {} },
  many: { fits: oneOf(true, false), wants: 'true or false', notOn: NO_CALLS },
  queueSize: { fits: isCount, wants: COUNT, notOn: { source: NO_QUEUE, inlet: NO_QUEUE } },
  concurrency: { fits: isCount, wants: COUNT, notOn: NO_CALLS },
  order: { fits: oneOf('input', 'completion'), wants: "'input' or 'completion'", notOn: NO_CALLS },
  onError: {
    fits: oneOf('fail', 'skip'),
    wants: "'fail' or 'skip'",
    notOn: {
      ...NO_FUNCTION,
      source: 'one that failed cannot go on, and what it did not send must not be taken for its end',
    },
  },
  setup: LIFE,
  teardown: LIFE,
};

const OPTION_NAMES = Object.keys(RULES) as readonly OptionName[];

/** Options as written, with registry names looked up: `run` too, which is one of an object's keys. */
export type ReadOptions = { -readonly [K in Exclude<OptionName, 'setup' | 'teardown'>]?: NodeOptions[K] } & {
  setup?: AnyFunction;
  teardown?: AnyFunction;
};

/** Reads the options of one node or of `defaults`, reporting what is unknown or unreadable. */
export function readOptions(
  spec: Readonly<Record<string, unknown>>,
  path: (option: string) => string,
  also: readonly string[],
  registry: Registry,
  report: Report,
): ReadOptions {
  const options: Record<string, unknown> = {};
  // An instance of a class has fields of its own, which are no options; of plain data every key must be one.
  if (isPlain(spec)) {
    const known = [...also, ...OPTION_NAMES];
    for (const key of Object.keys(spec)) {
      if (!known.includes(key)) {
        report('unknown-option', path(key), () => `there is no such option.${suggestion(key, known)}`);
      }
    }
  }
  for (const name of OPTION_NAMES) {
    const value = spec[name];
    if (value === undefined) continue;
    const rule = RULES[name];
    if (!rule.fits(value)) report('bad-option', path(name), `is ${shown(value)}, must be ${rule.wants}`);
    else if (name === 'setup' || name === 'teardown') {
      options[name] = readFunction(value, spec, path(name), registry, report);
    } else options[name] = value;
  }
  return options as ReadOptions;
}

/** A function, or the one a registry holds under that name, bound to the object it is a method of. */
export function readFunction(
  value: unknown,
  holder: object,
  path: string,
  registry: Registry,
  report: Report,
): AnyFunction | undefined {
  // Not the function's own `bind`, which it may lack.
  if (typeof value === 'function') return Function.prototype.bind.call(value, holder) as AnyFunction;
  if (typeof value !== 'string') {
    report('not-a-node', path, `is ${shown(value)}, must be a function or the name of one in the registry`);
    return undefined;
  }
  const found = Object.hasOwn(registry, value) ? registry[value] : undefined;
  if (typeof found === 'function') return found;
  const names = Object.keys(registry);
  const none =
    names.length === 0 ? ' The registry is empty: give it as `new Plumber(definition, { registry })`.' : '';
  report(
    'unknown-function',
    path,
    () => `the registry has no function ${shown(value)}.${none}${suggestion(value, names)}`,
  );
  return undefined;
}

/** Reports each option that a node has of its own and that means nothing for its kind. */
export function checkApplicable(
  options: ReadOptions,
  kind: NodeKind,
  isSink: boolean,
  path: (option: string) => string,
  report: Report,
): void {
  for (const name of OPTION_NAMES) {
    const fault = options[name] === undefined ? undefined : inapplicable(name, kind, isSink);
    if (fault === undefined) continue;
    const what = kind === 'inlet' ? 'an inlet' : 'a source (a node that no edge leads to)';
    report('option-not-applicable', path(name), `cannot apply to ${what}: ${fault}`);
  }
}

/** What `options` sets, filled up from `defaults` where these can apply. */
export function withDefaults(
  options: ReadOptions,
  defaults: ReadOptions,
  kind: NodeKind,
  isSink: boolean,
): ReadOptions {
  const fitting = OPTION_NAMES.filter((name) => inapplicable(name, kind, isSink) === undefined);
  return { ...Object.fromEntries(fitting.map((name) => [name, defaults[name]])), ...options };
}

function inapplicable(name: OptionName, kind: NodeKind, isSink: boolean): string | undefined {
  // A sink's queue size is that of its readers.
  if (kind === 'transform' || (name === 'queueSize' && isSink)) return undefined;
  return RULES[name].notOn[kind];
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value as messages show it: short, and never its own code. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'undefined'
    ? 'undefined'
    : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
