import type { CheckedGathering, ElementOf, ManyOf } from './batch-types.ts';
import type { Context, SourceContext } from './context.ts';
import type { DeadLetter } from './dead-letters.ts';
import type { EdgeObject, Inlet, NodeObject, NodeOptions } from './definition.ts';
import type { Guarded, To } from './edge-shapes.ts';
import type { CheckedEnds, SubgraphOptions } from './ends.ts';
import type { None, Wiring } from './inferred.ts';
import type {
  FunctionOf,
  InputOf,
  IsInlet,
  Known,
  Pulled,
  Pushed,
  Results,
  ReturnOf,
  SourceItems,
} from './results.ts';
import type { Made, Wanted } from './schema-types.ts';
import type { Misfit, Quoted } from './sentences.ts';
import type { Subgraph } from './subgraph.ts';
import type { Expand, IsUnion, Own, RequiredKeys, Returning } from './utility-types.ts';
import type { CheckedThread } from './worker-types.ts';

// The compiler infers the parts of `Wiring` from a literal, and then compares the literal with `Checked`: its own type
// where all is well, a sentence in place of what is wrong. What is not known before run time is `any`, which fits everywhere.

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
  /** The node that takes dead letters, each as a `DeadLetter`; no edge may lead there. */
  readonly deadLetter?: CheckedDeadLetter<W, W['deadLetter']>;
}

/** Options that are written literally: no other keys than these. */
export type CheckedOptions<D> = string extends keyof D ? D : NodeOptions;

/** What may be pushed into each inlet. */
export type InletsOf<N, R> = string extends keyof N
  ? Record<string, unknown>
  : Expand<{ [K in keyof N as IsInlet<N[K]> extends true ? K : never]: Pushed<N[K], R> }>;

/** What comes out of each sink. */
export type SinksOf<W extends Wiring> =
  IsLoose<W> extends true
    ? Record<string, unknown>
    : Expand<{ [K in keyof W['nodes'] as [Targets<W, K>] extends [never] ? K : never]: Sent<W, K> }>;

// While it infers, the compiler looks for the contextual type of every literal. Keys that are the old ones by value only
// keep it from searching all that is below here, which is three times the work.
type Anew<K> = `${K & string}`;

// --- The shape of the graph

// A name that could be any string was not written as a literal.
type IsLoose<W extends Wiring> = string extends keyof W['nodes'] | keyof W['graph'] | Targets<W>
  ? true
  : false;
type Edges<W extends Wiring> = { [K in keyof W['graph']]: To<W['graph'][K]> };
type Targets<W extends Wiring, K = keyof Edges<W>> = Edges<W>[K & keyof Edges<W>];
type Upstreams<W extends Wiring, K> = Sources<Edges<W>, K> & keyof W['nodes'];
type Sources<E, K> = { [U in keyof E]: K extends E[U] ? U : never }[keyof E];

// --- A node's function and options

// `any` if nothing is known of it, as of an `AnyFunction`; `null` for an inlet.
type RunOf<W extends Wiring, K> = FunctionOf<W['nodes'][K & string], W['registry']>;

type Aggregate<W extends Wiring, K> = Option<W, K, 'aggregateInputs', true>;
// Of a batch whose elements are scattered, each is sent by itself, too.
type Many<W extends Wiring, K> = ManyOf<Scatter<W, K>, Option<W, K, 'many', false>>;
type Scatter<W extends Wiring, K> = Own<Option<W, K, 'batch', None>, 'scatter', false>;
type Option<W extends Wiring, K, O, Default> = Own<
  W['nodes'][K & string],
  O,
  Own<W['defaults'], O, Own<W['fallback'], O, Default>>
>;

// The schema that a node has, or `never`.
type Schema<W extends Wiring, K, O extends 'input' | 'output'> = Option<W, K, O, never>;

// What takes a node's input: its schema, or else its function.
type Taker<W extends Wiring, K, S = Schema<W, K, 'input'>> = [S] extends [never]
  ? RunOf<W, K>
  : (input: Wanted<S, W['registry'], any>, context: any) => unknown;

// What it is given of what comes in, and what of its input's type has to fit that.
type IsBatch<W extends Wiring, K> = undefined extends Option<W, K, 'batch', undefined> ? false : true;
type Fed<W extends Wiring, K, I> = IsBatch<W, K> extends true ? I[] : I;
type Wants<W extends Wiring, K> =
  IsBatch<W, K> extends true ? ElementOf<InputOf<Taker<W, K>>> : InputOf<Taker<W, K>>;

