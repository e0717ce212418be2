/** A function whose calls take their turns in a pool, which is a p-queue, beside a p-queue by hand: alone, and inside a function. */
import PQueue from 'p-queue';
import { type Definition, type NodeObject, Plumber } from 'sluice';
import type { Work } from '../measure.ts';
import { caseOf, inc, numbers, sink } from './steps.ts';

const concurrency = 64;
const ITEMS = 20_000;
const ALONE = 'p-queue alone';
const INSIDE = 'p-queue in the function';

async function bare(items: number): Promise<void> {
  const queue = new PQueue({ concurrency });
  for (const number of numbers(items)) {
    if (queue.size >= concurrency) await queue.onSizeLessThan(concurrency);
    void queue.add(() => inc(number)).then(sink);
  }
  await queue.onIdle();
}

async function graph(items: number, node: NodeObject): Promise<void> {
  const plumber = new Plumber(
    {
      nodes: { numbers: () => numbers(items), step: node, sink },
      graph: { numbers: ['step'], step: ['sink'] },
    } as Definition,
    { pools: { pool: { concurrency } } },
  );
  await plumber.createPipeline().done;
}

async function inFunction(items: number): Promise<void> {
  const queue = new PQueue({ concurrency });
  await graph(items, { run: (number: number) => queue.add(() => inc(number)), concurrency });
}

export const pool: Work = {
  title: 'one pool',
  unit: 'ns',
  cases: [
    caseOf(ALONE, ITEMS, 1, bare),
    caseOf(INSIDE, ITEMS, 1, inFunction),
    caseOf('pool', ITEMS, 1, (items) => graph(items, { run: inc, concurrency, pool: 'pool' })),
    caseOf('no pool', ITEMS, 1, (items) => graph(items, { run: inc, concurrency })),
  ],
  targets: [ALONE, INSIDE].map((against) => ({ case: 'pool', against, atMost: 1.15 })),
};
