import { createPipeline, type Definition, inlet, Plumber } from 'sluice';
import { virtualClock, withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turn, turns } from '../support/turns.ts';

const counting = (seen: number[]): Definition => ({
  nodes: {
    *source() {
      for (let n = 0; ; n++) yield n;
    },
    sink: async (n: number) => {
      await turn();
      seen.push(n);
      return n;
    },
  },
  graph: { source: ['sink'], sink: null },
});

describe('an outer signal', () => {
  it('that is aborted before the start keeps every function from being called, and rejects done with its reason', async () => {
    await withoutLeaks(async ({ signal }) => {
      const called: string[] = [];
      const life = { setup: () => called.push('setup'), teardown: () => called.push('teardown') };
      const pipeline = createPipeline(
        {
          nodes: {
            source: { run: () => [called.push('source')], ...life },
            sink: { run: () => called.push('sink'), ...life },
          },
          graph: { source: ['sink'], sink: null },
        },
        { signal: signal(AbortSignal.abort(new Error('too late'))) },
      );

      const reason = await rejectionOf(pipeline.done);

      expect(reason).toMatchObject({ code: 'ABORTED', cause: { message: 'too late' } });
      expect(called).toEqual([]);
    });
  });

  it('that is aborted before the start rejects what was handed in in the same tick', async () => {
    await withoutLeaks(async ({ signal }) => {
      const pipeline = createPipeline(
        { nodes: { n: inlet<number>(), sink: (n: number) => n }, graph: { n: ['sink'], sink: null } },
        { signal: signal(AbortSignal.abort('too late')) },
      );

      const waiting = [pipeline.call(1), pipeline.push(2), pipeline.outputs('sink').next()].map(rejectionOf);
      const reasons = await Promise.all(waiting);
      await rejectionOf(pipeline.done);

      const aborted = expect.objectContaining({ code: 'ABORTED', cause: 'too late' });
      expect(reasons).toEqual([aborted, aborted, aborted]);
    });
  });

  it('that is aborted in the middle ends the pipeline, and nothing is called any more', async () => {
    await withoutLeaks(async ({ signal }) => {
      const seen: number[] = [];
      const controller = new AbortController();
      const pipeline = createPipeline(counting(seen), { signal: signal(controller.signal) });

      await turns(20);
      controller.abort('enough');
      const reason = await rejectionOf(pipeline.done);
      const soFar = seen.length;
      await turns(10);

      expect(reason).toMatchObject({ code: 'ABORTED', cause: 'enough' });
      expect(soFar).toBeGreaterThan(0);
      expect(seen).toHaveLength(soFar);
    });
  });

  it('is listened to once for each pipeline, and no longer than it runs', async () => {
    await withoutLeaks(async ({ signal }) => {
      const controller = new AbortController();
      const shared = signal(controller.signal);
      const create = () =>
        createPipeline(
          { nodes: { a: () => [1], b: (n: number) => n }, graph: { a: ['b'], b: null } },
          { signal: shared },
        );

      await Promise.all(Array.from({ length: 8 }, () => create().done));

      // The wrapper finds no listener left on the signal.
      expect(shared.aborted).toBe(false);
    });
  });
});

