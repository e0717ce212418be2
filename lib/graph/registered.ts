import type { StandardSchema } from '../support/standard-schema.ts';
import { isRecord } from './aliases.ts';
import type { AnyFunction } from './definition.ts';
import type { Subgraph } from './subgraph.ts';

/** A function in a registry, with what the `args` of nodes that name it must be. */
export interface RegisteredFunction {
  readonly run: AnyFunction;
  /**
   * Validates the `args` of each node that names the function; what it makes of them is what the function finds in `context.args`.
   * It is asked when a definition is checked, not when a pipeline runs, so it has to answer at once: a schema that answers
   * with a promise makes a GraphError. Args that do not fit do so, too.
   * @default none: the function is given what the definition says
   */
  readonly args?: StandardSchema;
}

/** Functions, Plumbers and schemas by name, for definitions that are plain JSON. Only own properties are looked up. */
export type Registry = Readonly<Record<string, AnyFunction | RegisteredFunction | Subgraph | StandardSchema>>;

/** What a registry holds under a name of its own. */
export function lookUp(registry: Registry, name: unknown): unknown {
  return typeof name === 'string' && Object.hasOwn(registry, name) ? registry[name] : undefined;
}

/** Whether it is a function with a schema for its args. */
export function isRegisteredFunction(value: unknown): value is RegisteredFunction {
  return isRecord(value) && typeof value.run === 'function';
}
