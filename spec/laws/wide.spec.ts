import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../lib/index.ts';
import { graphs, type RandomGraph, simulate } from '../../lib/testing/index.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { runs } from './arbitrary.ts';
import { joinsLanes } from './graph.ts';
import {
  count,
  determinate,
  expected,
  inAnyOrder,
  mortalPlumber,
  passed,
  type Running,
  read,
  settle,
  start,
  storage,
  unbalanced,
  wide,
} from './wide.ts';

/** How many items are to pass, at least; the long run wants a million. */
const wanted = Number(process.env.LAWS_ITEMS ?? 0);
const most = wanted > 0 ? { mostItems: 60 } : {};

/** In which order tasks follow each other that have been woken: usually that of their waking. */
const orders = fc.option(fc.nat(), { nil: undefined, freq: 2 });

/** Tries a law until its share of the items has passed. */
async function holds(property: fc.IAsyncProperty<unknown>, share: number): Promise<void> {
  const end = passed.items + wanted * share;
  do await fc.assert(property, { numRuns: Math.min(runs, 500) });
  while (passed.items < end);
}

describe('all options at random', () => {
  afterAll(() => {
    const { graphs, items, messages } = passed;
    process.stdout.write(`${items} items of ${graphs} random graphs passed as ${messages} messages\n`);
  });

  it('outputs are those of the sequential interpreter (law 5), within all bounds and counts (laws 1, 2, 6, 7)', async () => {
    await holds(
      fc.asyncProperty(graphs({ ...determinate, ...most }), orders, async (graph, order) => {
        const { running, outputs, faults, summary } = await inAnyOrder(order, () => complete(graph));
        const { dead = [], ...own } = outputs;
        const { dead: letters = [], ...others } = await expected(graph);

        expect(faults).toEqual([]);
        expect(own).toEqual(others);
        // Behind a join that ended early, what it did not take may be failed on or let go.
        if (joinsLanes(graph)) expect(letters).toEqual(expect.arrayContaining(dead));
        else expect(dead.toSorted()).toEqual(letters.toSorted());
        expect(leftOver(graph, summary, running)).toEqual([]);
      }),
      0.4,
    );
  });

  it('with merges, loops, drops and order of completion, everything is accounted for, within bounds, to a clean end', async () => {
    await holds(
      fc.asyncProperty(graphs({ ...wide, ...most }), orders, async (graph, order) => {
        const { running, faults, summary } = await inAnyOrder(order, () => complete(graph));

        expect(faults).toEqual([]);
        expect(leftOver(graph, summary, running)).toEqual([]);
      }),
      0.4,
    );
  });

  it('every call has its own answers (law 6), in its own context (law 10), and nothing is unhandled (law 8)', async () => {
    // A batch works on what several have called, in nobody's context.
    const called = { ...wide, batches: false, roots: ['push'], mostRoots: 1, mostItems: 0 } as const;
    const plain = { ...called, overflows: [], loops: false };
    const either = fc.oneof(graphs(called), graphs(plain));
    const unhandled = await unhandledDuring(() =>
      holds(
        fc.asyncProperty(either, fc.integer({ min: 1, max: 30 }), async (graph, calls) => {
          const strangers: unknown[] = [];
          const running = start(graph, {
            onCall: (text) => {
              const owner = storage.getStore();
              if (rootsOf(text).some((root) => root !== owner)) strangers.push({ text, owner });
            },
          });
          const roots = Array.from({ length: calls }, (_, i) => `A${i}`);
          const called = roots.map((root) => storage.run(root, () => running.pipeline.call(root)));
          const answers = await settle(Promise.all(called), running);
          await settle(running.pipeline.stop(), running);
          const summary = running.pipeline.metrics();
          count(graph, summary);
          passed.items += calls;

          expect(strangers).toEqual([]);
          for (const [i, answer] of answers.entries()) {
            const values = Object.values(answer).flat().map(String);
            expect(values.flatMap(rootsOf).filter((root) => root !== roots[i])).toEqual([]);
          }
          if (isKnown(graph)) {
            const plumber = mortalPlumber(graph);
            const i = calls >> 1;
            expect(sorted(answers[i] ?? {})).toEqual(sorted(await simulate(plumber, { A: [`A${i}`] })));
          }
          expect(unbalanced(summary)).toEqual([]);
          expect(running.clock.pending).toBe(0);
        }),
        0.05,
      ),
    );

    expect(unhandled).toEqual([]);
  });

  it('an end at any moment settles everything, counts what it found, and leaves nothing (laws 1, 6, 7 and 8)', async () => {
    const failing = { ...wide, ...most, overflows: ['drop-oldest', 'error'], onError: 'fail' } as const;
    const either = fc.oneof(graphs({ ...wide, ...most }), graphs(failing));
    const how = fc.constantFrom('abort' as const, 'stop' as const, 'stop within' as const);
    const unhandled = await unhandledDuring(() =>
      holds(
        fc.asyncProperty(either, fc.nat(200), how, async (graph, moment, end) => {
          let calls = 0;
          let stopped: Promise<unknown> = Promise.resolve();
          const running = start(graph, {
            onCall: () => {
              if (calls++ !== moment) return;
              if (end === 'abort') running.pipeline.abort();
              else stopped = running.pipeline.stop(end === 'stop' ? {} : { within: 100 });
              stopped.catch(() => {});
            },
          });
          const { pipeline, clock } = running;
          const reading = read(running);
          await settle(Promise.allSettled([pipeline.done, reading.end]), running);
          await settle(Promise.allSettled([stopped]), running);
          await turns(3);
          const summary = pipeline.metrics();
          count(graph, summary);

          expect(unbalanced(summary)).toEqual([]);
          expect(summary.edges.filter(({ queued }) => queued > 0)).toEqual([]);
          expect(clock.pending).toBe(0);
        }),
        0.15,
      ),
    );

    expect(unhandled).toEqual([]);
  });
});

