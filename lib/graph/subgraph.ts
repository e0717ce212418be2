/** Where a Plumber keeps its checked graph: known to every copy of the package, and no document can hold it. */
export const GRAPH: unique symbol = Symbol.for('sluice.graph') as never;

declare const TYPES: unique symbol;

/** A checked graph that may stand as a node of another one: every Plumber is one. */
export interface Subgraph<Inlets = unknown, Sinks = unknown> {
  /** For the engine, which takes its nodes from here; for the compiler, the types of what goes in and comes out. */
  readonly [GRAPH]: { readonly [TYPES]?: { readonly inlets: Inlets; readonly sinks: Sinks } };
}
