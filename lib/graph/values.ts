import { isStandardSchema, type StandardSchema } from '../support/standard-schema.ts';
import type { AnyFunction, Registry } from './definition.ts';
import type { Report } from './report.ts';

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
    report(
      'not-a-node',
      path,
      `is ${shown(value)}, must be a function, a Plumber, or the name of one in the registry`,
    );
    return undefined;
  }
  const found = Object.hasOwn(registry, value) ? registry[value] : undefined;
  if (typeof found === 'function') return found;
  reportUnknown('function', value, path, registry, report);
  return undefined;
}

/** A validator, or the one a registry holds under that name. */
export function readSchema(
  value: unknown,
  _holder: object,
  path: string,
  registry: Registry,
  report: Report,
): StandardSchema | undefined {
  if (typeof value !== 'string') return value as StandardSchema;
  const found = Object.hasOwn(registry, value) ? registry[value] : undefined;
  if (isStandardSchema(found)) return found;
  reportUnknown('schema', value, path, registry, report);
  return undefined;
}

function reportUnknown(
  what: 'function' | 'schema',
  name: string,
  path: string,
  registry: Registry,
  report: Report,
): void {
  const names = Object.keys(registry);
  const none =
    names.length === 0 ? ' The registry is empty: give it as `new Plumber(definition, { registry })`.' : '';
  report(
    `unknown-${what}`,
    path,
    (suggest) => `the registry has no ${what} ${shown(name)}.${none}${suggest(name, names)}`,
  );
}

export const isFunctionOrName = (value: unknown): boolean =>
  typeof value === 'function' || typeof value === 'string';

/** Whether a value is plain data: an instance of a class has fields of its own, which are no options. */
export function isPlain(value: object): boolean {
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
