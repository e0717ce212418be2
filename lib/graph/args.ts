import { type Issue, isStandardSchema, type StandardSchema } from '../support/standard-schema.ts';
import { isRecord } from './aliases.ts';
import type { AnyFunction } from './definition.ts';
import type { RegisteredFunction } from './registered.ts';
import type { Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';

/** Where a function keeps the schema of its args. */
const ARGS = Symbol('args');

interface WithSchema {
  readonly [ARGS]?: StandardSchema;
}

/** The function of an entry in a registry, which knows the schema of its args. */
export function functionOf(entry: RegisteredFunction, path: string, report: Report): AnyFunction {
  const { run, args } = entry;
  reportUnknownKeys(
    entry,
    ['run', 'args'],
    (key) => `${path}.${key}`,
    report,
    'a registered function has run and args',
  );
  if (args !== undefined && !isStandardSchema(args)) {
    report('bad-option', `${path}.args`, `is ${shown(args)}, must be a Standard Schema`);
  }
  const bound = Function.prototype.bind.call(run, entry) as AnyFunction;
  return isStandardSchema(args) ? Object.defineProperty(bound, ARGS, { value: args }) : bound;
}

/** The args of a node as its functions will find them, once the schemas of all that were registered with one have seen them. */
export function checkedArgs(
  written: Readonly<Record<string, unknown>> | undefined,
  functions: readonly (AnyFunction | undefined)[],
  path: string,
  report: Report,
): Readonly<Record<string, unknown>> {
  let args: Readonly<Record<string, unknown>> = { ...written };
  for (const schema of new Set(functions.map(schemaOf))) {
    if (schema !== undefined) args = validated(args, schema, path, report);
  }
  return Object.freeze(args);
}

function schemaOf(run: AnyFunction | undefined): StandardSchema | undefined {
  return (run as WithSchema | undefined)?.[ARGS];
}

function validated(
  args: Readonly<Record<string, unknown>>,
  schema: StandardSchema,
  path: string,
  report: Report,
): Readonly<Record<string, unknown>> {
  const refuse = (message: string): typeof args => {
    report('bad-args', path, message);
    return args;
  };
  let answer: unknown;
  try {
    answer = schema['~standard'].validate(args);
  } catch (error) {
    return refuse(
      `cannot be validated, their schema fails: ${String((error as Error | undefined)?.message)}`,
    );
  }
  if (isThenable(answer)) {
    // Nobody waits for it any more.
    Promise.resolve(answer).catch(() => {});
    report(
      'async-schema',
      path,
      'have a schema that answers with a promise, must have one that answers at once',
    );
    return args;
  }
  const { issues, value } = (isRecord(answer) ? answer : {}) as {
    issues?: readonly Issue[];
    value?: unknown;
  };
  if (issues === undefined)
    return isRecord(value) ? { ...value } : refuse(`become ${shown(value)}, must be an object`);
  for (const issue of issues) report('bad-args', pathTo(issue, path), issue.message);
  return issues.length === 0 ? refuse('do not fit their schema') : args;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isRecord(value) && typeof value.then === 'function';
}

function pathTo({ path = [] }: Issue, start: string): string {
  const keys = Array.from(path, (part) => (typeof part === 'object' ? part.key : part));
  return keys.reduce<string>(
    (at, key) => `${at}${typeof key === 'number' ? `[${key}]` : `.${String(key)}`}`,
    start,
  );
}
