/** What is paid for beside the plain chain: events, metrics, traces. */
import { get } from 'node:http';
import { createPipeline, type Pipeline } from 'sluice';
import { measure } from 'sluice/metrics';
import { serveViewer } from 'sluice/viewer';
import { engineWithout } from '../engine.ts';
import type { Case, Work } from '../measure.ts';
import { HOPS, sluiceChain } from './sluice-chain.ts';
import { caseOf, inc } from './steps.ts';

const ITEMS = 80_000;
const PLAIN = 'plain chain';

function chainCase(name: string, use: (pipeline: Pipeline) => void = () => {}): Case {
  return caseOf(name, ITEMS, HOPS, async (items) => {
    const pipeline = sluiceChain(createPipeline, items, inc);
    use(pipeline);
    await pipeline.done;
  });
}

const CUT = 'the engine with events cut out';
/** Enough to tell 3 % from what V8 made of one copy. */
const COPIES = Array.from({ length: 8 }, (_, place) => place);

async function copiesCase(name: string, part: 'events' | 'nothing'): Promise<Case> {
  const engines = await Promise.all(COPIES.map((copy) => engineWithout(part, copy)));
  return caseOf(name, ITEMS, HOPS, async (items) => {
    for (const { createPipeline } of engines)
      await sluiceChain(createPipeline, items / engines.length, inc).done;
  });
}

export const events: Work = {
  title: 'events with no listener',
  unit: 'ns',
  cases: async () => [await copiesCase(CUT, 'events'), await copiesCase('no listener', 'nothing')],
  targets: [{ case: 'no listener', against: CUT, atMost: 1.03 }],
};

/** Looks four times a second, as the viewer does. */
const measured =
  (calls: 'sampled' | 'exact') =>
  (pipeline: Pipeline): void => {
    const metrics = measure(pipeline, { calls });
    const timer = setInterval(() => metrics.snapshot(), 250);
    void pipeline.done.finally(() => clearInterval(timer));
  };

/** So long that what it takes to open a viewer is nothing beside it. */
const MANY = 20 * ITEMS;

const viewed = caseOf('sampled, and a viewer that is open', MANY, HOPS, async (items) => {
  const pipeline = sluiceChain(createPipeline, items, inc);
  const viewer = await serveViewer(pipeline);
  const page = get(`${viewer.url}events`, (events) => events.resume());
  page.on('error', () => {}); // It is closed before it has read all.
  await pipeline.done;
  page.destroy();
  await viewer.close();
});

export const metrics: Work = {
  title: 'metrics',
  unit: 'ns',
  cases: [
    chainCase(PLAIN),
    chainCase('calls sampled', measured('sampled')),
    chainCase('every call timed', measured('exact')),
    viewed,
  ],
  targets: [
    { case: 'calls sampled', against: PLAIN, atMost: 1.3 },
    { case: 'every call timed', against: PLAIN, atMost: 2.5 },
    { case: viewed.name, against: PLAIN, atMost: 1.3 },
  ],
};

export const tracing: Work = {
  title: 'tracing',
  unit: 'ns',
  cases: [
    chainCase(PLAIN),
    caseOf(
      'trace: true',
      ITEMS,
      HOPS,
      (items) => sluiceChain(createPipeline, items, inc, { trace: true }).done,
    ),
  ],
  targets: [{ case: 'trace: true', against: PLAIN, atMost: 1.6 }],
};
