import type { Quoted } from './sentences.ts';

/** How a node's inputs are gathered, to be worked on by one call. */
export interface Batch {
  /** The most inputs of one call. */
  readonly size: number;
  /**
   * How long the first input of a batch waits for others, in ms. 0 gathers what is there when timers have their turn. Has to
   * be said where an inlet leads to the node.
   * @default until the batch is full, or nothing more can come
   */
  readonly within?: number;
  /**
   * Gives each input its own answer: the function returns an array as long as the one it was given, and each element goes
   * on in place of its input, for its own caller, in its own lane and async context. `null` and `undefined` are skipped; a
   * promise is awaited, and fails its own input only. Any other answer is a failure of all inputs.
   *
   * The call lasts until all of its promises have settled, and then all elements go on. `timeout` is for all of that: when
   * it is over, all inputs have failed. So long the batch counts for `concurrency`, and keeps its place in a `pool`. `retry`
   * is for what fails all inputs, not for a promise that rejects.
   *
   * Without it, what the function returns is one answer for all of them, and the node starts a lane; no `call` can go that
   * way.
   * @default false
   */
  readonly scatter?: boolean;
}

// Batches as the compiler sees them.

/** What an array or an iterable holds; nothing is known of that of anything else. */
export type ElementOf<T> = T extends Iterable<infer E> ? E : unknown;

/** Whether each item of what a function returns is sent: also of a batch that is scattered. */
export type ManyOf<Scatter, Many> = [Scatter] extends [false]
  ? Many
  : [Scatter] extends [true]
    ? true
    : boolean;

/** `Checked`, or what is wrong with a function of batches that is given `In` and returns `Out`. */
export type CheckedGathering<K, In, Out, Scatter, Checked> = [never[]] extends [In]
  ? [Scatter] extends [true]
    ? [Out] extends [readonly unknown[]]
      ? Checked
      : `${Quoted<K>} scatters its batches: it returns an array, with one element for each input`
    : Checked
  : `${Quoted<K>} is given batches: its input is an array`;