// --- What a node sends

type Sent<W extends Wiring, K, S = Schema<W, K, SentThrough<W['nodes'][K & string]>>> = [S] extends [never]
  ? Given<W, K>
  : Exclude<Made<S, W['registry'], any>, null | undefined>;
type SentThrough<S> = IsInlet<S> extends true ? 'input' : 'output';

// What it would send without a schema.
type Given<W extends Wiring, K> = Exclude<
  W['nodes'][K & string] extends Inlet<infer T>
    ? Known<T>
    : K extends Targets<W> | W['deadLetter']
      ? Results<Awaited<ReturnOf<RunOf<W, K>>>, Many<W, K>>
      : SourceItems<ReturnOf<RunOf<W, K>>, InputOf<RunOf<W, K>>>,
  null | undefined | void
>;

// --- What may stand at a node

type CheckedNode<W extends Wiring, K, S> =
  S extends Inlet<infer T>
    ? NodeOptions & Inlet<T> & CheckedSchemas<W, S, any, any, ''>
    : S extends { readonly run: infer F }
      ? (F extends Subgraph<any, any>
          ? SubgraphOptions
          : NodeOptions &
              CheckedKeyBy<W, K, S> &
              CheckedSchemas<W, S, InputOf<RunOf<W, K>>, Given<W, K>, Quoted<K>>) & {
          readonly run: CheckedThread<K, S, F, CheckedRun<W, K, F>>;
        }
      : S extends Function | string | Subgraph<any, any>
        ? CheckedRun<W, K, S>
        : NodeObject;

type CheckedKeyBy<W extends Wiring, K, S> = S extends { readonly keyBy: infer F }
  ? { readonly keyBy: CheckedBeside<W, F, Input<W, K>, `\`keyBy\` does not take what ${Quoted<K>} is given`> }
  : {};

// The schemas around a function that takes `In` and gives `Out`.
type CheckedSchemas<W extends Wiring, S, In, Out, Name extends string> = (S extends {
  readonly input: infer I;
}
  ? {
      readonly input: [Made<I, W['registry'], any>] extends [In]
        ? CheckedName<W, I>
        : `\`input\` gives what the function of ${Name} does not take`;
    }
  : {}) &
  (S extends { readonly output: infer O }
    ? {
        readonly output: [Known<Out>] extends [Wanted<O, W['registry'], any>]
          ? CheckedName<W, O>
          : `\`output\` does not take what the function of ${Name} returns`;
      }
    : {});
// A schema itself is not compared with its own type: the types of some are deeper than the compiler goes.
type CheckedName<W extends Wiring, F> = F extends string
  ? string extends F | RegistryNames<W>
    ? F
    : RegistryNames<W>
  : unknown;

// A function beside a node's own, which is given a value of type `I`.
type CheckedBeside<W extends Wiring, F, I, Misfit> = F extends string
  ? CheckedName<W, F>
  : [I] extends [InputOf<FunctionOf<F, W['registry']>>]
    ? F
    : Misfit;

/** What a node's function is given. */
type Input<W extends Wiring, K> =
  IsRow<W, K> extends true ? Row<W, K> : { [U in Upstreams<W, K>]: Along<W, U, K> }[Upstreams<W, K>];

type CheckedRun<W extends Wiring, K, F> = F extends string
  ? string extends F | RegistryNames<W>
    ? F
    : F extends RegistryNames<W>
      ? CheckedWork<W, K, F, W['registry'][F]>
      : [RegistryNames<W>] extends [never]
        ? `There is no registry to find ${Quoted<F>} in`
        : RegistryNames<W>
  : F extends Function | Subgraph<any, any>
    ? CheckedWork<W, K, F, F>
    : NodeObject['run'];

// Or else a registry would be inferred from the very names that are looked up in it.
type RegistryNames<W extends Wiring> = NoInfer<keyof W['registry']>;

type CheckedWork<W extends Wiring, K, F, Work> =
  Work extends Subgraph<infer In, infer Out>
    ? CheckedEnds<K, In, Out, CheckedStart<W, K, F>>
    : CheckedStart<W, K, F>;

