import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dropping, everything, type Features, graphs, runs } from './arbitrary.ts';
import { naturally, tallyOf, type Wait } from './definition.ts';
import { type Graph, isJoin, keyOf, sendOf, type Text, type TransformNode } from './graph.ts';
import { flatNames } from './nesting.ts';
import { complete, type Running, start } from './run.ts';

describe('law 3, order', () => {
  it('gives a node what each of its upstreams sent, first in, first out, also under order completion and through merges', async () => {
    await fc.assert(
      fc.asyncProperty(
        orDropping({ ...everything, ...concurrent }),
        fc.scheduler(),
        async (graph, scheduler) => {
          const running = start(graph, scheduled(scheduler));
          const sent = recordSent(running);
          await scheduler.waitFor(complete(running));

          for (const node of transformsOf(graph)) {
            for (const { node: upstream } of node.from) {
              for (const inputs of byKey(node, tallyOf(running.probe, node.name).inputs)) {
                const came = inputs.flatMap((text) => partFrom(upstream, node, text, sent));
                expect({ to: node.name, isInOrder: isSubsequence(came, sent.get(upstream) ?? []) }).toEqual({
                  to: node.name,
                  isInOrder: true,
                });
              }
            }
          }
        },
      ),
      { numRuns: runs },
    );
  });

  it('sends the outputs of a node in the order of its inputs, whichever of its concurrent calls settles first', async () => {
    await fc.assert(
      fc.asyncProperty(
        orDropping({ merges: true, ...concurrent }),
        fc.scheduler(),
        async (graph, scheduler) => {
          const running = start(graph, scheduled(scheduler));
          const sent = recordSent(running);
          await scheduler.waitFor(complete(running));

          for (const node of transformsOf(graph)) {
            for (const inputs of byKey(node, tallyOf(running.probe, node.name).inputs)) {
              const inTurn = inputs.flatMap((text) => sendOf(node, graph, text).values);
              const came = (sent.get(node.name) ?? []).filter((text) => inTurn.includes(text));
              expect({ node: node.name, sent: came }).toEqual({
                node: node.name,
                sent: inTurn.slice(0, came.length),
              });
            }
          }
        },
      ),
      { numRuns: runs },
    );
  });

  it('sends them in that order under keyBy too, though calls begin in another', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ ...concurrent }), fc.scheduler(), async (graph, scheduler) => {
        const running = start(graph, scheduled(scheduler));
        const parents = recordParents(running);
        await scheduler.waitFor(complete(running));

        for (const node of transformsOf(graph)) {
          const came = parents.get(node.name) ?? [];
          // One message gives several; each branch of a join is in order.
          for (const branch of node.from.keys()) {
            const numbers = came.filter((ids) => ids.length === node.from.length).map((ids) => ids[branch]);
            expect(numbers).toEqual(numbers.toSorted());
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it('never has two calls of one key at once, and begins those of one key in the order of their inputs', async () => {
    await fc.assert(
      fc.asyncProperty(keyed, fc.scheduler(), async ({ items, ...options }, scheduler) => {
        const graph = chain({ delays: [1], ...options }, items);
        const running = start(graph, scheduled(scheduler));
        const node = transformsOf(graph)[0] as TransformNode;
        const overlaps: unknown[] = [];
        running.probe.onCall = () => {
          const keys = [...running.probe.working].map((call) => keyOf(node, call.slice(2, -1)));
          if (new Set(keys).size < keys.length || keys.length > options.concurrency) overlaps.push(keys);
        };
        await scheduler.waitFor(complete(running));
        const { inputs } = tallyOf(running.probe, node.name);

        expect(overlaps).toEqual([]);
        expect(inputs).toHaveLength(items);
        for (const ofKey of byKey(node, inputs)) {
          const numbers = ofKey.map((text) => Number(text.slice(1)));
          expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: runs },
    );
  });

  it('sends them as its calls settle under order completion, none twice and none left out', async () => {
    await fc.assert(
      fc.asyncProperty(permutations, async (order) => {
        const graph = chain({ concurrency: order.length, order: 'completion' }, order.length);
        const releases = new Map<string, () => void>();
        const wait: Wait = (delay, what) => {
          if (!what.startsWith('f works')) return naturally(delay, what);
          return new Promise<void>((resolve) => void releases.set(what, resolve));
        };
        const running = start(graph, wait);
        const end = complete(running);
        while (releases.size < order.length) await naturally('turn', '');
        for (const item of order) {
          releases.get(`f works on A${item}`)?.();
          await naturally('turn', '');
        }
        await end;

        expect(running.outputs).toEqual({ f: order.map((item) => `f(A${item})`) });
      }),
      { numRuns: runs },
    );
  });

  it('never has more calls of a node at once than its concurrency, and gets that many when its inputs allow', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 0, max: 9 }),
        async (concurrency, items) => {
          const running = start(chain({ concurrency, delays: ['turn'] }, items));
          let most = 0;
          running.probe.onCall = (name) => {
            if (name === 'f') most = Math.max(most, tallyOf(running.probe, 'f').active + 1);
          };
          await complete(running);

          expect(most).toBe(Math.min(concurrency, items));
        },
      ),
      { numRuns: runs },
    );
  });
});

