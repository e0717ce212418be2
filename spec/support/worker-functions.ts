// What worker threads do in the specs: a module that they load.
import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import type { WorkerContext } from 'sluice';
import { respond, type TransformNode, textOf } from '../../lib/testing/graph-model.ts';

export const double = (n: number): number => 2 * n;
export const sum = (values: readonly number[]): number => values.reduce((one, other) => one + other, 0);
export const doubleAll = (values: readonly number[]): number[] => values.map(double);
export const evens = (n: number): number | null => (n % 2 === 0 ? n : null);
export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
export const thread = (_: unknown): number => threadId;

export function* generated(n: number): Generator<number> {
  yield n;
}

export const told = (_: unknown, { args, node, message }: WorkerContext): unknown => ({
  args,
  node,
  message,
});
export const readOf = (name: string, context: object): unknown => (context as Record<string, unknown>)[name];

class Teapot extends RangeError {
  override readonly name = 'Teapot';
  readonly status = 418;
  readonly brew = (): string => 'tea';
}

export function fail(what: string): never {
  if (what === 'teapot')
    throw new Teapot('short and stout', { cause: new TypeError('no coffee', { cause: 'beans' }) });
  if (what === 'type') throw new TypeError('no such thing');
  if (what === 'several') throw new AggregateError([new SyntaxError('one'), 'two'], 'both');
  if (what === 'function') throw () => 1;
  if (what === 'cycle') {
    const error = new Error('round');
    error.cause = error;
    throw error;
  }
  throw what;
}

/** Never pauses, and listens to nobody; says in shared memory that it has begun. */
export function spin(begun: Int32Array): never {
  Atomics.store(begun, 0, 1);
  for (;;);
}

/** Asks for its signal, and does not look at it. */
export function spinOn(begun: Int32Array, { signal }: WorkerContext): never {
  if (signal.aborted) throw signal.reason;
  return spin(begun);
}

/** Never pauses, but looks at its signal; says in shared memory how it ended. */
export function spinUntilAborted(ended: Int32Array, { signal }: WorkerContext): void {
  Atomics.store(ended, 0, 1);
  try {
    for (;;) signal.throwIfAborted();
  } finally {
    Atomics.store(ended, 0, 2);
    Atomics.notify(ended, 0);
  }
}

/** Pauses, and is told of an abort by its signal. */
export async function waitUntilAborted(ended: Int32Array, { signal }: WorkerContext): Promise<void> {
  Atomics.store(ended, 0, 1);
  await sleep(100_000, undefined, { signal }).catch(() => {});
  Atomics.store(ended, 0, 2);
  Atomics.notify(ended, 0);
}

/** Returns as soon as there are two of them. */
export function meet(inside: Int32Array): string {
  Atomics.add(inside, 0, 1);
  Atomics.notify(inside, 0);
  while (Atomics.load(inside, 0) < 2) Atomics.wait(inside, 0, 1);
  return 'met';
}

/** Counts how many are inside in shared memory, and the most there ever were. */
export function countInside(inside: Int32Array): number {
  const now = Atomics.add(inside, 0, 1) + 1;
  if (now > Atomics.load(inside, 1)) Atomics.store(inside, 1, now);
  for (let i = 0; i < 100_000; i++);
  return Atomics.sub(inside, 0, 1);
}

export function dieOn(n: number): number {
  if (n % 5 === 3) process.exit(n);
  return n;
}

export function fill(megabytes: number): number {
  const held: number[][] = [];
  for (let i = 0; i < megabytes; i++) held.push(new Array(131_072).fill(Math.random()));
  return held.length;
}

export const invert = (bytes: Uint8Array): Uint8Array => {
  for (let i = 0; i < bytes.length; i++) bytes[i] = 255 - (bytes[i] as number);
  return bytes;
};
let kept: Uint8Array | undefined;
/** Returns bytes it keeps, and how many it had of those it returned before. */
export const keep = (bytes: Uint8Array): [Uint8Array, number | undefined] => {
  const before = kept?.length;
  kept = bytes;
  return [bytes, before];
};
export const unsendable = (n: number): unknown => ({ n, read: () => n });
export const notAFunction = 1;

/** What a node of a random graph answers. */
export function respondTo(input: unknown, { args }: WorkerContext<{ node: TransformNode }>): unknown {
  const { node } = args;
  const { values, fails } = respond(node, textOf(input));
  if (fails !== undefined) throw new Error(textOf(input));
  return node.many === undefined ? (values[0] ?? null) : values;
}
