/**
 * Bytes rather than time: run by main.ts in a process of its own, with the collector exposed and a young generation so large
 * that no collection falls into what is measured. Prints JSON.
 */
import { inlet, type Pipeline, Plumber } from 'sluice';

const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');

const plumber = new Plumber({
  nodes: {
    inp: inlet<string>(),
    n1: (text: string) => `${text}.`,
    n2: (text: string) => text.toUpperCase(),
    n3: ({ n1 }: { n1: string; n2: string }) => n1.toLowerCase(),
    n4: { run: (text: string) => text, aggregateInputs: false },
  },
  graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
});
const heap = (): number => process.memoryUsage().heapUsed;

async function request(): Promise<void> {
  const pipeline = plumber.createPipeline();
  await pipeline.call('abc');
  await pipeline.stop();
}

async function allocatedPerRequest(): Promise<number> {
  const requests = 2000;
  for (let warmUp = 0; warmUp < 20_000; warmUp++) await request();
  gc?.();
  const before = heap();
  for (let round = 0; round < requests; round++) await request();
  return (heap() - before) / requests;
}

async function heldByIdle(use: (pipeline: Pipeline<{ inp: string }>) => Promise<unknown>): Promise<number> {
  const count = 10_000;
  const pipelines: ReturnType<typeof plumber.createPipeline>[] = new Array(count);
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
  const { createPipeline } = await import('sluice');
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
  { name: 'allocated by create, call, stop', bytes: await allocatedPerRequest(), atMost: 6 * 1024 },
  { name: 'held by an idle pipeline', bytes: await heldByIdle(async () => {}), atMost: 4 * 1024 },
  {
    name: 'the same after a call',
    bytes: await heldByIdle((pipeline) => pipeline.call('abc')),
    atMost: 4 * 1024,
  },
  { name: 'growth, 10 million items, slow sink', bytes: await growthBehindSlowSink(), atMost: 1024 * 1024 },
];
console.log(JSON.stringify(rows));