const concurrent: Features = { delays: [0, 1, 1, 1], mostItems: 8 };
const keyed = fc.record({
  items: fc.nat(12),
  keys: fc.integer({ min: 1, max: 4 }),
  concurrency: fc.integer({ min: 1, max: 4 }),
  queueSize: fc.integer({ min: 1, max: 5 }),
  order: fc.constantFrom('input', 'completion'),
});
/** Half of them drop messages where a queue is full. */
const orDropping = (features: Features): fc.Arbitrary<Graph> =>
  fc.oneof(graphs(features), graphs({ overflows: dropping.overflows ?? [], ...features }));
const permutations = fc
  .integer({ min: 1, max: 5 })
  .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }));

function scheduled(scheduler: fc.Scheduler): Wait {
  return (delay, what) => (delay === 0 ? undefined : scheduler.schedule(Promise.resolve(), what));
}

/** What a node worked on, apart for each key: only of those is there an order in which it does so. */
function byKey(node: TransformNode, inputs: readonly Text[]): Text[][] {
  if (node.keys === undefined) return [[...inputs]];
  const keys = [...new Set(inputs.map((text) => keyOf(node, text)))];
  return keys.map((key) => inputs.filter((text) => keyOf(node, text) === key));
}

/** The ids of the messages that what a node sent was made of; they sort in the order in which those were sent. */
function recordParents({ pipeline, plumber }: Running): Map<string, (readonly string[])[]> {
  const parents = new Map<string, (readonly string[])[]>();
  const names = flatNames(plumber.describe().order);
  pipeline.on('message', ({ node: nested, message }) => {
    const node = names.get(nested);
    if (node === undefined) return;
    const before = parents.get(node);
    if (before === undefined) parents.set(node, [message.parents]);
    else before.push(message.parents);
  });
  return parents;
}

/** What every node sent, in the order in which it did. */
function recordSent({ pipeline, plumber }: Running): Map<string, Text[]> {
  const sent = new Map<string, Text[]>();
  const names = flatNames(plumber.describe().order);
  pipeline.on('message', ({ node: nested, message }) => {
    const node = names.get(nested);
    if (node === undefined) return; // An inlet: it sends what was sent to it.
    const before = sent.get(node);
    if (before === undefined) sent.set(node, [message.payload as Text]);
    else before.push(message.payload as Text);
  });
  return sent;
}

function transformsOf({ nodes }: Graph): TransformNode[] {
  return nodes.filter((node): node is TransformNode => node.kind === 'transform');
}

/** The part of an input that came from one upstream: a branch of a join, or all of it. */
function partFrom(
  upstream: string,
  node: TransformNode,
  input: Text,
  sent: ReadonlyMap<string, Text[]>,
): Text[] {
  if (!isJoin(node)) return sent.get(upstream)?.includes(input) === true ? [input] : [];
  const part = branches(input).find((branch) => branch.startsWith(`${upstream}=`));
  return part === undefined ? [] : [part.slice(upstream.length + 1)];
}

/** Parts of a row between commas that are not within parentheses. */
function branches(row: Text): Text[] {
  const parts: Text[] = [''];
  let depth = 0;
  for (const letter of row) {
    if (letter === '(') depth++;
    if (letter === ')') depth--;
    if (letter === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += letter;
  }
  return parts;
}

function isSubsequence(part: readonly Text[], whole: readonly Text[]): boolean {
  let next = 0;
  for (const text of whole) if (text === part[next]) next++;
  return next === part.length;
}

function chain(options: Partial<TransformNode>, items: number): Graph {
  return {
    nodes: [
      {
        kind: 'source',
        name: 'A',
        style: 'generator',
        items: Array.from({ length: items }, () => true),
        delays: [0],
      },
      {
        ...{
          kind: 'transform',
          name: 'f',
          from: [{ node: 'A', queueSize: undefined }],
          aggregateInputs: true,
        },
        ...{
          does: ['pass'],
          many: undefined,
          delays: [1],
          concurrency: 1,
          order: 'input',
          queueSize: undefined,
        },
        ...{ onError: 'fail', ...options },
      },
    ],
    isReversed: false,
    readDelays: [0],
  };
}
