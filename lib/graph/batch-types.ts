import type { Quoted } from './sentences.ts';

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
