import type { Passed } from './ends.ts';

// What of a function's result is sent, as the compiler sees it. What is not known before run time is `any`.

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
