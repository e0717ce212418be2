import fc from 'fast-check';
import type { LeftMessage } from 'sluice';
import { describe, expect, it } from 'vitest';
import { hops, turns } from '../support/turns.ts';
import { unlessIdle } from '../support/watchdog.ts';
import { dropping, everything, graphs, runs } from './arbitrary.ts';
import { type Graph, type GraphNode, joinsLanes } from './graph.ts';
import { flatNames } from './nesting.ts';
import { type Running, type Summary, start } from './run.ts';

/** Half of them drop messages where a queue is full. */
const anyGraph = fc.oneof(graphs(everything), graphs(dropping));

describe('law 1, what an abort leaves', () => {
  it('is told message by message, as the counters of the same moment say, at any moment', async () => {
    let told = 0;
    await fc.assert(
      fc.asyncProperty(anyGraph, fc.nat(80), fc.nat(3), async (graph, hopCount, turnCount) => {
        const running = start(graph);
        await turns(turnCount);
        await hops(hopCount);
        const { before, after, left } = await cut(running);

        told += left.length;
        expect(after.left).toBe(left.length);
        expect(onEdges(left)).toEqual(lostOnEdges(before, after));
        expect(tally(left, queued)).toEqual(queuedIn(before));
        expect(tally(left, inFlight)).toEqual(inHandIn(before));
        expect(tally(left, unread)).toEqual(lostUnread(before, after));
        expect(answeredMore(graph, left, before)).toEqual([]);
        expect(twiceOffered(left)).toEqual([]);
      }),
      { numRuns: runs },
    );
    expect(told).toBeGreaterThan(0);
  });

  it('is told all the same when a function aborts the pipeline, but for the message it works on itself', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, fc.nat(60), async (graph, moment) => {
        const running = start(graph);
        const { pipeline, probe } = running;
        let steps = 0;
        let cutting: ReturnType<typeof cut> | undefined;
        let by = '';
        probe.onCall = (name) => {
          if (steps++ !== moment) return;
          by = name;
          cutting = cut(running);
        };
        const end = Promise.allSettled([pipeline.done, running.read, running.fed]);
        await unlessIdle(end, () => probe.steps);
        if (cutting === undefined) return;
        const { before, after, left } = await cutting;

        expect(after.left).toBe(left.length);
        expect(onEdges(left)).toEqual(lostOnEdges(before, after));
        const hands = tally(left, inFlight);
        for (const [name, counters] of Object.entries(before.nodes)) {
          const own = flatNames(Object.keys(before.nodes)).get(name) === by && isUnseen(by, graph);
          expect({ name, hands: hands[name] ?? 0 }).toEqual({
            name,
            hands: counters.inFlight - (own ? 1 : 0),
          });
        }
      }),
      { numRuns: runs },
    );
  });

  it('is made of messages that were sent, with their ids, payloads and roots', async () => {
    await fc.assert(
      fc.asyncProperty(anyGraph, fc.nat(80), async (graph, hopCount) => {
        const running = start(graph);
        const sent = new Map<string, { node: string; payload: unknown }>();
        running.pipeline.on('message', ({ node, message }) => {
          sent.set(message.id, { node, payload: message.payload });
        });
        await hops(hopCount);
        const { left } = await cut(running);

        for (const { state, payload, message, from, age } of left) {
          if (message === undefined) {
            expect({ state, from, age }).toEqual({ state: 'offered', from: undefined, age: undefined });
            continue;
          }
          expect(message.payload).toBe(payload);
          expect(age).toBeGreaterThanOrEqual(0);
          expect(message.roots.every((root) => sent.has(root))).toBe(true);
          // A join's row is a message that its node made for itself.
          const known = sent.get(message.id) ?? { node: message.node, payload };
          expect({ node: message.node, payload }).toEqual(known);
          if (from !== undefined) expect(message.node).toBe(from);
        }
      }),
      { numRuns: runs },
    );
  });
});

/** Whether a function is called before its message has a place in line. */
function isUnseen(name: string, { nodes }: Graph): boolean {
  return nodes.some(
    (node) =>
      node.name === name && node.kind === 'transform' && node.keys === undefined && node.batch === undefined,
  );
}