/** Runs a graph to its end, and looks at it all the while. */
async function complete(graph: RandomGraph) {
  const faults: unknown[] = [];
  let looks = 0;
  const running = start(graph, {
    onCall: () => {
      // Often in small graphs, and now and then in large ones.
      if (looks++ > 20 && looks % 16 > 0) return;
      faults.push(...faultsOf(running, sizes));
    },
  });
  const sizes = capacitiesOf(running);
  const { outputs, end } = read(running);
  const [summary] = await settle(Promise.all([running.pipeline.done, end]), running);
  count(graph, summary);
  return { running, outputs, faults, summary };
}

function faultsOf({ pipeline }: Running, sizes: ReadonlyMap<string, number>): unknown[] {
  const summary = pipeline.metrics();
  const overfull = summary.edges.filter(
    ({ from, to, queued }) => queued > (sizes.get(`${from} -> ${to}`) ?? Number.POSITIVE_INFINITY),
  );
  return [...unbalanced(summary), ...overfull];
}

function capacitiesOf({ plumber }: Running): Map<string, number> {
  return new Map(
    plumber
      .describe()
      .nodes.flatMap(({ name, outputs }) =>
        outputs.map(({ to, queueSize }): [string, number] => [
          `${name} -> ${to}`,
          queueSize === 'unbounded' ? Number.POSITIVE_INFINITY : queueSize,
        ]),
      ),
  );
}

/** What should be nowhere after an orderly end. */
function leftOver(graph: RandomGraph, summary: Summary, { clock }: Running): unknown[] {
  const { nodes, edges, left, unreadDeadLetters } = summary;
  const isLost = (edge: Summary['edges'][number]): boolean => {
    const sent = nodes[edge.from]?.sent ?? 0;
    const isLetter = edge.to === graph.deadLetter?.name;
    return !isLetter && !joinsLanes(graph) && edge.accepted + edge.passedBy !== sent;
  };
  return [
    ...unbalanced(summary),
    ...Object.entries(nodes).filter(([, { inFlight }]) => inFlight > 0),
    ...edges.filter(({ queued, discarded }) => queued + discarded > 0),
    ...edges.filter(isLost),
    ...(left > 0 ? [{ left }] : []),
    ...(graph.deadLetter !== undefined && unreadDeadLetters > 0 ? [{ unreadDeadLetters }] : []),
    ...(clock.pending > 0 ? [{ timers: clock.pending }] : []),
  ];
}

/** The inputs that a text descends from. */
function rootsOf(text: string): string[] {
  return text.match(/A\d+/g) ?? [];
}

/** Whether what one call brings forth can be worked out. */
function isKnown({ nodes }: RandomGraph): boolean {
  return nodes.every((node) => {
    if (node.kind !== 'transform') return node.kind !== 'inlet' || node.sheds === undefined;
    return node.back === undefined && node.from.every(({ overflow }) => overflow === undefined);
  });
}

function sorted(outputs: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown[]> {
  return Object.fromEntries(
    Object.entries(outputs).map(([sink, values]) => [sink, values.map(String).sort()]),
  );
}
