import { createPipeline, type Definition, inlet, Plumber } from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { hops, turn, turns } from '../support/turns.ts';

describe('a pipeline that many callers share', () => {
  it('fails the calls whose function fails, and gives a thousand neighbours what is theirs, in whatever order they end', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          quick: (n: number) => {
            if (n % 7 === 0) throw new Error(`seven in ${n}`);
            return n;
          },
          slow: {
            run: async (n: number) => {
              await (n % 3 === 0 ? turn() : hops(n % 5));
              if (n % 11 === 0) throw new Error(`eleven in ${n}`);
              return n * 2;
            },
            concurrency: 8,
          },
          join: ({ quick, slow }: { quick: number; slow: number }) => [quick, slow],
        },
        graph: { n: ['quick', 'slow'], quick: ['join'], slow: ['join'], join: null },
      });

      const numbers = Array.from({ length: 1000 }, (_, i) => i);
      const outcomes = await Promise.allSettled(numbers.map((n) => pipeline.call(n)));
      const summary = await pipeline.stop();

      for (const n of numbers) {
        if (n % 7 === 0 || n % 11 === 0)
          expect(outcomes[n]).toMatchObject({ status: 'rejected', reason: { code: 'PROCESSOR' } });
        else expect(outcomes[n]).toEqual({ status: 'fulfilled', value: { join: [[n, n * 2]] } });
      }
      expect(await pipeline.done).toEqual(summary);
    });
  });

  it('aborts the signal of a function when its caller has gone, and of nobody else', async () => {
    await withoutLeaks(async ({ signal }) => {
      const signals: AbortSignal[] = [];
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          wait: {
            run: async (_: number, context: { signal: AbortSignal }) => {
              signals.push(context.signal);
              await turns(5);
              return 'done';
            },
            concurrency: 3,
          },
        },
        graph: { n: ['wait'], wait: null },
      });
      const controller = new AbortController();

      const calls = [1, 2, 3].map((n) =>
        pipeline.call(n, n === 2 ? { signal: signal(controller.signal) } : {}),
      );
      await turns(2);
      controller.abort('gone');
      const outcomes = await Promise.allSettled(calls);
      await pipeline.stop();

      expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(signals.map(({ aborted }) => aborted)).toEqual([false, true, false]);
    });
  });

  it('refuses a call whose signal was aborted before it was made, and calls no function for it', async () => {
    await withoutLeaks(async ({ signal }) => {
      let calls = 0;
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), count: () => ++calls },
        graph: { n: ['count'], count: null },
      });

      const reason = await rejectionOf(pipeline.call(1, { signal: signal(AbortSignal.abort('gone')) }));
      await pipeline.stop();

      expect(reason).toMatchObject({ code: 'ABORTED', cause: 'gone' });
      expect(calls).toBe(0);
    });
  });
});

describe('pipelines of one Plumber', () => {
  it('share no state, counters or failures, and each finds its own env and state', async () => {
    await withoutLeaks(async () => {
      const plumber = new Plumber({
        nodes: {
          n: { inlet: true },
          greet: {
            setup: ({ env }: { env: string }) => ({ greeting: `hello ${env}`, count: 0 }),
            run: (n: number, { state }: { state: { greeting: string; count: number } }) => {
              if (n < 0) throw new Error('negative');
              state.count += n;
              return `${state.greeting} ${state.count}`;
            },
          },
        },
        graph: { n: ['greet'], greet: null },
      } as Definition);
      const [ann, bob, cy] = ['Ann', 'Bob', 'Cy'].map((env) => plumber.createPipeline({ env }));

      void cy?.push(-1);
      const failed = rejectionOf(cy?.done ?? Promise.resolve());
      const outputs = await Promise.all([ann?.call(1), bob?.call(10), ann?.call(2)]);
      const summaries = await Promise.all([ann?.stop(), bob?.stop()]);

      expect(outputs).toEqual([
        { greet: ['hello Ann 1'] },
        { greet: ['hello Bob 10'] },
        { greet: ['hello Ann 3'] },
      ]);
      expect(summaries.map((summary) => summary?.nodes.greet?.processed)).toEqual([2, 1]);
      expect(await failed).toMatchObject({ code: 'PROCESSOR', cause: { message: 'negative' } });
    });
  });
});
