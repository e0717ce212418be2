import fc from 'fast-check';
import { createPipeline, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unlessIdle } from '../support/watchdog.ts';
import { callable, dropping, everything, type Features, graphs, runs } from './arbitrary.ts';
import { createProbe, naturally, type Probe, toDefinition, type Wait } from './definition.ts';
import { type Graph, sendOf, type Text } from './graph.ts';
import { interpret } from './interpreter.ts';
import { complete, type Summary, start } from './run.ts';

/** Half of them drop messages where a queue is full. */
const anyGraph = fc.oneof(graphs(everything), graphs(dropping));

describe('law 6, completion', () => {
  describe('done', () => {
    it('settles once every source has ended and every message is accounted for, and not before', async () => {
      await fc.assert(
        fc.asyncProperty(anyGraph, fc.scheduler(), async (graph, scheduler) => {
          const running = start(graph, scheduled(scheduler));
          const { pipeline, probe } = running;
          const atDone = pipeline.done.then(() => ({
            queued: pipeline.metrics().edges.reduce((sum, { queued }) => sum + queued, 0),
            active: [...probe.tallies.values()].reduce((sum, { active }) => sum + active, 0),
            unfinished: [...probe.tallies.values()].reduce((sum, { unfinished }) => sum + unfinished, 0),
            calls: callsOf(probe),
          }));
          await scheduler.waitFor(complete(running));

          expect(await atDone).toEqual({
            ...{ queued: 0, active: 0, unfinished: 0 },
            calls: callsOf(probe),
          });
        }),
        { numRuns: runs },
      );
    });

    it('settles though readers come and go at whatever moment', async () => {
      await fc.assert(
        fc.asyncProperty(anyGraph, fc.array(fc.nat(5), { maxLength: 4 }), async (graph, lengths) => {
          const running = start(graph);
          const passing = lengths.map(async (length) => {
            for (const name of Object.keys(running.outputs)) {
              let read = 0;
              for await (const _ of running.pipeline.outputs(name)) if (++read > length) break;
            }
          });
          await complete(running);
          const settled = await unlessIdle(Promise.allSettled(passing), () => running.probe.steps);

          expect(settled.filter(({ status }) => status === 'rejected')).toEqual([]);
        }),
        { numRuns: runs },
      );
    });

    it('waits for the last call of a sink', async () => {
      const { opened, open } = gate();
      const pipeline = createPipeline({
        nodes: { source: () => [1], sink: () => opened },
        graph: { source: ['sink'], sink: null },
      });
      const order: string[] = [];

      void pipeline.done.then(() => order.push('done'));
      await turns(5);
      order.push('opened');
      open();
      await pipeline.done;

      expect(order).toEqual(['opened', 'done']);
    });

    it('settles for a graph whose sources have nothing, and for an inlet that is closed at once', async () => {
      const pipeline = createPipeline({
        nodes: { none: () => [], word: inlet<string>(), sink: (row: object) => row },
        graph: { none: ['sink'], word: ['sink'], sink: null },
      });

      pipeline.close();
      const { nodes } = await pipeline.done;

      expect(nodes).toMatchObject({ none: { sent: 0 }, word: { sent: 0 }, sink: { received: 0 } });
    });
  });

  describe('call()', () => {
    it('resolves with exactly what descends from its input, of any number of calls at once', async () => {
      await fc.assert(
        fc.asyncProperty(graphs(called), fc.integer({ min: 1, max: 6 }), async (graph, count) => {
          const { outcomes } = await callEach(graph, count);

          for (const [i, outcome] of outcomes.entries()) {
            expect(outcome).toEqual({ status: 'fulfilled', value: interpretOne(graph, i).outputs });
          }
        }),
        { numRuns: runs },
      );
    });

    it('settles only after the last function that works for it, and none begins for it later', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.oneof(graphs(called), graphs({ ...called, overflows })),
          fc.integer({ min: 1, max: 4 }),
          fc.scheduler(),
          async (graph, count, scheduler) => {
            const { late, busy } = await scheduler.waitFor(callEach(graph, count, scheduled(scheduler)));

            expect({ late, busy }).toEqual({ late: [], busy: [] });
          },
        ),
        { numRuns: runs },
      );
    });

    it('rejects exactly the calls on whose descendants a function failed, and its neighbours get their outputs', async () => {
      const failing: Features = {
        ...called,
        onError: 'fail',
        outcomes: ['pass', 'pass', 'skip', 'throw', 'reject'],
      };
      await fc.assert(
        fc.asyncProperty(graphs(failing), fc.integer({ min: 1, max: 6 }), async (graph, count) => {
          const { outcomes } = await callEach(graph, count);

          for (const [i, outcome] of outcomes.entries()) {
            const { outputs, failures } = interpretOne(graph, i);
            if (failures.length === 0) expect(outcome).toEqual({ status: 'fulfilled', value: outputs });
            else expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PROCESSOR' } });
            if (outcome.status === 'rejected') expect(failures).toContain(outcome.reason.cause.message);
          }
        }),
        { numRuns: runs },
      );
    });

    it('gives its neighbours their outputs when a call is aborted, at whatever moment', async () => {
      await fc.assert(
        fc.asyncProperty(
          graphs(called),
          fc.integer({ min: 2, max: 6 }),
          fc.nat(20),
          async (graph, count, moment) => {
            const { outcomes } = await callEach(graph, count, naturally, { call: count - 2, moment });

            for (const [i, outcome] of outcomes.entries()) {
              if (outcome.status === 'fulfilled')
                expect(outcome.value).toEqual(interpretOne(graph, i).outputs);
              else expect({ i, code: outcome.reason.code }).toEqual({ i: count - 2, code: 'ABORTED' });
            }
          },
        ),
        { numRuns: runs },
      );
    });

    it('settles every call and every push, through joins of several inlets, and when some are aborted', async () => {
      const severalInlets: Features = { ...callable, roots: ['push'], mostItems: 8 };
      const anyInlets = fc.oneof(graphs(severalInlets), graphs({ ...severalInlets, overflows }));
      await fc.assert(
        fc.asyncProperty(anyInlets, fc.nat(20), async (graph, moment) => {
          const probe = createProbe();
          const pipeline = createPipeline(toDefinition(graph, probe));
          const controller = new AbortController();
          let calls = 0;
          probe.onCall = () => {
            if (calls++ === moment) controller.abort();
          };
          const handed = graph.nodes.flatMap((node) => {
            const items = node.kind === 'inlet' ? [...node.items.entries()] : [];
            return items.map(([i, isCall]) => {
              const inlet = pipeline.inlet(node.name);
              if (!isCall) return inlet.push(`${node.name}${i}`);
              return inlet.call(`${node.name}${i}`, i % 3 === 0 ? { signal: controller.signal } : {});
            });
          });
          pipeline.close();
          // A message that was pushed and finds no room under 'error' is the end of the run.
          const done = Promise.allSettled([pipeline.done]);
          const end = Promise.all([Promise.allSettled(handed), done]);
          const [outcomes, [ended]] = await unlessIdle(end, () => probe.steps);
          const { edges } = pipeline.metrics();

          const codes = outcomes.flatMap((outcome) =>
            outcome.status === 'rejected' ? [outcome.reason.code] : [],
          );
          const known = ['STOPPED', 'ABORTED', 'OVERFLOW'];
          expect(codes.filter((code) => !known.includes(code))).toEqual([]);
          if (ended?.status === 'rejected') expect(ended.reason.code).toBe('OVERFLOW');
          expect(edges.filter(({ queued }) => queued > 0)).toEqual([]);
        }),
        { numRuns: runs },
      );
    });

    it('gives every call its own outputs when a push runs beside it, and what was pushed goes to readers alone', async () => {
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), twice: async (n: number) => n * 2 },
        graph: { n: ['twice'], twice: null },
      });
      const read: unknown[] = [];
      const reading = (async () => {
        for await (const value of pipeline.outputs('twice')) read.push(value);
      })();

      const calls = [1, 2, 3].map((n) => {
        void pipeline.push(n * 100);
        return pipeline.call(n);
      });
      const outputs = await Promise.all(calls);
      pipeline.close();
      await Promise.all([pipeline.done, reading]);

      expect(outputs).toEqual([{ twice: [2] }, { twice: [4] }, { twice: [6] }]);
      expect(read).toEqual([200, 400, 600]);
    });

    it('has every sink as a key, also of an input that is null, skipped, or sent on by nobody', async () => {
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number | null>(),
          odd: (n: number | null) => ((n ?? 0) % 2 === 1 ? n : null),
          none: { run: () => [], many: true },
        },
        graph: { n: ['odd', 'none'], odd: null, none: null },
      });

      const outputs = await Promise.all([pipeline.call(null), pipeline.call(2), pipeline.call(3)]);
      await pipeline.stop();

      expect(outputs).toEqual([
        { odd: [], none: [] },
        { odd: [], none: [] },
        { odd: [3], none: [] },
      ]);
    });

    describe('through a join of two inlets', () => {
      const joined = () =>
        createPipeline({
          nodes: {
            a: inlet<number>(),
            b: inlet<number>(),
            kept: (n: number) => (n > 1 ? n : null),
            sum: ({ kept, b }: { kept: number; b: number }) => kept + b,
          },
          graph: { a: ['kept'], b: ['sum'], kept: ['sum'], sum: null },
        });

      it('gives the row to both callers', async () => {
        const pipeline = joined();

        const outputs = await Promise.all([pipeline.inlet('a').call(2), pipeline.inlet('b').call(30)]);
        await pipeline.stop();

        expect(outputs).toEqual([{ sum: [32] }, { sum: [32] }]);
      });

      it('settles a caller whose row was lost to a hole of the other branch', async () => {
        const pipeline = joined();

        const outputs = await Promise.all([pipeline.inlet('a').call(1), pipeline.inlet('b').call(30)]);
        await pipeline.stop();

        expect(outputs).toEqual([{ sum: [] }, { sum: [] }]);
      });

      it('settles a caller whose message was left unpaired when the other inlet closed', async () => {
        const pipeline = joined();

        const called = pipeline.inlet('b').call(30);
        await turns(2);
        pipeline.inlet('a').close();
        const outputs = await called;
        const { edges } = await pipeline.done;

        expect(outputs).toEqual({ sum: [] });
        expect(edges).toContainEqual(expect.objectContaining({ from: 'b', unpaired: 1 }));
      });

      it('fails both callers, and no other, when the function fails on their row', async () => {
        const pipeline = createPipeline({
          nodes: {
            ...{ a: inlet<number>(), b: inlet<number>() },
            sum: ({ a, b }: { a: number; b: number }) => {
              if (a + b === 3) throw new Error('three');
              return a + b;
            },
          },
          graph: { a: ['sum'], b: ['sum'], sum: null },
        });
        const [a, b] = [pipeline.inlet('a'), pipeline.inlet('b')];

        const outcomes = await Promise.allSettled([a.call(1), b.call(2), a.call(10), b.call(20)]);
        await pipeline.stop();

        expect(outcomes.map(({ status }) => status)).toEqual([
          'rejected',
          'rejected',
          'fulfilled',
          'fulfilled',
        ]);
      });
    });

    it('that was aborted rejects at once, and what it left in queues is let go', async () => {
      const { opened, open } = gate();
      const worked: number[] = [];
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          slow: async (n: number) => {
            await opened;
            return n;
          },
          next: (n: number) => worked.push(n),
        },
        graph: { n: ['slow'], slow: ['next'], next: null },
      });
      const controller = new AbortController();

      const calls = [1, 2, 3].map((n) => pipeline.call(n, n === 2 ? { signal: controller.signal } : {}));
      await turns(2);
      controller.abort(new Error('gone'));
      const reason = await rejectionOf(calls[1] as Promise<unknown>);
      open();
      const others = await Promise.all([calls[0], calls[2]]);
      const { edges, left } = await pipeline.stop();

      expect(left).toBe(0);
      expect(reason).toMatchObject({ code: 'ABORTED', cause: { message: 'gone' } });
      expect(others).toEqual([{ next: [1] }, { next: [2] }]);
      expect(worked).toEqual([1, 3]);
      expect(edges).toContainEqual(
        expect.objectContaining({ from: 'n', accepted: 3, taken: 2, discarded: 1 }),
      );
    });
  });
});

