import type { Context, LifeContext, SourceContext } from './context.ts';
import type { EdgeObject, Inlet, NodeObject, NodeOptions } from './definition.ts';
import type { Misfit, Quoted } from './sentences.ts';

// The compiler infers the parts of `Wiring` from a literal, and then compares the literal with `Checked`: its own
// type where all is well, a sentence in place of what is wrong, so that the error stands right there. What is not known
// before run time is `any` here, which fits everywhere.

// --- What is inferred

// Inline functions get their parameters' types from here, and editors offer what they find here. `object` lets in what
// is not like that, such as functions of `never`, and what is wrong: `CheckedNode` says so better than a constraint can.
type Run = ((input: any, context: Context<any, any, any>) => unknown) | object;
type Life = ((context: LifeContext<any, any, any>) => unknown) | object;

interface NodeShape extends Omit<NodeOptions, 'setup' | 'teardown'> {
  readonly run: Run | string;
  readonly setup?: Life | string;
  readonly teardown?: Life | string;
}

/** What may stand under `nodes`. */
export type NodeShapes = Readonly<Record<string, Run | string | Inlet<any> | NodeShape>>;

/** What may stand under `graph`. */
export type GraphShape = Readonly<Record<string, readonly (string | EdgeObject)[] | null>>;

/** What may stand in a registry. */
export type RegistryShape = Readonly<Record<string, Run>>;

/** The types of a definition's parts, just as they were written, and of the registry its names are looked up in. */
export interface Wiring<
  N extends NodeShapes = any,
  G extends GraphShape = any,
  R extends RegistryShape = any,
  D extends NodeOptions = any,
  P extends NodeOptions = {},
> {
  readonly nodes: N;
  readonly graph: G;
  readonly registry: R;
  readonly defaults: D;
  /** The Plumber's own defaults, which the definition's go before. */
  readonly fallback: P;
}

/** Nothing was given to infer from. */
export type None = {};

// --- What is made of it

/**
 * A definition in which the compiler has checked names, options, edges and joins. One that is built at run time, and
 * typed as `Definition`, passes as it is.
 */
export interface Checked<W extends Wiring> {
  readonly nodes: IsLoose<W> extends true
    ? W['nodes']
    : { readonly [K in keyof W['nodes'] as Anew<K>]: CheckedNode<W, K, W['nodes'][K]> };
  readonly graph: IsLoose<W> extends true
    ? W['graph']
    : { readonly [K in keyof W['nodes'] as Anew<K>]?: CheckedEdges<W, K> };
  /** Options for every node that does not set its own, where they can apply. */
  readonly defaults?: CheckedOptions<W['defaults']>;
}

/** Options that are written literally: no other keys than these. */
export type CheckedOptions<D> = string extends keyof D ? D : NodeOptions;

/** What may be pushed into each inlet. */
export type InletsOf<N> = string extends keyof N
  ? Record<string, unknown>
  : Expand<{
      [K in keyof N as IsInlet<N[K]> extends true ? K : never]: N[K] extends Inlet<infer T> ? T : never;
    }>;

/** What comes out of each sink. */
export type SinksOf<W extends Wiring> =
  IsLoose<W> extends true
    ? Record<string, unknown>
    : Expand<{ [K in keyof W['nodes'] as [Targets<W, K>] extends [never] ? K : never]: Sent<W, K> }>;

/** What `push` and `call` of the pipeline itself take: the type of its only inlet, or what to do instead. */
export type OnlyInlet<In> = [keyof In] extends [never]
  ? 'There is no inlet to push to'
  : IsUnion<keyof In> extends true
    ? 'There are several inlets: use inlet(name)'
    : In[keyof In];

// While it infers, the compiler looks for the contextual type of every literal. Keys that are the old ones by value only
// keep it from searching all that is below here, which is three times the work.
type Anew<K> = `${K & string}`;

// An alias would be printed by its name and arguments; this is printed as the properties it makes.
type Expand<T> = T extends infer O ? { -readonly [K in keyof O]: O[K] } : never;

// --- The shape of the graph

// A name that could be any string was not written as a literal.
type IsLoose<W extends Wiring> = string extends keyof W['nodes'] | keyof W['graph'] | Targets<W>
  ? true
  : false;
