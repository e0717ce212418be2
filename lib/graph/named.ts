import { isStandardSchema, type StandardSchema } from '../support/standard-schema.ts';
import { functionOf } from './args.ts';
import type { AnyFunction } from './definition.ts';
import { isRegisteredFunction, lookUp, type Registry } from './registered.ts';
import type { Report } from './report.ts';
import { shown } from './values.ts';

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
  const found = lookUp(registry, value);
  if (typeof found === 'function') return found as AnyFunction;
  if (isRegisteredFunction(found)) return functionOf(found, `registry.${value}`, report);
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
  const found = lookUp(registry, value);
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
