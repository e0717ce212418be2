import type { Inlet } from './definition.ts';
import type { OnlyEnd, Passed } from './ends.ts';
import type { Wanted } from './schema-types.ts';
import type { Subgraph } from './subgraph.ts';

// A node's function as the compiler sees it, and what of its result is sent. What is not known before run time is `any`.

/** The function that a node is written as, or that a registry has under its name; `null` for an inlet. */
export type FunctionOf<S, R> = S extends (...args: infer A) => unknown
  ? [A, never[]] extends [never[], A]
    ? any
    : S
  : S extends keyof R
    ? FunctionOf<R[S], unknown>
    : S extends { readonly run: infer F }
      ? FunctionOf<F, R>
      : S extends Subgraph<infer In, infer Out>
        ? (input: OnlyEnd<In, any>) => Passed<OnlyEnd<Out, any>>
        : S extends Inlet<any>
          ? null
          : any;

/** What a function is given. */
export type InputOf<F> = F extends (input: infer I, ...rest: any) => unknown ? I : any;

/** What it returns. */
export type ReturnOf<F> = F extends (...args: any) => infer O ? O : any;

/** A type, or `any` if nothing is known of it. */
export type Known<T> = unknown extends T ? any : T;

/** What a node sends whose function returns this. */
export type Results<T, Many> = unknown extends T
  ? T
  : T extends Passed<infer O>
    ? O
    : [Many] extends [true]
      ? Items<T>
      : [Many] extends [false]
        ? T extends Iterator<unknown> | AsyncIterator<unknown>
          ? Items<T>
          : Iterable<any> extends T
            ? any // Declared as `Iterable` and no more: a generator's, or a value.
            : T
        : any;

/** What an iterable gives. */
type Items<T> = T extends Iterable<infer I> | AsyncIterable<infer I> ? Awaited<I> : T;

/** What a source sends whose function returns this, or emits by this context. */
export type SourceItems<T, C> = T extends Pulled
  ? Items<T>
  : C extends { emit(value: infer V): unknown }
    ? Known<V>
    : never;

/** What a source may return to be pulled. */
export type Pulled = (object & Iterable<unknown>) | AsyncIterable<unknown>;

/** Whether a node is written as an inlet. */
export type IsInlet<S> = unknown extends S ? false : S extends Inlet<any> ? true : false;

/** What may be pushed into an inlet. */
export type Pushed<S, R> = S extends { readonly input: infer I }
  ? Wanted<I, R, unknown>
  : S extends Inlet<infer T>
    ? T
    : never;