// `null` is asked for because it extends everything where the compiler is not strict.
type To<L> = L extends null
  ? never
  : L extends readonly (infer E)[]
    ? E extends { readonly to: infer T }
      ? T
      : E
    : never;
type Edges<W extends Wiring> = { [K in keyof W['graph']]: To<W['graph'][K]> };
type Targets<W extends Wiring, K = keyof Edges<W>> = Edges<W>[K & keyof Edges<W>];
type Upstreams<W extends Wiring, K> = Sources<Edges<W>, K> & keyof W['nodes'];
type Sources<E, K> = { [U in keyof E]: K extends E[U] ? U : never }[keyof E];

type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never;
// --- A node's function and options

// `any` if nothing is known of it, as of an `AnyFunction`; `null` for an inlet.
type RunOf<W extends Wiring, K> = FunctionOf<W['nodes'][K & string], W['registry']>;
type FunctionOf<S, R> = S extends (...args: infer A) => unknown
  ? [A, never[]] extends [never[], A]
    ? any
    : S
  : S extends keyof R
    ? FunctionOf<R[S], unknown>
    : S extends { readonly run: infer F }
      ? FunctionOf<F, R>
      : S extends Inlet<any>
        ? null
        : any;
type InputOf<F> = F extends (input: infer I, ...rest: any) => unknown ? I : any;
type ReturnOf<F> = F extends (...args: any) => infer O ? O : any;

type Aggregate<W extends Wiring, K> = Option<W, K, 'aggregateInputs', true>;
type Many<W extends Wiring, K> = Option<W, K, 'many', false>;
type Option<W extends Wiring, K, O, Default> = Own<
  W['nodes'][K & string],
  O,
  Own<W['defaults'], O, Own<W['fallback'], O, Default>>
>;
type Own<T, O, Else> = O extends keyof T ? T[O] : Else;

// --- What a node sends

type Sent<W extends Wiring, K> = Exclude<
  W['nodes'][K & string] extends Inlet<infer T>
    ? Known<T>
    : K extends Targets<W>
      ? Results<Awaited<ReturnOf<RunOf<W, K>>>, Many<W, K>>
      : SourceItems<ReturnOf<RunOf<W, K>>, InputOf<RunOf<W, K>>>,
  null | undefined | void
>;
type IsInlet<S> = unknown extends S ? false : S extends Inlet<any> ? true : false;
type Known<T> = unknown extends T ? any : T;

type Results<T, Many> = unknown extends T
  ? T
  : [Many] extends [true]
    ? Items<T>
    : [Many] extends [false]
      ? T extends Iterator<unknown> | AsyncIterator<unknown>
        ? Items<T>
        : Iterable<any> extends T
          ? any // Declared as `Iterable` and no more: a generator's, or a value.
          : T
      : any;
type Items<T> = T extends Iterable<infer I> | AsyncIterable<infer I> ? Awaited<I> : T;

type SourceItems<T, C> = T extends Pulled
  ? Items<T>
  : C extends { emit(value: infer V): unknown }
    ? Known<V>
    : never;
type Pulled = (object & Iterable<unknown>) | AsyncIterable<unknown>;

// --- What may stand at a node

type CheckedNode<W extends Wiring, K, S> =
  S extends Inlet<infer T>
    ? NodeOptions & Inlet<T>
    : S extends { readonly run: infer F }
      ? NodeOptions & { readonly run: CheckedRun<W, K, F> }
      : S extends Function | string
        ? CheckedRun<W, K, S>
        : NodeObject;

type CheckedRun<W extends Wiring, K, F> = F extends string
  ? string extends F | RegistryNames<W>
    ? F
    : F extends RegistryNames<W>
      ? CheckedStart<W, K, F>
      : [RegistryNames<W>] extends [never]
        ? `There is no registry to find ${Quoted<F>} in`
        : RegistryNames<W>
  : F extends Function
    ? CheckedStart<W, K, F>
    : NodeObject['run'];

// Or else a registry would be inferred from the very names that are looked up in it.
type RegistryNames<W extends Wiring> = NoInfer<keyof W['registry']>;

