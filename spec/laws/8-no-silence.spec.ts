import fc from 'fast-check';
import { createPipeline, type Definition, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turn, turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { unlessIdle } from '../support/watchdog.ts';
import { everything, type Features, graphs, runs } from './arbitrary.ts';
import { createProbe, inputsOf, tallyOf, toDefinition } from './definition.ts';
import { lastPart, unnest } from './nesting.ts';
import type { AnyPipeline } from './run.ts';

describe('law 8, no silence', () => {
  describe.each([
    'a source that throws',
    'a source whose generator throws',
    'a source that rejects',
    'a source that returns no iterable',
    'a function that throws',
    'a function that rejects',
    'a generator',
    'a setup',
    'a teardown',
  ])('of %s', (where) => {
    describe.each(['an error', 'undefined', 'null', 'a string'])('with %s', (what) => {
      const failing = (): AnyPipeline => createPipeline(failingAt(where, thrown[what]));

      it('rejects done, once somebody has asked for it, and nothing else', async () => {
        let reason: unknown;
        const unhandled = await unhandledDuring(async () => {
          reason = await rejectionOf(failing().done);
        });

        expect({ reason, unhandled }).toEqual({ reason: aFailure(where, what), unhandled: [] });
      });

      it('rejects every iteration that is running, and nothing else', async () => {
        const reasons: unknown[] = [];
        const unhandled = await unhandledDuring(async () => {
          const pipeline = failing();
          const loops = [pipeline, pipeline.outputs('sink'), pipeline.messages()].map(drain);
          reasons.push(...(await Promise.all(loops)));
        });

        // A teardown runs when all has been read: only done can tell of it then.
        const told =
          where === 'a teardown' ? [undefined, undefined, undefined] : Array(3).fill(aFailure(where, what));
        expect(reasons).toEqual(told);
        expect(unhandled).toEqual(where === 'a teardown' ? [aFailure(where, what)] : []);
      });

      it('calls every error listener once, and nothing else', async () => {
        const heard: unknown[] = [];
        const unhandled = await unhandledDuring(() => {
          failing().on('error', ({ error }) => heard.push(error));
        });

        expect({ heard, unhandled }).toEqual({ heard: [aFailure(where, what)], unhandled: [] });
      });

      it('is one unhandled rejection where nobody looks at all', async () => {
        const unhandled = await unhandledDuring(() => void failing());

        expect(unhandled).toEqual([aFailure(where, what)]);
      });
    });
  });

  it.each(['run', 'teardown'])(
    'rejects the stop that waits for it where nobody else looks, for a failing %s',
    async (phase) => {
      let reason: unknown;
      const unhandled = await unhandledDuring(async () => {
        const { opened, open } = gate();
        const fail = async (): Promise<void> => {
          await opened;
          throw new Error('while draining');
        };
        const pipeline = createPipeline({
          nodes: { source: () => [1], sink: phase === 'run' ? fail : { run: () => opened, teardown: fail } },
          graph: { source: ['sink'], sink: null },
        } as Definition);
        await turn();
        const stopped = rejectionOf(pipeline.stop());
        open();
        reason = await stopped;
      });

      expect(reason).toMatchObject({
        code: 'PROCESSOR',
        node: 'sink',
        phase,
        cause: { message: 'while draining' },
      });
      expect(unhandled).toEqual([]);
    },
  );

  it.each(['an error listener', 'a loop'])(
    'is heard once by %s, though done was asked for and let go',
    async (who) => {
      let heard = 0;
      const unhandled = await unhandledDuring(async () => {
        const pipeline = createPipeline(failingAt('a function that throws', new Error('broken')));
        void pipeline.done;
        if (who === 'a loop') {
          await drain(pipeline);
          heard++;
        } else pipeline.on('error', () => heard++);
      });

      expect({ heard, unhandled }).toEqual({ heard: 1, unhandled: [] });
    },
  );

  it('tells of any failure in any graph exactly once, and of none where none was', async () => {
    const unabsorbed: Features = {
      ...{ ...everything, onError: 'fail', roots: ['source', 'fed'] },
      outcomes: [...Array(20).fill('pass' as const), 'throw', 'reject'],
    };
    await fc.assert(
      fc.asyncProperty(graphs(unabsorbed), async (graph) => {
        const probe = createProbe();
        let hasEnded = false;
        const unhandled = await unhandledDuring(async () => {
          const pipeline = createPipeline(toDefinition(graph, probe), { inputs: inputsOf(graph, probe) });
          const end = new Promise<void>((resolve) => void pipeline.on('end', () => resolve()));
          await unlessIdle(end, () => probe.steps);
          hasEnded = true;
        });

        const failures = [...probe.tallies.values()].reduce(
          (sum, tally) => sum + tally.failures + tally.unsent,
          0,
        );
        expect({ hasEnded, told: unhandled.length }).toEqual({ hasEnded: true, told: failures > 0 ? 1 : 0 });
      }),
      { numRuns: runs },
    );
  });

  it('counts and tells of every failure under skip, and none of them ends anything', async () => {
    await fc.assert(
      fc.asyncProperty(graphs({ ...everything, roots: ['source'] }), async (graph) => {
        const probe = createProbe();
        const heard: string[] = [];
        const pipeline = createPipeline(toDefinition(graph, probe));
        pipeline.on('error', ({ error, action }) => heard.push(`${lastPart(error.node)} ${action}`));
        const { nodes } = await unlessIdle(pipeline.done, () => probe.steps);
        const counters = unnest(nodes);

        const failuresOf = (name: string): number =>
          tallyOf(probe, name).failures + tallyOf(probe, name).unsent;
        const expected = graph.nodes.flatMap(({ name }) => Array(failuresOf(name)).fill(`${name} skip`));
        expect(heard.toSorted()).toEqual(expected.toSorted());
        for (const { name } of graph.nodes) expect(counters[name]?.failed).toBe(failuresOf(name));
      }),
      { numRuns: runs },
    );
  });

  it('fails a function that returns what cannot even be looked at', async () => {
    const opaque = new Proxy(
      {},
      {
        has() {
          throw new Error('do not look');
        },
      },
    );
    const pipeline = createPipeline({
      nodes: { source: () => [1], sink: (): object => opaque },
      graph: { source: ['sink'], sink: null },
    });

    const reason = await rejectionOf(unlessIdle(pipeline.done, () => 0));

    expect(reason).toMatchObject({ code: 'PROCESSOR', node: 'sink', cause: { message: 'do not look' } });
  });

  describe('of a failing call', () => {
    const shared = () =>
      createPipeline({
        nodes: {
          n: inlet<number>(),
          odd: async (n: number) => {
            await turn();
            if (n % 2 === 0) throw new Error(`even ${n}`);
            return n;
          },
        },
        graph: { n: ['odd'], odd: null },
      });

    it('tells its caller alone: its neighbours, done, readers and the process hear nothing', async () => {
      let outcomes: PromiseSettledResult<unknown>[] = [];
      let read: unknown = 'not settled';
      const unhandled = await unhandledDuring(async () => {
        const pipeline = shared();
        const reading = drain(pipeline);
        outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map((n) => pipeline.call(n)));
        await pipeline.stop();
        await pipeline.done;
        read = await reading;
      });

      expect(outcomes.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect({ read, unhandled }).toEqual({ read: undefined, unhandled: [] });
    });

    it('is an unhandled rejection if its caller does not look', async () => {
      const unhandled = await unhandledDuring(async () => {
        const pipeline = shared();
        void pipeline.call(2);
        await pipeline.call(1);
        await pipeline.stop();
      });

      expect(unhandled).toEqual([expect.objectContaining({ code: 'PROCESSOR', node: 'odd' })]);
    });

    it('names the node, the input and the cause', async () => {
      const pipeline = shared();

      const reason = await rejectionOf(pipeline.call(2));
      await pipeline.stop();

      expect(reason).toMatchObject({
        ...{ code: 'PROCESSOR', node: 'odd', phase: 'run', attempts: 1, input: { payload: 2, node: 'n' } },
        cause: { message: 'even 2' },
      });
    });
  });

  describe('of a failure of what nobody called', () => {
    it('settles the calls in flight with a StoppedError that has it as its cause', async () => {
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          fails: async (n: number) => {
            await turn();
            if (n === 0) throw new Error('pushed');
            return n;
          },
        },
        graph: { n: ['fails'], fails: null },
      });

      void pipeline.push(0);
      const reason = await rejectionOf(pipeline.call(1));
      const ofDone = await rejectionOf(pipeline.done);

      expect(reason).toMatchObject({ code: 'STOPPED', cause: { code: 'PROCESSOR' } });
      expect(ofDone).toMatchObject({ code: 'PROCESSOR', cause: { message: 'pushed' } });
    });

    it('is not swallowed by a reader that nobody has begun to read from', async () => {
      const unhandled = await unhandledDuring(async () => {
        const pipeline = createPipeline({
          nodes: { n: inlet<number>(), fails: () => Promise.reject(new Error('unread')) },
          graph: { n: ['fails'] },
        });
        pipeline.outputs('fails');
        await pipeline.push(1);
        for (let turns = 0; turns < 5; turns++) await turn();
      });

      expect(unhandled).toEqual([expect.objectContaining({ code: 'PROCESSOR', node: 'fails' })]);
    });

    it('is not swallowed by a source that has several values waiting to be accepted', async () => {
      const unhandled = await unhandledDuring(async () => {
        createPipeline({
          nodes: {
            source: async ({ emit }: { emit(n: number): Promise<void> }) => {
              await Promise.all([1, 2, 3, 4].map((n) => emit(n)));
            },
            fails: {
              queueSize: 1,
              run: async () => {
                await turn();
                throw new Error('nobody looks');
              },
            },
          },
          graph: { source: ['fails'], fails: null },
        } as Definition);
        await turns(10);
      });

      expect(unhandled).toEqual([expect.objectContaining({ code: 'PROCESSOR', node: 'fails' })]);
    });

    it('is not swallowed by calls that wait at the door and were aborted', async () => {
      const { opened, open } = gate();
      const controller = new AbortController();
      const unhandled = await unhandledDuring(async () => {
        const pipeline = createPipeline({
          nodes: {
            n: inlet<number>(),
            fails: { queueSize: 1, run: () => opened.then(() => Promise.reject('no')) },
          },
          graph: { n: ['fails'], fails: null },
        } as Definition);
        await Promise.all([pipeline.push(1), pipeline.push(2)]);
        const gone = [3, 4].map((n) => rejectionOf(pipeline.call(n, { signal: controller.signal })));
        await turns(2);
        controller.abort();
        await Promise.all(gone);
        open();
        await turns(10);
      });

      expect(unhandled).toEqual([expect.objectContaining({ code: 'PROCESSOR', node: 'fails' })]);
    });

    it('is told once where a push is waiting at the door: to whoever pushes', async () => {
      const reasons: unknown[] = [];
      const unhandled = await unhandledDuring(async () => {
        const pipeline = createPipeline({
          nodes: {
            n: inlet<number>(),
            fails: {
              queueSize: 1,
              run: async () => {
                await turn();
                throw new Error('told to the pusher');
              },
            },
          },
          graph: { n: ['fails'], fails: null },
        } as Definition);
        for (let n = 0; n < 3; n++) await pipeline.push(n).catch((error: unknown) => reasons.push(error));
        await turns(10);
      });

      expect(reasons).toEqual([
        expect.objectContaining({ code: 'STOPPED', cause: expect.objectContaining({ code: 'PROCESSOR' }) }),
      ]);
      expect(unhandled).toEqual([]);
    });
  });

  it('is not swallowed by the push whose value a synchronous function failed on at once: that was accepted', async () => {
    let pushed: unknown;
    const unhandled = await unhandledDuring(async () => {
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          fails: (): never => {
            throw new Error('told to the process');
          },
        },
        graph: { n: ['fails'], fails: null },
      } as Definition);
      await turn();
      pushed = await pipeline.push(1).catch((error: unknown) => error);
      await turns(10);
    });

    expect(pushed).toBeUndefined();
    expect(unhandled).toEqual([expect.objectContaining({ code: 'PROCESSOR' })]);
  });

  it('reports what a listener throws as an uncaught error, and the run goes on', async () => {
    let summary: unknown;
    const unhandled = await unhandledDuring(async () => {
      const pipeline = createPipeline({
        nodes: { source: () => [1, 2], sink: (n: number) => n },
        graph: { source: ['sink'], sink: null },
      });
      pipeline.on('message', ({ node }) => {
        if (node === 'sink') throw new Error('a bad listener');
      });
      summary = await pipeline.done;
    });

    expect(unhandled).toEqual([new Error('a bad listener'), new Error('a bad listener')]);
    expect(summary).toMatchObject({ nodes: { sink: { processed: 2 } } });
  });
});

