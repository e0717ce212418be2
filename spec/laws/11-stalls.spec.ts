import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everything, graphs, runs } from './arbitrary.ts';
import type { Delay, Graph, InletNode, SourceNode, TransformNode } from './graph.ts';
import { outcomeOf, type Secrets } from './stalls.ts';

/** Without Plumbers: what a node is called there is not what it is known as. */
const anyGraph = graphs({ ...everything, nested: false, mostRoots: 2, conditions: false, many: false });

const delays = fc.array(fc.constantFrom<Delay[]>(0, 0, 1, 3, 'turn'), { minLength: 1, maxLength: 3 });

/** Two branches from one source to one join, which may have another input that ends at some time. */
const diamonds: fc.Arbitrary<Graph> = fc
  .record({
    style: fc.constantFrom<SourceNode['style'][]>('generator', 'async generator', 'emit'),
    count: fc.integer({ min: 4, max: 20 }),
    branches: fc.tuple(branch('fgh'), branch('klm')),
    aggregateInputs: fc.constantFrom<TransformNode['aggregateInputs'][]>(true, true, 'partial'),
    isReversed: fc.boolean(),
    delays,
    pushed: fc.option(
      fc.array(
        fc.nat(3).map((n) => n === 0),
        { minLength: 2, maxLength: 12 },
      ),
      { nil: undefined, freq: 2 },
    ),
  })
  .map(({ style, count, branches, aggregateInputs, isReversed, delays, pushed }) => {
    const source: SourceNode = { kind: 'source', name: 'A', style, items: Array(count).fill(true), delays };
    const chains = branches.map((nodes) =>
      nodes.map((node, i) => ({ ...node, from: [edge(nodes[i - 1] ?? source)] })),
    );
    const besides = pushed === undefined ? [] : [inletOf(pushed)];
    const from = [...chains.map((nodes) => edge(nodes.at(-1) as TransformNode)), ...besides.map(edge)];
    const join = { ...plain, name: 'z', from, aggregateInputs, delays };
    return { nodes: [source, ...besides, ...chains.flat(), join], isReversed, readDelays: [0] };
  });

const plain = {
  ...({ kind: 'transform', aggregateInputs: true, does: ['pass'], many: undefined, concurrency: 1 } as const),
  ...({ order: 'input', queueSize: undefined, onError: 'skip' } as const),
};

const inletOf = (items: readonly boolean[]): InletNode => ({
  ...({ kind: 'inlet', name: 'B', feed: 'push', delays: ['turn'] } as const),
  items,
});

const edge = ({ name }: { readonly name: string }): TransformNode['from'][number] => ({
  ...{ node: name, queueSize: undefined },
});

function branch(names: string): fc.Arbitrary<Omit<TransformNode, 'from'>[]> {
  const does = fc.constantFrom<TransformNode['does'][]>(
    ['pass'],
    ['pass', 'skip'],
    ['throw'],
    ['reject', 'pass'],
  );
  const node = fc.record({
    does,
    delays,
    concurrency: fc.constantFrom(1, 1, 2),
    keys: fc.constantFrom(undefined, 1, 2),
  });
  return fc
    .array(node, { minLength: 1, maxLength: names.length })
    .map((nodes) => nodes.map((options, i) => ({ ...plain, ...options, name: names[i] as string })));
}

const count = fc.constantFrom<(readonly number[] | null)[]>(null, null, [0], [0, 0, 0, 1], [1, 2], [0, 1, 3]);
const secrets: fc.Arbitrary<Secrets> = fc.record({
  counts: fc.array(count, { minLength: 1, maxLength: 8 }),
  letters: fc.array(
    fc.nat(2).map((n) => n === 0),
    { minLength: 1, maxLength: 8 },
  ),
  queueSize: fc.constantFrom(1, 1, 1, 2, 3),
});

describe('law 11, no hang without a name, in graphs of which the check was not told what a node gives', () => {
  it.for([
    ['any', anyGraph],
    ['those in which two branches meet', diamonds],
  ] as const)(
    'each of %s ends, or fails with a circle in which nodes truly wait, and go on waiting',
    async ([, arbitrary]) => {
      const seen = { ended: 0, stalled: 0, byLetters: 0 };
      await fc.assert(
        fc.asyncProperty(arbitrary as fc.Arbitrary<Graph>, secrets, async (graph, secret) => {
          const { cycle, byLetters, error, faults } = await outcomeOf(graph, secret);

          expect(faults).toEqual([]);
          expect(error?.code).toBe(cycle && 'STALL');
          expect(error?.cycle).toEqual(cycle);
          if (cycle === undefined) seen.ended++;
          else seen.stalled++;
          if (byLetters) seen.byLetters++;
        }),
        { numRuns: runs },
      );
      expect(seen.ended).toBeGreaterThan(0);
      expect(seen.stalled).toBeGreaterThan(0);
      if (arbitrary === diamonds) expect(seen.byLetters).toBeGreaterThan(0);
    },
  );
});
