/** CPU-bound work on buffers of 64 KB: in the thread of the pipeline, or in as many others as there are cores. */
import { fromModule, type NodeSpec, Plumber } from 'sluice';
import type { Work } from '../measure.ts';
import * as functions from './hash.ts';

const hashes = fromModule<typeof functions>(new URL('./hash.ts', import.meta.url));

function work(
  title: string,
  items: number,
  steps: Readonly<Record<string, NodeSpec>>,
): Omit<Work, 'targets'> {
  function* buffers(): Generator<Uint8Array> {
    for (let item = 0; item < items; item++) yield new Uint8Array(65_536).fill(item);
  }
  const cases = Object.entries(steps).map(([name, step]) => {
    const definition = {
      nodes: { buffers, step, sink: (_hash: string): void => {} },
      graph: { buffers: ['step'], step: ['sink'] },
    };
    const plumber = new Plumber(definition as never);
    const run = async (): Promise<void> => void (await plumber.createPipeline().done);
    return { name, units: items, run };
  });
  return { title, unit: 'µs', cases };
}

const worker = { runIn: 'worker' } as const;
const moved = { ...worker, transfer: 'input' } as const;

// For two cores; with more of them it is less.
export const hardHashes: Work = {
  ...work('hard hashes in worker threads', 60, {
    inline: functions.hard,
    worker: { run: hashes('hard'), ...worker },
    'worker, moved': { run: hashes('hard'), ...moved },
  }),
  targets: [{ case: 'worker, moved', against: 'inline', atMost: 1 / 1.7 }],
};

const batch = { size: 64, scatter: true } as const;
// No target: making the buffers, which this thread does, is half of the work.
export const quickHashes: Work = work('quick hashes in worker threads', 1920, {
  inline: functions.quick,
  'worker, one by one': { run: hashes('quick'), ...moved },
  'worker, moved': { run: hashes('quickAll'), ...moved, batch, queueSize: 128 },
});
