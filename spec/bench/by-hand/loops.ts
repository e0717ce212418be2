/**
 * The loops of a graph that is wired by hand: one for each node, with bounded queues between them. Nothing is awaited where
 * nothing has to be waited for but the functions themselves.
 */
import { BoundedQueue } from './bounded-queue.ts';

type Queues<T> = readonly BoundedQueue<T>[];

/** As many messages as one of our queues holds by default. */
const CAPACITY = 16;

/** @param producers whoever puts into it; there is room for as many messages as if each had a queue of its own */
export function queue<T>(producers = 1): BoundedQueue<T> {
  return new BoundedQueue(CAPACITY * producers, producers);
}

export async function source<T>(items: Iterable<T>, outs: Queues<T>): Promise<void> {
  for (const item of items) {
    for (const out of outs) {
      while (out.isFull) await out.room();
      out.put(item);
    }
  }
  endAll(outs);
}

export async function stage<In, Out>(
  from: BoundedQueue<In>,
  run: (item: In) => Out | Promise<Out>,
  outs: Queues<Out> = [],
): Promise<void> {
  while (!from.isEmpty || (await hasNext(from))) {
    const result = await run(from.take());
    for (const out of outs) {
      while (out.isFull) await out.room();
      out.put(result);
    }
  }
  endAll(outs);
}

/** Pairs the items of two queues. */
export async function join<A, B, Out>(
  left: BoundedQueue<A>,
  right: BoundedQueue<B>,
  run: (a: A, b: B) => Out | Promise<Out>,
  outs: Queues<Out>,
): Promise<void> {
  while ((!left.isEmpty || (await hasNext(left))) && (!right.isEmpty || (await hasNext(right)))) {
    const result = await run(left.take(), right.take());
    for (const out of outs) {
      while (out.isFull) await out.room();
      out.put(result);
    }
  }
  endAll(outs);
}

async function hasNext(from: BoundedQueue<unknown>): Promise<boolean> {
  while (from.isEmpty) {
    if (from.isOver) return false;
    await from.more();
  }
  return true;
}

function endAll<T>(outs: Queues<T>): void {
  for (const out of outs) out.end();
}
