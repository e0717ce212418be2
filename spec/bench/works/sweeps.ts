/** The chain with other queues, payloads and lengths: a cliff would be a line that is much above the one before it. */
import { createPipeline, Plumber } from 'sluice';
import type { Work } from '../measure.ts';
import { HOPS, sluiceChain } from './sluice-chain.ts';
import { caseOf, inc, numbers, sink } from './steps.ts';

/** Times what it is told beside; more is called a cliff. Each step is to ten times as much, or more. */
const CLIFF = 2;
const ITEMS = 20_000;

const sizes = [1, 16, 1024];

export const queueSizes: Work = {
  title: 'chain by queue size',
  unit: 'ns',
  cases: sizes.map((queueSize) =>
    caseOf(
      `queues of ${queueSize}`,
      ITEMS,
      HOPS,
      (items) => sluiceChain(createPipeline, items, inc, { defaults: { queueSize } }).done,
      'queues of 16',
    ),
  ),
  targets: [1, 1024].map((size) => ({
    case: `queues of ${size}`,
    against: 'queues of 16',
    atMost: CLIFF,
    meaning: 'no cliff',
  })),
};

const same = async (payload: unknown): Promise<unknown> => payload;

function* made(items: number, bytes: number): Generator<unknown> {
  for (const _ of numbers(items)) yield new Uint8Array(bytes);
}

async function payloadsByHand(items: number, bytes: number): Promise<void> {
  for (const payload of made(items, bytes)) sink(await same(await same(await same(payload))));
}

async function payloadsHere(items: number, bytes: number): Promise<void> {
  await createPipeline({
    nodes: { made: () => made(items, bytes), one: same, two: same, three: same, sink },
    graph: { made: ['one'], one: ['two'], two: ['three'], three: ['sink'] },
  }).done;
}

/** Each item is made anew, so what the collector has to do is in it, on both sides. */
function payload(size: string, bytes: number, items: number): Work {
  return {
    title: `chain by payload, ${size}`,
    unit: 'ns',
    cases: [
      caseOf('await chain', items, HOPS, () => payloadsByHand(items, bytes)),
      caseOf('Sluice', items, HOPS, () => payloadsHere(items, bytes)),
    ],
    targets: [{ case: 'Sluice', against: 'await chain', atMost: 3, meaning: 'no cliff' }],
  };
}

export const kilobytes: Work = payload('1 KB', 1024, ITEMS);
export const megabytes: Work = payload('1 MB', 1024 * 1024, 200);

const lengths = [1, 10, 100, 1000];
const title = (length: number): string => `${length} in a row`;

/** As many calls, however long the row. */
const CALLS = 200_000;

function row(length: number): () => Promise<unknown> {
  const names = Array.from({ length }, (_, place) => `n${place}`);
  const items = CALLS / length;
  const plumber = new Plumber({
    nodes: { numbers: () => numbers(items), ...Object.fromEntries(names.map((name) => [name, inc])) },
    graph: Object.fromEntries(
      ['numbers', ...names.slice(0, -1)].map((name, place) => [name, names.slice(place, place + 1)]),
    ),
  });
  return () => plumber.createPipeline().done;
}

/** The graph is checked once, as for a pipeline per request; making the nodes of each pipeline is in it, and the source is one of them. */
export const rowLengths: Work = {
  title: 'chain by number of nodes',
  unit: 'ns',
  cases: lengths.map((length) =>
    caseOf(title(length), CALLS / length, length + 1, row(length), title(Math.max(1, length / 10))),
  ),
  targets: [10, 100, 1000].map((length) => ({
    case: title(length),
    against: title(length / 10),
    atMost: CLIFF,
    meaning: 'no cliff',
  })),
};
