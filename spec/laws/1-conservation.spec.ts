import fc from 'fast-check';
import { createPipeline } from 'sluice';
import { describe, expect, it } from 'vitest';
import { turns } from '../support/turns.ts';
import { unlessIdle } from '../support/watchdog.ts';
import { dropping, everything, graphs, runs } from './arbitrary.ts';
import { tallyOf } from './definition.ts';
import { type Graph, type GraphNode, isJoin, isReadAhead, joinsLanes } from './graph.ts';
import { flatNames, lastPart, unnest } from './nesting.ts';
import { complete, type Running, type Summary, start } from './run.ts';

/** Half of them drop messages where a queue is full. */
const anyGraph = fc.oneof(graphs(everything), graphs(dropping));

describe('law 1, conservation', () => {
  it('accounts for every message of every edge at any moment a function or a listener looks', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (graph) => {
        const running = start(graph);
        const unbalanced: unknown[] = [];
        const look = (): void => void unbalanced.push(...unbalancedEdges(running.pipeline.metrics()));
        running.probe.onCall = look;
        for (const event of ['message', 'skip', 'drop', 'error', 'backpressure', 'nodeEnd'] as const)
          running.pipeline.on(event, look);
        await complete(running);

        expect(unbalanced).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it('counts in the end what functions were seen to do, and leaves nothing queued or in flight', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (graph) => {
        const running = start(graph);
        const events = countEvents(running);
        const { nodes: nested, edges, left } = await complete(running);
        const nodes = unnest(nested);

        expect(left).toBe(0);
        expect(edges.filter(({ queued }) => queued > 0)).toEqual([]);
        for (const node of graph.nodes) {
          const { received, processed, skipped, failed, deadLettered, discarded, inFlight } = countersOf(
            nodes,
            node.name,
          );
          const seen = { received, processed, skipped, failed, deadLettered, discarded, inFlight };
          expect({ name: node.name, ...seen }).toEqual({
            name: node.name,
            ...expected(node, received, mayDiscard(node, graph) ? discarded : 0, running),
          });
          expect(events.failed.get(node.name) ?? 0).toBe(failed);
        }
      }),
      { numRuns: runs },
    );
  });

  it('takes from the edges of a node what its calls were given, and what its lost rows held, each with an event', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (graph) => {
        const running = start(graph);
        const events = countEvents(running);
        const { nodes: nested, edges } = await complete(running);
        const nodes = unnest(nested);
        const names = flatNames(Object.keys(nested));

        for (const node of graph.nodes) {
          const { name } = node;
          const { calls, nothings, parts } = tallyOf(running.probe, name);
          const branches = node.kind === 'transform' && isJoin(node) ? node.from.length : 1;
          const { received, discarded } = countersOf(nodes, name);
          const lostRows = received - calls - discarded;
          const lostMessages = (events.skipped.get(name) ?? 0) - nothings;
          const taken = edges
            .filter(({ to }) => names.get(to) === name)
            .reduce((sum, edge) => sum + edge.taken, 0);
          const given = parts + lostMessages;
          if (node.kind === 'transform' && (discarded === 0 || branches === 1))
            expect({ name, taken }).toEqual({ name, taken: given + discarded });
          else if (node.kind === 'transform') expect(taken - given).toBeLessThanOrEqual(discarded * branches);
          // A lost row lacks one message at least.
          if (branches === 1) expect({ name, lostMessages }).toEqual({ name, lostMessages: 0 });
          else expect(lostMessages).toBeLessThanOrEqual(lostRows * (branches - 1));
        }
      }),
      { numRuns: runs },
    );
  });

  it('counts the rows of a join that lack a branch as skipped, and those that lack all of them', async () => {
    const lost: unknown[] = [];
    const pipeline = createPipeline({
      nodes: {
        source: () => Array(12).keys(),
        even: (n: number) => (n % 2 === 0 ? n : null),
        third: (n: number) => (n % 3 === 0 ? n : null),
        join: ({ even, third }: { even: number; third: number }) => even + third,
      },
      graph: { source: ['even', 'third'], even: ['join'], third: ['join'], join: null },
    });
    pipeline.on('skip', ({ node, message }) => {
      if (node === 'join') lost.push(message.payload);
    });

    const { nodes } = await pipeline.done;

    expect(nodes.join).toMatchObject({ received: 12, processed: 2, skipped: 10, failed: 0, inFlight: 0 });
    expect(lost).toEqual([2, 3, 4, 8, 9, 10]);
  });

  it('puts into every edge what its node sent, and of several edges leaves out none but one whose reader is gone', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, async (graph) => {
        const summary = await complete(start(graph));

        expect(lostOnTheWay(graph, summary)).toEqual([]);
      }),
      { numRuns: runs },
    );
  });

  it('tells of each message that a full queue drops, once', async () => {
    await fc.assert(
      fc.asyncProperty(graphs(dropping), async (graph) => {
        const running = start(graph);
        const told = new Map<string, Set<string>>();
        let events = 0;
        running.pipeline.on('drop', ({ from, to, message }) => {
          const edge = `${from} -> ${to}`;
          told.set(edge, (told.get(edge) ?? new Set()).add(message.id));
          events++;
        });
        const { edges } = await complete(running);

        const counted = edges.filter(({ dropped }) => dropped > 0);
        const sizes = [...told].map(([edge, ids]) => [edge, ids.size]);
        expect(Object.fromEntries(sizes)).toEqual(
          Object.fromEntries(counted.map(({ from, to, dropped }) => [`${from} -> ${to}`, dropped])),
        );
        expect(events).toBe(counted.reduce((sum, { dropped }) => sum + dropped, 0));
      }),
      { numRuns: runs },
    );
  });

  it('still does when the pipeline is aborted: what was queued is discarded and counted', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, fc.nat(60), async (graph, moment) => {
        const running = start(graph);
        const { pipeline, probe } = running;
        let steps = 0;
        probe.onCall = () => {
          if (steps++ === moment) pipeline.abort();
        };
        const end = Promise.allSettled([pipeline.done, running.read, running.fed]);
        await unlessIdle(end, () => probe.steps);
        await turns(5);
        const summary = pipeline.metrics();
        const { nodes, edges } = summary;

        expect(unbalancedEdges(summary)).toEqual([]);
        expect(edges.filter(({ queued }) => queued > 0)).toEqual([]);
        expect(edges.filter(({ from, accepted }) => accepted > countersOf(nodes, from).sent)).toEqual([]);
        expect(Object.entries(nodes).filter(([, { inFlight }]) => inFlight < 0)).toEqual([]);
      }),
      { numRuns: runs },
    );
  });
});