interface Cut {
  /** The counters right before. */
  readonly before: Summary;
  readonly after: Summary;
  readonly left: readonly LeftMessage[];
}

/** Aborts a pipeline at this very moment, and asks for a report. */
async function cut({ pipeline, read, fed, probe }: Running): Promise<Cut> {
  const stopped = pipeline.stop({ report: true });
  // Nodes may end by the stop alone.
  const before = pipeline.metrics();
  pipeline.abort('enough');
  const end = Promise.all([stopped, read, fed, Promise.allSettled([pipeline.done])]);
  await unlessIdle(end, () => probe.steps);
  // What a deaf function or a stream still gives arrives by then.
  await turns(5);
  const after = pipeline.metrics();
  return { before, after, left: after.leftMessages ?? [] };
}

const queued = ({ state, from, node }: LeftMessage): string | undefined =>
  state === 'queued' && !isReader(node) ? `${from} -> ${node}` : undefined;
const inFlight = ({ state, node }: LeftMessage): string | undefined =>
  state === 'running' || state === 'held' ? node : undefined;
const unread = ({ node, from }: LeftMessage): string | undefined => (isReader(node) ? from : undefined);
const answered = ({ state, node }: LeftMessage): string | undefined =>
  state === 'answered' ? node : undefined;
const isReader = (name: string): boolean => name.startsWith('reader of ');
const edgeName = ({ from, to }: Summary['edges'][number]): string => `${from} -> ${to}`;

function tally(left: readonly LeftMessage[], by: (message: LeftMessage) => string | undefined): Counts {
  const counts: Counts = {};
  for (const name of left.map(by)) if (name !== undefined) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

type Counts = Record<string, number>;

function onEdges(left: readonly LeftMessage[]): Counts {
  return tally(left, ({ from, node }) =>
    from === undefined || isReader(node) ? undefined : `${from} -> ${node}`,
  );
}

function withoutZeros(counts: readonly (readonly [string, number])[]): Counts {
  return Object.fromEntries(counts.filter(([, count]) => count !== 0));
}

function lostOnEdges(before: Summary, after: Summary): Counts {
  return withoutZeros(
    after.edges.map((edge, i) => [
      edgeName(edge),
      edge.discarded - (before.edges[i] as Summary['edges'][number]).discarded,
    ]),
  );
}

function lostUnread(before: Summary, after: Summary): Counts {
  return withoutZeros(
    Object.entries(after.nodes).map(([name, { unread }]) => [
      name,
      unread - (before.nodes[name]?.unread ?? 0),
    ]),
  );
}

function queuedIn({ edges }: Summary): Counts {
  return withoutZeros(edges.map((edge) => [edgeName(edge), edge.queued]));
}

function inHandIn({ nodes }: Summary): Counts {
  return withoutZeros(Object.entries(nodes).map(([name, counters]) => [name, counters.inFlight]));
}

/** Nodes that were told to have another number of values in hand than they had processed and not sent. */
function answeredMore(graph: Graph, left: readonly LeftMessage[], { nodes }: Summary): unknown[] {
  const counts = tally(left, answered);
  const flat = flatNames(Object.keys(nodes));
  const counted = new Set(graph.nodes.filter(sendsOneForEach).map(({ name }) => name));
  return Object.entries(nodes).flatMap(([name, { processed, sent }]) => {
    if (!counted.has(flat.get(name) as string)) return [];
    const count = counts[name] ?? 0;
    // Where a join is over, nobody takes what the nodes before it still give.
    const isRight = joinsLanes(graph) ? count <= processed - sent : count === processed - sent;
    return isRight ? [] : [{ name, count, processed, sent }];
  });
}

function sendsOneForEach(node: GraphNode): boolean {
  return node.kind === 'transform' && node.many === undefined && node.batch === undefined;
}

/** Nobody offers a second value before the first was accepted. */
function twiceOffered(left: readonly LeftMessage[]): string[] {
  const counts = tally(left, ({ state, node }) => (state === 'offered' ? node : undefined));
  return Object.keys(counts).filter((name) => counts[name] !== 1);
}
