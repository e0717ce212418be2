/** Graphs beside what one writes by hand: a loop for each node, with queues between them that hold as many messages. */
import { createPipeline, type Definition } from 'sluice';
import type { BoundedQueue } from '../by-hand/bounded-queue.ts';
import { join, queue, source, stage } from '../by-hand/loops.ts';
import type { Work } from '../measure.ts';
import { caseOf, inc, numbers, sink } from './steps.ts';

const add = async ({ a, b }: { a: number; b: number }): Promise<number> => a + b;
const note = async (item: number): Promise<void> => sink(item);

function work(
  title: string,
  items: number,
  hops: number,
  definition: (items: number) => Definition,
  byHand: (items: number) => Promise<unknown>,
): Work {
  return {
    title,
    unit: 'ns',
    cases: [
      caseOf('by hand, bounded queues', items, hops, byHand),
      caseOf('Sluice', items, hops, (count) => createPipeline(definition(count)).done),
    ],
    targets: [{ case: 'Sluice', against: 'by hand, bounded queues', atMost: 2.5 }],
  };
}

export const diamond: Work = work(
  'diamond with a join',
  20_000,
  5,
  (items) => ({
    nodes: { numbers: () => numbers(items), a: inc, b: inc, both: add, sink },
    graph: { numbers: ['a', 'b'], a: ['both'], b: ['both'], both: ['sink'] },
  }),
  async (items) => {
    const [toA, toB, fromA, fromB, toSink] = five<number>();
    await Promise.all([
      source(numbers(items), [toA, toB]),
      stage(toA, inc, [fromA]),
      stage(toB, inc, [fromB]),
      join(fromA, fromB, (a, b) => add({ a, b }), [toSink]),
      stage(toSink, sink),
    ]);
  },
);

/** The ancestor's test graph: a join and a merge. */
export const fiveNodes: Work = work(
  'graph of five nodes',
  20_000,
  6,
  (items) => ({
    nodes: {
      inp: () => numbers(items),
      n1: inc,
      n2: inc,
      n3: ({ n1, n2 }: { n1: number; n2: number }) => add({ a: n1, b: n2 }),
      n4: { run: sink, aggregateInputs: false },
    },
    graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'] },
  }),
  async (items) => {
    const [toN1, toN2, n1ToN3, n2ToN3] = five<number>();
    const toN4 = queue<number>(2);
    await Promise.all([
      source(numbers(items), [toN1]),
      stage(toN1, inc, [toN2, n1ToN3]),
      stage(toN2, inc, [n2ToN3, toN4]),
      join(n1ToN3, n2ToN3, (a, b) => add({ a, b }), [toN4]),
      stage(toN4, sink),
    ]);
  },
);

const five = <T>(): [BoundedQueue<T>, BoundedQueue<T>, BoundedQueue<T>, BoundedQueue<T>, BoundedQueue<T>] => [
  queue(),
  queue(),
  queue(),
  queue(),
  queue(),
];

/** One source, so many functions. */
export function fanOutOf(degree: number): (items: number) => Definition {
  const names = Array.from({ length: degree }, (_, place) => `n${place}`);
  return (items) => ({
    nodes: { numbers: () => numbers(items), ...Object.fromEntries(names.map((name) => [name, note])) },
    graph: { numbers: names },
  });
}

export async function fanOutByHand(items: number, degree: number): Promise<void> {
  const queues = Array.from({ length: degree }, () => queue<number>());
  await Promise.all([source(numbers(items), queues), ...queues.map((from) => stage(from, note))]);
}

/** So many sources, one function. */
export function mergeOf(degree: number): (items: number) => Definition {
  const names = Array.from({ length: degree }, (_, place) => `n${place}`);
  return (items) => ({
    nodes: {
      ...Object.fromEntries(names.map((name) => [name, () => numbers(items)])),
      merged: { run: note, aggregateInputs: false },
    },
    graph: Object.fromEntries(names.map((name) => [name, ['merged']])),
  });
}

export async function mergeByHand(items: number, degree: number): Promise<void> {
  const merged = queue<number>(degree);
  const sources = Array.from({ length: degree }, () => source(numbers(items), [merged]));
  await Promise.all([...sources, stage(merged, note)]);
}

export const fanOut: Work = work('fan-out to 100', 1000, 100, fanOutOf(100), (items) =>
  fanOutByHand(items, 100),
);
export const merge: Work = work('merge of 100', 1000, 100, mergeOf(100), (items) => mergeByHand(items, 100));
