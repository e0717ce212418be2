import type { Context, LifeContext, Message } from './context.ts';
import type { Inlet, NodeOptions } from './definition.ts';
import type { GraphShape } from './edge-shapes.ts';

// What the compiler infers of a definition that is written as a literal.

// Inline functions get their parameters' types from here, and editors offer what they find here. `object` lets in what
// is not like that, such as functions of `never`, and what is wrong: `CheckedNode` says so better than a constraint can.
type Run = ((input: any, context: Context<any, any, any>) => unknown) | object;
type KeyBy = ((input: any, message: Message<any>) => unknown) | object;
type Life = ((context: LifeContext<any, any, any>) => unknown) | object;

interface NodeShape extends Omit<NodeOptions, 'keyBy' | 'setup' | 'teardown'> {
  readonly run: Run | string;
  readonly keyBy?: KeyBy | string;
  readonly setup?: Life | string;
  readonly teardown?: Life | string;
}

/** What may stand under `nodes`. */
export type NodeShapes = Readonly<Record<string, Run | string | Inlet<any> | NodeShape>>;

/** What may stand in a registry. */
export type RegistryShape = Readonly<Record<string, Run | { readonly run: Run; readonly args?: object }>>;

/** The types of a definition's parts, just as they were written, and of the registry its names are looked up in. */
export interface Wiring<
  N extends NodeShapes = any,
  G extends GraphShape = any,
  R extends RegistryShape = any,
  D extends NodeOptions = any,
  P extends NodeOptions = {},
  L extends string = any,
> {
  readonly nodes: N;
  readonly graph: G;
  readonly registry: R;
  readonly defaults: D;
  /** The Plumber's own defaults, which the definition's go before. */
  readonly fallback: P;
  /** The name of the dead-letter node. */
  readonly deadLetter: L;
}

/** Nothing was given to infer from. */
export type None = {};
