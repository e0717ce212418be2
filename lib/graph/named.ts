import { isStandardSchema, type StandardSchema } from '../support/standard-schema.ts';
import { isRecord } from './aliases.ts';
import { functionOf } from './args.ts';
import type { AnyFunction } from './definition.ts';
import { isRegisteredFunction, lookUp, type Registry } from './registered.ts';
import type { Report } from './report.ts';
import { GRAPH } from './subgraph.ts';
import { isPlain, shown } from './values.ts';

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
  reportMissing('function', value, path, registry, report);
  return undefined;
}

/** A validator, or the one a registry holds under that name. */
export function readSchema(
  value: unknown,
  path: string,
  registry: Registry,
  report: Report,
): StandardSchema | undefined {
  if (typeof value !== 'string') return value as StandardSchema;
  const found = lookUp(registry, value);
  if (isStandardSchema(found)) return found;
  reportMissing('schema', value, path, registry, report);
  return undefined;
}

const WANTED = {
  function: 'a function, { run, args } with a function as run, or, for a node, a Plumber',
  schema: 'a Standard Schema',
};

/** There is nothing under the name, or not what is wanted. What stands in a registry is no concern of a stranger: its kind is told. */
function reportMissing(
  what: 'function' | 'schema',
  name: string,
  path: string,
  registry: Registry,
  report: Report,
): void {
  const code = `unknown-${what}` as const;
  const names = Object.keys(registry);
  if (Object.hasOwn(registry, name)) {
    const kind = kindOf(registry[name]);
    report(code, path, `is ${shown(name)}, which in the registry is ${kind}, must be ${WANTED[what]}`);
  } else {
    const none = names.length === 0 ? emptiness(registry) : '';
    report(
      code,
      path,
      (suggest) => `the registry has no ${what} ${shown(name)}.${none}${suggest(name, names)}`,
    );
  }
}

/** A map keeps what it holds elsewhere, and the methods of a class are inherited. */
function emptiness(registry: Registry): string {
  if (isPlain(registry)) return ' The registry is empty: give it as `new Plumber(definition, { registry })`.';
  const what =
    (registry as unknown) instanceof Map ? 'a Map' : 'an object of a class without fields of its own';
  return ` The registry is ${what}, must be a plain object of functions by name.`;
}

function kindOf(value: unknown): string {
  if (isStandardSchema(value)) return 'a schema';
  if (typeof value === 'string') return 'a string';
  if (!isRecord(value)) return shown(value);
  if (GRAPH in value) return 'a Plumber';
  return 'run' in value ? 'an object whose run is no function' : 'an object without run';
}
