/**
 * Bytes rather than time: run by main.ts in a process of its own, with the collector exposed and a young generation so large
 * that no collection falls into what is measured. Prints JSON.
 */
import { createPipeline } from 'sluice';
import { plumber, readingSignal, request } from './works/request.ts';

const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');

const heap = (): number => process.memoryUsage().heapUsed;

async function allocatedPerRequest(from: typeof plumber): Promise<number> {
  const requests = 2000;
  for (let warmUp = 0; warmUp < 20_000; warmUp++) await request(from);
  gc?.();
  // A full collection throws away optimized code, and what that never makes is made until it is there again.
  for (let warmUp = 0; warmUp < requests; warmUp++) await request(from);
  const before = heap();
  for (let round = 0; round < requests; round++) await request(from);
  return (heap() - before) / requests;
}

type RequestPipeline = ReturnType<typeof plumber.createPipeline>;

async function heldByIdle(use: (pipeline: RequestPipeline) => Promise<unknown>): Promise<number> {
  const count = 10_000;
  const pipelines: RequestPipeline[] = new Array(count);
  gc?.();
  const before = heap();
  for (let place = 0; place < count; place++) {
    const pipeline = plumber.createPipeline();
    pipelines[place] = pipeline;
    await use(pipeline);
  }
  await new Promise((resolve) => setImmediate(resolve));
  gc?.();
  const held = (heap() - before) / count;
  for (const pipeline of pipelines) await pipeline.stop();
  return held;
}

async function growthBehindSlowSink(): Promise<number> {
  let taken = 0;
  gc?.();
  const before = heap();
  let most = 0;
  await createPipeline({
    nodes: {
      *numbers() {
        for (let number = 0; number < 10_000_000; number++) yield { number };
      },
      async sink(_item: { number: number }) {
        // A hundred times slower than its source would be too slow to wait for: it is slower by a turn now and then.
        if (++taken % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (taken % 1_000_000 !== 0) return;
        gc?.();
        most = Math.max(most, heap() - before);
      },
    },
    graph: { numbers: ['sink'] },
  }).done;
  return most;
}

const rows = [
  { name: 'allocated by create, call, stop', bytes: await allocatedPerRequest(plumber), atMost: 6 * 1024 },
  { name: 'the same, signal read', bytes: await allocatedPerRequest(readingSignal), atMost: 7.5 * 1024 },
  { name: 'held by an idle pipeline', bytes: await heldByIdle(async () => {}), atMost: 4 * 1024 },
  {
    name: 'held after a call',
    bytes: await heldByIdle((pipeline) => pipeline.call('abc')),
    atMost: 4 * 1024,
  },
  { name: 'growth, 10 million items, slow sink', bytes: await growthBehindSlowSink(), atMost: 1024 * 1024 },
];
console.log(JSON.stringify(rows));