const thrown: Record<string, unknown> = {
  'an error': new Error('broken'),
  undefined,
  null: null,
  'a string': 'broken',
};

/** Three nodes, of which one fails on its second item, or before or after all items. */
function failingAt(where: string, cause: unknown): Definition {
  const fail = (): never => {
    throw cause;
  };
  const failOnSecond = (n: number) => (n === 2 ? fail() : n);
  const sources: Definition['nodes'] = {
    'a source that throws': fail,
    'a source whose generator throws': function* () {
      yield 1;
      fail();
    },
    'a source that rejects': async () => Promise.reject(cause),
    // It cannot choose what is thrown for it.
    'a source that returns no iterable': () => 'no iterable',
  };
  const functions: Definition['nodes'] = {
    'a function that throws': failOnSecond,
    'a function that rejects': async (n: number) => failOnSecond(n),
    'a generator': function* (n: number) {
      yield n;
      if (n === 2) fail();
    },
    'a setup': { run: (n: number) => n, setup: async () => fail() },
    'a teardown': { run: (n: number) => n, teardown: async () => fail() },
  };
  return {
    nodes: {
      source: sources[where] ?? (() => [1, 2, 3]),
      middle: functions[where] ?? ((n: number) => n),
      sink: (n: number) => n,
    },
    graph: { source: ['middle'], middle: ['sink'], sink: null },
  } as Definition;
}

/** What it is told as: the node that failed, and what it threw, whatever that was. */
function aFailure(where: string, what: string): unknown {
  const cause = where.includes('no iterable') ? expect.any(TypeError) : thrown[what];
  const node = where.includes('source') ? 'source' : 'middle';
  return expect.objectContaining({ code: 'PROCESSOR', node, cause });
}

/** Reads to the end; what the loop throws. */
async function drain(values: AsyncIterable<unknown>): Promise<unknown> {
  try {
    for await (const _ of values);
    return undefined;
  } catch (error) {
    return error ?? 'threw nothing';
  }
}
