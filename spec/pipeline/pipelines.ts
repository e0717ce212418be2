import { createPipeline, type Definition, type Pipeline, type PlumberOptions, type RunOptions } from 'sluice';
import { turns } from '../support/turns.ts';

/** A pipeline of a definition that only the run-time checks look at. */
export function start(definition: Definition, options: PlumberOptions & RunOptions = {}): Pipeline {
  return createPipeline(definition, options);
}

/** All that an iterable gives until it ends. */
export async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const value of values) all.push(value);
  return all;
}

/** What a promise has come to once nothing moves any more. */
export async function stateOf(promise: Promise<unknown>): Promise<'pending' | 'resolved' | 'rejected'> {
  let state: 'pending' | 'resolved' | 'rejected' = 'pending';
  promise.then(
    () => {
      state = 'resolved';
    },
    () => {
      state = 'rejected';
    },
  );
  await turns(20);
  return state;
}

/** Hands on what it is given. */
export const pass = (value: unknown): unknown => value;
