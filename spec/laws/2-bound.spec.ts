import fc from 'fast-check';
import { createPipeline } from 'sluice';
import { describe, expect, it } from 'vitest';
import { everything, graphs, runs } from './arbitrary.ts';
import { type Graph, isReadAhead, joinsLanes, placesOf, type TransformNode } from './graph.ts';
import { complete, type Running, type Summary, start } from './run.ts';

describe('law 2, bound', () => {
  it('never holds more messages in an edge than its queueSize', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(everything), async (graph) => {
        const running = start(graph);
        const sizes = capacities(running);
        const overfull: unknown[] = [];
        whenever(running, ({ edges }) => {
          overfull.push(
            ...edges.filter(({ from, to, queued }) => queued > (sizes.get(`${from} -> ${to}`) ?? 0)),
          );
        });
        await complete(running);

        expect(overfull).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it('asks a source for an item, and accepts an emit or a push, only when every successor has accepted the one before', async () => {
    await fc.assert(
      // Where one lane can end before another a successor may leave, and accepts nothing more.
      fc.asyncProperty(
        graphs(everything).filter((graph) => !joinsLanes(graph)),
        async (graph) => {
          const running = start(graph);
          const roots = new Set(
            graph.nodes
              .filter((node) => node.kind === 'source' || (node.kind === 'inlet' && !isReadAhead(node)))
              .map(({ name }) => name),
          );
          const early: unknown[] = [];
          running.probe.onCall = (name) => {
            if (!roots.has(name)) return;
            const { nodes, edges } = running.pipeline.metrics();
            early.push(
              ...edges.filter(
                ({ from, accepted, passedBy }) => from === name && accepted + passedBy !== nodes[name]?.sent,
              ),
            );
          };
          await complete(running);

          expect(early).toEqual([]);
        },
      ),
      { numRuns: runs },
    );
  });

  it('lets no node take on more than its concurrency, and the window of keyBy, beyond what its successors have accepted', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs({ ...everything, many: false }).filter((graph) => !joinsLanes(graph)),
        async (graph) => {
          const running = start(graph);
          const transforms = graph.nodes.filter((node): node is TransformNode => node.kind === 'transform');
          const hoarding: unknown[] = [];
          whenever(running, ({ nodes, edges }) => {
            for (const node of transforms) {
              const { name } = node;
              const { received = 0, skipped = 0, failed = 0 } = nodes[name] ?? {};
              for (const { from, to, accepted, passedBy } of edges) {
                const inHand = received - skipped - failed - accepted - passedBy;
                if (from === name && inHand > placesOf(node)) hoarding.push({ from, to, inHand });
              }
            }
          });
          await complete(running);

          expect(hoarding).toEqual([]);
        },
      ),
      { numRuns: runs },
    );
  });

  it('never has more messages between a source and any sink than describe() states, for a hundred items as for ten', async () => {
    const passing = {
      outcomes: ['pass'],
      many: false,
      partial: false,
      conditions: false,
      mostRoots: 1,
      roots: ['source'],
    } as const;
    await fc.assert(
      fc.asyncProperty(graphs(passing), fc.constantFrom(10, 100), async (graph, items) => {
        const running = start(lengthened(graph, items));
        const { maxMessages } = running.plumber.describe();
        const sinks = Object.keys(running.outputs);
        let most = 0;
        running.probe.onCall = () => {
          const asked = running.probe.tallies.get('A')?.values ?? 0;
          for (const name of sinks) most = Math.max(most, asked - (running.outputs[name]?.length ?? 0));
        };
        await complete(running);

        const queuesOfReaders = sinks.length * 16;
        expect(most).toBeLessThanOrEqual(Number(maxMessages) + queuesOfReaders);
      }),
      { numRuns: runs },
    );
  });

  it('asks a source for nothing more when the join it leads to is over, though an item of it still waits at the door', async () => {
    let asked = 0;
    const pipeline = createPipeline({
      nodes: {
        short: function* () {
          yield 1;
        },
        endless: function* () {
          for (;;) yield ++asked;
        },
        join: ({ short }: { short: number }) => short,
      },
      graph: { short: ['join'], endless: [{ to: 'join', queueSize: 1 }], join: null },
    });

    await pipeline.done;

    // One was paired; one is queued and one at the door when the short source's end is found.
    expect(asked).toBeLessThanOrEqual(3);
  });

  it('has no use for room to let holes by: any number of rows without a value passes an edge of one place', async () => {
    const nothing = { does: ['skip'], delays: [0], concurrency: 1, order: 'input', queueSize: 1 } as const;
    const graph: Graph = {
      nodes: [
        {
          kind: 'source',
          name: 'A',
          style: 'generator',
          items: Array.from({ length: 10_000 }, () => true),
          delays: [0],
        },
        {
          kind: 'transform',
          name: 'f',
          from: [{ node: 'A', queueSize: 1 }],
          aggregateInputs: true,
          many: undefined,
          onError: 'skip',
          ...nothing,
        },
        {
          ...{
            kind: 'transform',
            name: 'j',
            aggregateInputs: true,
            many: undefined,
            onError: 'skip',
            ...nothing,
          },
          from: ['f', 'A'].map((node) => ({ node, queueSize: 1 })),
        },
      ],
      isReversed: false,
      readDelays: [0],
    };

    const { nodes, edges } = await complete(start(graph));

    expect(nodes).toMatchObject({ f: { skipped: 10_000 }, j: { received: 10_000, skipped: 10_000 } });
    expect(edges).toContainEqual({
      from: 'f',
      to: 'j',
      dropped: 0,
      passedBy: 0,
      accepted: 0,
      taken: 0,
      queued: 0,
      highWater: 0,
      unpaired: 0,
      discarded: 0,
    });
  });
});

function whenever({ pipeline, probe }: Running, look: (metrics: Summary) => void): void {
  const lookNow = (): void => look(pipeline.metrics());
  probe.onCall = lookNow;
  pipeline.on('message', lookNow);
  pipeline.on('backpressure', lookNow);
}

function capacities({ plumber }: Running): Map<string, number> {
  const { nodes } = plumber.describe();
  return new Map(
    nodes.flatMap(({ name, outputs }) =>
      outputs.map(({ to, queueSize }) => [`${name} -> ${to}`, Number(queueSize)]),
    ),
  );
}

function lengthened(graph: Graph, items: number): Graph {
  const nodes = graph.nodes.map((node) =>
    node.kind === 'transform' ? node : { ...node, items: Array.from({ length: items }, () => true) },
  );
  return { ...graph, nodes };
}