describe('stop()', () => {
  it('works off what was taken, and takes nothing more', async () => {
    await withoutLeaks(async () => {
      const seen: number[] = [];
      const pipeline = createPipeline(counting(seen));

      await turns(20);
      const summary = await pipeline.stop();

      expect(summary.left).toBe(0);
      expect(seen).toEqual([...Array(summary.nodes.source?.sent).keys()]);
      expect(await pipeline.done).toEqual(summary);
    });
  });

  it('works off pushes and calls that were made before it, and refuses those after it', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), twice: async (n: number) => n * 2 },
        graph: { n: ['twice'], twice: null },
      });

      const before = [1, 2, 3].map((n) => pipeline.call(n));
      const stopped = pipeline.stop();
      const after = await Promise.all([pipeline.call(4), pipeline.push(5)].map(rejectionOf));

      expect(await Promise.all(before)).toEqual([{ twice: [2] }, { twice: [4] }, { twice: [6] }]);
      expect((await stopped).left).toBe(0);
      expect(after).toEqual([0, 1].map(() => expect.objectContaining({ code: 'STOPPED' })));
    });
  });

  it('is the same end for everybody who asks for it', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline(counting([]));
      await turns(5);

      const [one, other, done] = await Promise.all([pipeline.stop(), pipeline.stop(), pipeline.done]);

      expect(one).toEqual(other);
      expect(one).toEqual(done);
    });
  });

  it('aborts, after its deadline, a function that never settles, and says what was left', async () => {
    await withoutLeaks(async () => {
      const clock = virtualClock();
      const pipeline = new Plumber(
        {
          nodes: { n: inlet<number>(), deaf: () => new Promise<never>(() => {}) },
          graph: { n: ['deaf'], deaf: null },
        },
        { clock },
      ).createPipeline({ grace: 500 });
      await Promise.all([1, 2, 3].map((n) => pipeline.push(n)));

      const stopped = pipeline.stop({ within: 2000 });
      await clock.advance(2000);
      await turns(3);
      await clock.advance(500);
      const summary = await stopped;

      expect(summary).toMatchObject({ left: 3, stragglers: ['deaf'] });
      expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: ['deaf'] });
      expect(clock.pending).toBe(0);
    });
  });

  it('takes its deadline back when it is drained in time', async () => {
    await withoutLeaks(async () => {
      const clock = virtualClock();
      const pipeline = new Plumber(counting([]), { clock }).createPipeline();
      await turns(5);

      const { left } = await pipeline.stop({ within: 2000 });

      expect({ left, timers: clock.pending }).toEqual({ left: 0, timers: 0 });
    });
  });

  it('before the start ends a pipeline whose sources were never called', async () => {
    await withoutLeaks(async () => {
      const seen: number[] = [];
      const pipeline = createPipeline(counting(seen));

      const { nodes } = await pipeline.stop();

      expect({ sent: nodes.source?.sent, seen }).toEqual({ sent: 0, seen: [] });
    });
  });
});

describe('await using', () => {
  it('stops at the end of the block, after everything was worked off', async () => {
    await withoutLeaks(async () => {
      const seen: number[] = [];
      let pipeline: ReturnType<Plumber['createPipeline']>;

      {
        await using scoped = createPipeline(counting(seen));
        pipeline = scoped;
        await turns(10);
      }

      const { left, nodes } = await pipeline.done;
      expect(left).toBe(0);
      expect(seen).toHaveLength(nodes.source?.sent ?? -1);
    });
  });

  it('stops when the block throws, which is what its caller hears of', async () => {
    await withoutLeaks(async () => {
      let isDone = false;

      const reason = await rejectionOf(
        (async () => {
          await using pipeline = createPipeline(counting([]));
          pipeline.on('end', () => {
            isDone = true;
          });
          throw new Error('from the block');
        })(),
      );

      expect(reason).toMatchObject({ message: 'from the block' });
      expect(isDone).toBe(true);
    });
  });
});

describe('abort()', () => {
  it('cannot be kept waiting by a function, a generator, a setup or a teardown that never settles', async () => {
    await withoutLeaks(async () => {
      const never = (): Promise<never> => new Promise<never>(() => {});
      const run = (n: number): number => n;
      const deaf: Record<string, object> = {
        function: { run: never },
        generator: {
          async *run() {
            yield await never();
          },
        },
        teardown: { run, teardown: never },
        setup: { run, setup: never },
      };
      for (const [what, node] of Object.entries(deaf)) {
        const clock = virtualClock();
        const pipeline = new Plumber(
          {
            nodes: { source: () => [1], [what]: node },
            graph: { source: [what], [what]: null },
          } as Definition,
          { clock },
        ).createPipeline();
        await turns(5);

        pipeline.abort();
        await turns(5);
        await clock.advance(1000);

        const reason = await rejectionOf(pipeline.done);
        expect(reason).toMatchObject({ code: 'ABORTED', stragglers: [what] });
        expect(clock.pending).toBe(0);
      }
    });
  });

  it('lets what returns in time finish, and is not told twice', async () => {
    await withoutLeaks(async () => {
      const { opened, open } = gate();
      const log: string[] = [];
      const pipeline = createPipeline({
        nodes: {
          source: () => [1],
          slow: { run: () => opened.then(() => log.push('returned')), teardown: () => log.push('torn down') },
        },
        graph: { source: ['slow'], slow: null },
      });

      await turns(3);
      pipeline.abort('first');
      pipeline.abort('second');
      open();

      expect(await rejectionOf(pipeline.done)).toMatchObject({ cause: 'first' });
      expect(log).toEqual(['returned', 'torn down']);
    });
  });
});
