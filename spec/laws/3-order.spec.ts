import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { everything, type Features, graphs, runs } from './arbitrary.ts';
import { naturally, tallyOf, type Wait } from './definition.ts';
import { type Graph, isJoin, respond, type Text, type TransformNode } from './graph.ts';
import { complete, type Running, start } from './run.ts';

describe('law 3, order', () => {
  it('gives a node what each of its upstreams sent, first in, first out, also under order completion and through merges', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ ...everything, ...concurrent }), fc.scheduler(), async (graph, scheduler) => {
        const running = start(graph, scheduled(scheduler));
        const sent = recordSent(running);
        await scheduler.waitFor(complete(running));

        for (const node of transformsOf(graph)) {
          for (const { node: upstream } of node.from) {
            const came = tallyOf(running.probe, node.name).inputs.flatMap((text) =>
              partFrom(upstream, node, text, sent),
            );
            expect({ to: node.name, isInOrder: isSubsequence(came, sent.get(upstream) ?? []) }).toEqual({
              to: node.name,
              isInOrder: true,
            });
          }
        }
      }),
      { numRuns: runs },
    );
  });

  it('sends the outputs of a node in the order of its inputs, whichever of its concurrent calls settles first', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ merges: true, ...concurrent }), fc.scheduler(), async (graph, scheduler) => {
        const running = start(graph, scheduled(scheduler));
        const sent = recordSent(running);
        await scheduler.waitFor(complete(running));

        for (const node of transformsOf(graph)) {
          const inTurn = tallyOf(running.probe, node.name).inputs.flatMap(
            (text) => respond(node, text).values,
          );
          const came = sent.get(node.name) ?? [];
          expect({ node: node.name, sent: came }).toEqual({
            node: node.name,
            sent: inTurn.slice(0, came.length),
          });
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
const permutations = fc
  .integer({ min: 1, max: 5 })
  .chain((count) => fc.shuffledSubarray([...Array(count).keys()], { minLength: count }));

function scheduled(scheduler: fc.Scheduler): Wait {
  return (delay, what) => (delay === 0 ? undefined : scheduler.schedule(Promise.resolve(), what));
}

/** What every node sent, in the order in which it did. */
function recordSent({ pipeline }: Running): Map<string, Text[]> {
  const sent = new Map<string, Text[]>();
  pipeline.on('message', ({ node, message }) => {
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
