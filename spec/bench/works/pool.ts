/** A function whose calls take their turns in a pool, which is a p-queue, beside a p-queue alone. */
import PQueue from 'p-queue';
import { Plumber } from 'sluice';
import type { Work } from '../measure.ts';
import { caseOf, inc, numbers, sink } from './steps.ts';

const concurrency = 64;
const ITEMS = 20_000;

async function bare(items: number): Promise<void> {
  const queue = new PQueue({ concurrency });
  for (const number of numbers(items)) {
    if (queue.size >= concurrency) await queue.onSizeLessThan(concurrency);
    void queue.add(() => inc(number)).then(sink);
  }
  await queue.onIdle();
}

async function pooled(items: number, pool: string | undefined): Promise<void> {
  const plumber = new Plumber(
    {
      nodes: {
        numbers: () => numbers(items),
        step: { run: inc, concurrency, ...(pool !== undefined && { pool }) },
        sink,
      },
      graph: { numbers: ['step'], step: ['sink'] },
    },
    { pools: { pool: { concurrency } } },
  );
  await plumber.createPipeline().done;
}

export const pool: Work = {
  title: 'one pool',
  unit: 'ns',
  cases: [
    caseOf('p-queue alone', ITEMS, 1, bare),
    caseOf('Sluice with a pool', ITEMS, 1, (items) => pooled(items, 'pool')),
    caseOf('Sluice without', ITEMS, 1, (items) => pooled(items, undefined)),
  ],
  targets: [{ case: 'Sluice with a pool', against: 'p-queue alone', atMost: 1.15 }],
};
