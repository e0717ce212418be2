/** An AsyncLocalStorage in use, beside the same engine where the runtime has none to capture. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Engine, engineWithout } from '../engine.ts';
import type { Case, Work } from '../measure.ts';
import { HOPS, sluiceChain } from './sluice-chain.ts';
import { caseOf, inc, sink } from './steps.ts';

const storage = new AsyncLocalStorage<number>();

async function chain({ createPipeline }: Engine, items: number): Promise<void> {
  await storage.run(1, () => sluiceChain(createPipeline, items, inc).done);
}

/** What is handed in is worked on in the context of who handed it in: each item has one of its own. */
async function feed({ createPipeline, inlet }: Engine, items: number, act: 'push' | 'call'): Promise<void> {
  const pipeline = createPipeline({
    nodes: { number: inlet<number>(), one: inc, two: inc, three: inc, sink },
    graph: { number: ['one'], one: ['two'], two: ['three'], three: ['sink'] },
  });
  for (let number = 0; number < items; number++) {
    await storage.run<Promise<unknown>>(number, () => pipeline[act](number));
  }
  await pipeline.stop();
}

const kinds = [
  { name: 'chain', items: 50_000, run: chain },
  { name: 'push', items: 10_000, run: (engine: Engine, items: number) => feed(engine, items, 'push') },
  { name: 'call', items: 10_000, run: (engine: Engine, items: number) => feed(engine, items, 'call') },
];
const without = (name: string): string => `${name}, no capture`;

/** A storage in use slows down every promise of the process; that is not ours, and is in both. */
async function cases(): Promise<readonly Case[]> {
  const engines = await Promise.all([engineWithout('async contexts'), engineWithout('nothing')]);
  const [plain, capturing] = engines;
  return kinds.flatMap(({ name, items, run }) => [
    caseOf(without(name), items, HOPS, (count) => run(plain, count)),
    caseOf(name, items, HOPS, (count) => run(capturing, count), without(name)),
  ]);
}

export const context: Work = {
  title: 'async context in use',
  unit: 'ns',
  cases,
  targets: kinds.map(({ name }) => ({ case: name, against: without(name), atMost: 1.4 })),
};
