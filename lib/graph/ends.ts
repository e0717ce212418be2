import type { NodeOptions } from './definition.ts';
import type { Quoted } from './sentences.ts';
import type { IsUnion } from './utility-types.ts';

// A graph as the compiler sees it from outside: by the types of its inlets and of its sinks. A subgraph has one each.

/** A subgraph takes these for the queues that lead to it; the rest is for its own nodes. */
export type SubgraphOptions = Pick<NodeOptions, 'aggregateInputs' | 'queueSize' | 'overflow'>;

/** What a subgraph sends: there is no promise to await in it and nothing to unroll. */
export interface Passed<T> {
  readonly passed: T;
}

/** The type at the only end; `Else` where there is not exactly one, which {@link CheckedEnds} tells. */
export type OnlyEnd<Ends, Else> = CountOf<Ends> extends 'one' ? Ends[keyof Ends] : Else;

/** `Checked`, or what is wrong with the ends. */
export type CheckedEnds<K, Inlets, Sinks, Checked> = CheckedCount<
  K,
  CountOf<Inlets>,
  'inlet',
  CheckedCount<K, CountOf<Sinks>, 'sink', Checked>
>;

type CheckedCount<K, Count extends string, End extends string, Checked> = Count extends 'one' | 'unknown'
  ? Checked
  : `${Quoted<K>} has ${Count} ${End}${Count extends 'no' ? '' : 's'}: a graph that is a node has exactly one`;

// A Plumber that is typed as no more than that may have any.
type CountOf<Ends> = string extends keyof Ends
  ? 'unknown'
  : [keyof Ends] extends [never]
    ? 'no'
    : IsUnion<keyof Ends> extends true
      ? 'several'
      : 'one';

/** What `push` and `call` of the pipeline itself take: the type of its only inlet, or what to do instead. */
export type OnlyInlet<In> = [keyof In] extends [never]
  ? 'There is no inlet to push to'
  : IsUnion<keyof In> extends true
    ? 'There are several inlets: use inlet(name)'
    : In[keyof In];