/** One inlet that is called: of what a call brings forth the order between branches is not fixed by a merge. */
const called: Features = { ...callable, roots: ['push'], mostRoots: 1, mostItems: 0 };

/** Whatever a queue may do when it is full, failing the call included. */
const overflows = ['drop-oldest', 'drop-newest', 'error'] as const;

function scheduled(scheduler: fc.Scheduler): Wait {
  return (delay, what) => (delay === 0 ? undefined : scheduler.schedule(Promise.resolve(), what));
}

function callsOf({ tallies }: Probe): number {
  return [...tallies.values()].reduce((sum, { calls }) => sum + calls, 0);
}

interface Calls {
  readonly outcomes: readonly PromiseSettledResult<unknown>[];
  /** Inputs that a function was given for a call that had settled before. */
  readonly late: readonly Text[];
  /** What was being worked on for a call when it settled. */
  readonly busy: readonly string[];
  readonly summary: Summary;
}

interface Abort {
  readonly call: number;
  /** How many calls of functions are made first. */
  readonly moment: number;
}

/** Calls a graph with `A0`, `A1` and so on, all at once. */
async function callEach(graph: Graph, count: number, wait: Wait = naturally, abort?: Abort): Promise<Calls> {
  const probe = createProbe(wait);
  const pipeline = createPipeline(toDefinition(graph, probe));
  const inputsOfCall = (i: number): Text[] =>
    [...probe.tallies.values()].flatMap(({ inputs }) => inputs.filter((text) => text.includes(`A${i}`)));
  const busy: string[] = [];
  const before: Text[][] = [];
  const controller = new AbortController();
  let moment = 0;
  probe.onCall = () => {
    if (moment++ === abort?.moment) controller.abort();
  };
  const calls = Array.from({ length: count }, (_, i) => {
    return pipeline.call(`A${i}`, i === abort?.call ? { signal: controller.signal } : {}).then((outputs) => {
      busy.push(...[...probe.working].filter((text) => text.includes(`A${i}`)));
      before[i] = inputsOfCall(i);
      probe.steps++;
      return sorted(outputs as Record<string, Text[]>);
    });
  });
  const settled = Promise.allSettled(calls).then(async (outcomes) => ({
    outcomes,
    summary: await pipeline.stop(),
  }));
  const { outcomes, summary } = await unlessIdle(
    settled,
    () => probe.steps,
    () => pipeline.metrics(),
  );
  const late = before.flatMap((inputs, i) => inputsOfCall(i).slice(inputs.length));
  return { outcomes, late, busy, summary };
}

/** What an interpreter says to one input alone: its outputs, and on which inputs functions fail. */
function interpretOne(graph: Graph, i: number): { outputs: Record<string, Text[]>; failures: Text[] } {
  const failures: Text[] = [];
  const outputs = interpret(
    graph,
    () => [`A${i}`],
    (node, text) => {
      const answer = sendOf(node, graph, text);
      if (answer.fails !== undefined) failures.push(answer.says as Text);
      return answer;
    },
  );
  return { outputs: sorted(outputs), failures };
}

function sorted(outputs: Record<string, Text[]>): Record<string, Text[]> {
  return Object.fromEntries(Object.entries(outputs).map(([name, values]) => [name, values.toSorted()]));
}