type Edge = Summary['edges'][number];
type Counters = Summary['nodes'][string];

/** What a node's counters must be, going by what its function was seen to do. */
function expected(
  node: GraphNode,
  received: number,
  discarded: number,
  { probe }: Running,
): Omit<Counters, 'waiting' | 'sent' | 'unread' | 'dropped' | 'retried' | 'elapsed'> {
  const { calls, values, refused, nothings, failures, unsent } = tallyOf(probe, node.name);
  if (node.kind !== 'transform') {
    // One that was refused while it waited for its turn counts or not, by how far it had got.
    const items =
      node.kind === 'inlet' && isReadAhead(node) ? received : clamp(received, values - refused, values);
    return {
      received: items,
      processed: items,
      skipped: 0,
      failed: 0,
      deadLettered: 0,
      discarded: 0,
      inFlight: 0,
    };
  }
  const lostRows = isJoin(node) ? Math.max(received - calls - discarded, 0) : 0;
  return {
    received: calls + lostRows + discarded,
    processed: calls - nothings - failures - unsent,
    skipped: nothings + lostRows,
    failed: failures + unsent,
    deadLettered: 0,
    discarded,
    inFlight: 0,
  };
}

/** Whether messages may be left that waited for their key or their batch: when a join that was over has taken a node's successors away. */
function mayDiscard(node: GraphNode, graph: Graph): boolean {
  const holds = node.kind === 'transform' && (node.keys !== undefined || node.batch !== undefined);
  return holds && joinsLanes(graph);
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}

function unbalancedEdges({ edges }: Pick<Summary, 'edges'>): Edge[] {
  return edges.filter(({ accepted, taken, queued, dropped, unpaired, discarded }) => {
    return accepted !== taken + queued + dropped + unpaired + discarded || queued < 0;
  });
}

function lostOnTheWay(graph: Graph, { nodes, edges }: Summary): Edge[] {
  return edges.filter(({ from, accepted, passedBy }) => {
    const { sent } = countersOf(nodes, from);
    const isOnlyEdge = edges.filter((edge) => edge.from === from).length === 1;
    return isOnlyEdge || !joinsLanes(graph) ? accepted + passedBy !== sent : accepted + passedBy > sent;
  });
}

function countersOf(nodes: Summary['nodes'], name: string): Counters {
  return nodes[name] as Counters;
}

function countEvents({ pipeline }: Running): { skipped: Map<string, number>; failed: Map<string, number> } {
  const skipped = new Map<string, number>();
  const failed = new Map<string, number>();
  const count = (counts: Map<string, number>, name: string): unknown =>
    counts.set(lastPart(name), (counts.get(lastPart(name)) ?? 0) + 1);
  pipeline.on('skip', ({ node }) => count(skipped, node));
  pipeline.on('error', ({ error }) => count(failed, error.node));
  return { skipped, failed };
}