// A node that no edge leads to is a source. Whether by mistake, can be told once all edges lead to nodes.
type CheckedStart<W extends Wiring, K, F> = K extends W['deadLetter']
  ? Taker<W, K> extends (letter: Fed<W, K, DeadLetter<any>>, context: any) => unknown
    ? CheckedBatch<W, K, F>
    : `${Quoted<K>} takes dead letters: its input is ${IsBatch<W, K> extends true ? 'an array of' : 'a'} \`DeadLetter\``
  : K extends Targets<W>
    ? CheckedBatch<W, K, F>
    : [Targets<W> | W['deadLetter']] extends [keyof W['nodes']]
      ? RunOf<W, K> extends (context: Context<any, any, any> & SourceContext<any, any, any, any>) => unknown
        ? [ReturnOf<RunOf<W, K>>] extends [Pulled | PromiseLike<void | null>]
          ? F
          : `No edge leads to ${Quoted<K>}: a source returns an iterable, or a promise while it emits`
        : `No edge leads to ${Quoted<K>}, which wants an input`
      : F;

type CheckedBatch<W extends Wiring, K, F> =
  IsBatch<W, K> extends true
    ? CheckedGathering<K, InputOf<RunOf<W, K>>, Awaited<ReturnOf<RunOf<W, K>>>, Scatter<W, K>, F>
    : F;

type CheckedDeadLetter<W extends Wiring, L> =
  IsLoose<W> extends true
    ? string
    : L extends keyof W['nodes']
      ? W['nodes'][L] extends Inlet<any>
        ? `${Quoted<L>} is an inlet, which has no function to take dead letters`
        : L
      : keyof W['nodes'];

// --- What may stand at an edge

type CheckedEdges<W extends Wiring, K> = K extends keyof W['graph']
  ? CheckedList<W, K, W['graph'][K]>
  : readonly (keyof W['nodes'] | EdgeObject)[] | null;

type CheckedList<W extends Wiring, K, L> = {
  readonly [I in keyof L]: L[I] extends { readonly to: infer T }
    ? Omit<EdgeObject, 'to' | 'when'> & { readonly to: CheckedTarget<W, K, T> } & CheckedWhen<W, K, L[I]>
    : CheckedTarget<W, K, L[I]>;
};

type CheckedWhen<W extends Wiring, K, E> = E extends { readonly when: infer F }
  ? { readonly when: CheckedBeside<W, F, Sent<W, K>, `\`when\` does not take what ${Quoted<K>} sends`> }
  : {};

// What goes along an edge: what its `when` lets through, if that is a type guard.
// A schema takes what nothing is known of: finding out is its work.
type Along<W extends Wiring, K, T> = [Schema<W, T, 'input'>] extends [never]
  ? Passing<W, K, T>
  : Known<Passing<W, K, T>>;
type Passing<W extends Wiring, K, T, G = Guarded<W['graph'][K & keyof W['graph']], T>> = [G] extends [never]
  ? Sent<W, K>
  : G;

type CheckedTarget<W extends Wiring, K, T> = T extends keyof W['nodes']
  ? W['nodes'][T] extends Inlet<any>
    ? `${Quoted<T>} is an inlet: no edge may lead there`
    : T extends W['deadLetter']
      ? `${Quoted<T>} takes dead letters: no edge may lead there`
      : IsRow<W, T> extends true
        ? Taker<W, T> extends (input: Fed<W, T, Row<W, T>>, context: any) => unknown
          ? T
          : CheckedBranch<W, K, T, Wants<W, T>>
        : Taker<W, T> extends (input: Fed<W, T, Along<W, K, T>>, context: any) => unknown
          ? T
          : CheckedValue<W, K, T, Wants<W, T>>
  : keyof W['nodes'];

type CheckedValue<W extends Wiring, K, T, I> = [Along<W, K, T>] extends [I]
  ? T
  : [RunOf<W, K>, Schema<W, K, 'output'>] extends [
        (input: any, context: any) => Returning<I, Many<W, K>>,
        never,
      ]
    ? T // A generic function: what it returns depends on its input.
    : Misfit<K, T, Along<W, K, T>, I>;

// --- Joins

type IsRow<W extends Wiring, K> = [Aggregate<W, K>] extends [false] ? false : IsUnion<Upstreams<W, K>>;

type Row<W extends Wiring, K> = [Aggregate<W, K>] extends [true]
  ? { [U in Upstreams<W, K>]: Along<W, U, K> }
  : [Aggregate<W, K>] extends ['partial']
    ? { [U in Upstreams<W, K>]?: Along<W, U, K> }
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