// A node that no edge leads to is a source. Whether by mistake, can be told once all edges lead to nodes.
type CheckedStart<W extends Wiring, K, F> =
  K extends Targets<W>
    ? F
    : [Targets<W>] extends [keyof W['nodes']]
      ? RunOf<W, K> extends (context: Context<any, any, any> & SourceContext<any, any, any, any>) => unknown
        ? [ReturnOf<RunOf<W, K>>] extends [Pulled | PromiseLike<void | null>]
          ? F
          : `No edge leads to ${Quoted<K>}: a source returns an iterable, or a promise while it emits`
        : `No edge leads to ${Quoted<K>}, which wants an input`
      : F;

// --- What may stand at an edge

type CheckedEdges<W extends Wiring, K> = K extends keyof W['graph']
  ? CheckedList<W, K, W['graph'][K]>
  : readonly (keyof W['nodes'] | EdgeObject)[] | null;

type CheckedList<W extends Wiring, K, L> = {
  readonly [I in keyof L]: L[I] extends { readonly to: infer T }
    ? Omit<EdgeObject, 'to'> & { readonly to: CheckedTarget<W, K, T> }
    : CheckedTarget<W, K, L[I]>;
};

type CheckedTarget<W extends Wiring, K, T> = T extends keyof W['nodes']
  ? W['nodes'][T] extends Inlet<any>
    ? `${Quoted<T>} is an inlet: no edge may lead there`
    : IsRow<W, T> extends true
      ? RunOf<W, T> extends (input: Row<W, T>, context: any) => unknown
        ? T
        : CheckedBranch<W, K, T, InputOf<RunOf<W, T>>>
      : RunOf<W, T> extends (input: Sent<W, K>, context: any) => unknown
        ? T
        : CheckedValue<W, K, T, InputOf<RunOf<W, T>>>
  : keyof W['nodes'];

type CheckedValue<W extends Wiring, K, T, I> = [Sent<W, K>] extends [I]
  ? T
  : RunOf<W, K> extends (input: any, context: any) => Returning<I, Many<W, K>>
    ? T // A generic function: what it returns depends on its input.
    : Misfit<K, T, Sent<W, K>, I>;

type Returning<T, Many> = Many extends true
  ? Iterable<T> | AsyncIterable<T> | PromiseLike<Iterable<T> | AsyncIterable<T>>
  : T | PromiseLike<T> | Iterator<T> | AsyncIterator<T>;

// --- Joins

type IsRow<W extends Wiring, K> = [Aggregate<W, K>] extends [false] ? false : IsUnion<Upstreams<W, K>>;

type Row<W extends Wiring, K> = [Aggregate<W, K>] extends [true]
  ? { [U in Upstreams<W, K>]: Sent<W, U> }
  : [Aggregate<W, K>] extends ['partial']
    ? { [U in Upstreams<W, K>]?: Sent<W, U> }
    : any;

// The row as a whole does not fit. A branch is to blame if its value does not, or for a key that the function reads and
// no branch has: then those that the function does not read, or if there are none, all of them.
type CheckedBranch<W extends Wiring, K, T, I, U = Upstreams<W, T>> = I extends
  | string
  | number
  | readonly unknown[]
  ? `${Quoted<T>} has several inputs: it gets a record of them, or with \`aggregateInputs: false\` one after the other`
  : [Exclude<RequiredKeys<I>, U>] extends [never]
    ? CheckedKey<W, K, T, I>
    : K extends ([Exclude<U, keyof I>] extends [never] ? K : Exclude<U, keyof I>)
      ? `${Quoted<T>} reads ${Quoted<Exclude<RequiredKeys<I>, U>>}, which no edge brings it`
      : CheckedKey<W, K, T, I>;

type CheckedKey<W extends Wiring, K, T, I> = K extends keyof I
  ? [Aggregate<W, T>, K] extends ['partial', RequiredKeys<I>]
    ? `${Quoted<K>} may be missing from a \`'partial'\` record, but ${Quoted<T>} always reads it`
    : CheckedValue<W, K, T, I[K]>
  : T;

type RequiredKeys<T> = {
  [P in keyof T]-?: undefined extends T[P] ? never : string extends P ? never : P;
}[keyof T];
