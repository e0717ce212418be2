/** Any function, whatever it takes: a definition built at run time knows no more. */
export type AnyFunction = (...args: never[]) => unknown;

/** How a node with several inputs takes them. */
export type AggregateInputs = boolean | 'partial';

/** What becomes of a message whose function failed. */
export type OnError = 'fail' | 'skip';

/** The options of a node, all optional; documented here and nowhere else. */
export interface NodeOptions {
  /** What the function finds in `context.args`. @default {} */
  readonly args?: Readonly<Record<string, unknown>>;
  /**
   * `true`: one row at a time, a record keyed by upstream node. `'partial'`: the record holds only the branches that
   * had a value. `false`: one value at a time, from whichever came. Means nothing with a single input.
   * @default true
   */
  readonly aggregateInputs?: AggregateInputs;
  /** Unroll what the function returns: each item of the iterable becomes a message. @default only for generator functions */
  readonly many?: boolean;
  /** Messages in each of the node's input queues, and in the queue of each reader of a sink. @default 16 */
  readonly queueSize?: number;
  /** Calls of the function at once. @default 1 */
  readonly concurrency?: number;
  /** Whether outputs leave in the order of the inputs or as calls complete. @default 'input' */
  readonly order?: 'input' | 'completion';
  /**
   * `'fail'`: the calls the message descends from reject; where there is none, the pipeline fails.
   * `'skip'`: counted, told to `error` listeners, and the row has a hole. Not for a source, which cannot go on.
   * @default 'fail'
   */
  readonly onError?: OnError;
  /** Runs once per pipeline before the first message; what it returns is `context.state`. A function or registry name. */
  readonly setup?: AnyFunction | string;
  /** Runs once per pipeline after the last call, if `setup` succeeded. A function or registry name. */
  readonly teardown?: AnyFunction | string;
}

/** A node written as an object. */
export interface NodeObject extends NodeOptions {
  /** The function or its registry name; a method keeps its `this`. */
  readonly run: AnyFunction | string;
}

declare const VALUE: unique symbol;

/** A node that is fed from outside, by `push`, `call` or `inputs`. As JSON: `{ "inlet": true }`. */
export interface Inlet<T = unknown> {
  readonly inlet: true;
  /** Only for the compiler: the type of what may be pushed. */
  readonly [VALUE]?: T;
}

/**
 * Declares a node that is fed from outside.
 *
 * @example
 * import { createPipeline, inlet } from 'sluice';
 *
 * const pipeline = createPipeline({
 *   nodes: { word: inlet<string>(), length: (word: string) => word.length },
 *   graph: { word: ['length'] },
 * });
 * console.log(await pipeline.call('sluice')); // prints: { length: [ 6 ] }
 * await pipeline.stop();
 */
export function inlet<T>(): Inlet<T> {
  return INLET;
}

const INLET: Inlet<never> = Object.freeze({ inlet: true });

/** Whatever may stand under `nodes`. */
export type NodeSpec = AnyFunction | string | Inlet | NodeObject;

/** An edge with options of its own. */
export interface EdgeObject {
  readonly to: string;
  /** Messages this one queue holds. @default the `queueSize` of the node it leads to */
  readonly queueSize?: number;
}

/** Whatever may stand in a list under `graph`. */
export type Edge = string | EdgeObject;

/** What a Plumber builds: plain data plus functions, or plain JSON with registry names. */
export interface Definition {
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly graph: Readonly<Record<string, readonly Edge[] | null>>;
  /** Options for every node that does not set its own, where they can apply. */
  readonly defaults?: NodeOptions;
}

/** Functions by name, for definitions that are plain JSON. Only own properties are looked up. */
export type Registry = Readonly<Record<string, AnyFunction>>;
