import fc from 'fast-check';
import { type Definition, inlet, type NodeOptions, type ProcessorError, type Retry } from 'sluice';
import { type VirtualClock, virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { delayAfter } from '../../lib/processor/retrying.ts';
import { collect, start } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const retry: Retry = { attempts: 4, delay: 100, jitter: 0 };

/** An inlet `n` before a node `f` of this function. */
function retried(
  run: (...args: never[]) => unknown,
  options: NodeOptions = {},
  random: () => number = () => 0,
) {
  const clock = virtualClock();
  const definition: Definition = {
    nodes: { n: inlet(), f: { run, retry, ...options } },
    graph: { n: ['f'] },
  };
  return { clock, pipeline: start(definition, { clock, random }) };
}

/** Lets time pass as far as something waits for it; what happened when, as `what at ms`. */
async function pass(clock: VirtualClock, ms: number, step = 10): Promise<void> {
  await turns(2);
  for (let passed = 0; passed < ms; passed += step) {
    await clock.advance(step);
    await turns(2);
  }
}

/** Fails so many times, with what was thrown told by its number. */
function failing(times: number, clock: () => VirtualClock) {
  const calls: number[] = [];
  const run = (input: unknown): unknown => {
    calls.push(clock().now());
    if (calls.length <= times) throw new Error(`failure ${calls.length}`);
    return input;
  };
  return { calls, run };
}

describe('a call that failed is tried again', () => {
  it('after delays that grow, and what it returns then is sent', async () => {
    const { calls, run } = failing(3, () => clock);
    const { clock, pipeline } = retried(run);
    const called = pipeline.call('a');

    await pass(clock, 700);

    expect(await called).toEqual({ f: ['a'] });
    expect(calls).toEqual([0, 100, 300, 700]);
    expect((await pipeline.stop()).nodes.f).toMatchObject({ received: 1, processed: 1, failed: 0 });
    expect(clock.pending).toBe(0);
  });

  it('as often as attempts says, then it has failed with the last error', async () => {
    const { calls, run } = failing(9, () => clock);
    const { clock, pipeline } = retried(async (input: unknown) => run(input));
    const called = rejectionOf(pipeline.call('a'));

    await pass(clock, 700);

    expect(await called).toMatchObject({ code: 'PROCESSOR', attempts: 4, cause: { message: 'failure 4' } });
    expect(calls).toHaveLength(4);
    await pipeline.stop();
  });

  it('of a plain failure there is one attempt', async () => {
    const { run } = failing(1, () => clock);
    const { clock, pipeline } = retried(run, { retry: { attempts: 1 } });

    expect(await rejectionOf(pipeline.call('a'))).toMatchObject({ attempts: 1 });
    await pipeline.stop();
  });

  it('only if the predicate says so, which is given error, attempt and message', async () => {
    const asked: unknown[] = [];
    const { calls, run } = failing(9, () => clock);
    const { clock, pipeline } = retried(run, {
      retry: {
        ...retry,
        if: (error, attempt, { payload }) => {
          asked.push([(error as Error).message, attempt, payload]);
          return attempt < 2;
        },
      },
    });
    const called = rejectionOf(pipeline.call('a'));

    await pass(clock, 700);

    expect(await called).toMatchObject({ attempts: 2, cause: { message: 'failure 2' } });
    expect(asked).toEqual([
      ['failure 1', 1, 'a'],
      ['failure 2', 2, 'a'],
    ]);
    expect(calls).toHaveLength(2);
    await pipeline.stop();
  });

  it.for([
    [
      'throws',
      (): unknown => {
        throw new Error('confused');
      },
      'confused',
    ],
    ['returns no boolean', (): unknown => Promise.resolve(false), 'boolean'],
  ] as const)('not if the predicate %s, which is told', async ([, isWorthIt, word]) => {
    const { calls, run } = failing(9, () => clock);
    const { clock, pipeline } = retried(run, { retry: { ...retry, if: isWorthIt as never } });

    const error = await rejectionOf(pipeline.call('a'));

    expect(error).toMatchObject({ attempts: 1, cause: { message: expect.stringContaining(word) } });
    expect(error).toMatchObject({ cause: { message: expect.stringContaining('failure 1') } });
    expect(error).toMatchObject({ cause: { cause: { message: expect.stringContaining(word) } } });
    expect(calls).toHaveLength(1);
    await pipeline.stop();
  });

  it('in its own slot: its neighbours go on, and outputs keep their order', async () => {
    const clock = virtualClock();
    const seen: number[] = [];
    let failures = 0;
    const pipeline = start(
      {
        nodes: {
          source: () => [1, 2, 3, 4],
          f: {
            run: (n: number) => {
              seen.push(n);
              if (n === 1 && failures++ < 1) throw new Error('once');
              return n;
            },
            ...{ retry, concurrency: 2 },
          },
        },
        graph: { source: ['f'] },
      },
      { clock },
    );
    const read = collect(pipeline.outputs('f'));

    await turns(3);
    const seenWhileWaiting = [...seen];
    await pass(clock, 100);

    expect(await read).toEqual([1, 2, 3, 4]);
    expect(seenWhileWaiting).toEqual([1, 2]);
    expect(seen).toEqual([1, 2, 1, 3, 4]);
  });

  it('with the same input and message', async () => {
    const seen = new Set<unknown>();
    const { clock, pipeline } = retried((input: unknown, { message }: { message: unknown }) => {
      seen.add(input).add(message);
      if (clock.now() < 300) throw new Error('early');
      return 'late';
    });
    const called = pipeline.call({ a: 1 });

    await pass(clock, 300);

    expect(await called).toEqual({ f: ['late'] });
    expect(seen.size).toBe(2);
    await pipeline.stop();
  });

  it('while a stop drains the pipeline', async () => {
    const { run } = failing(1, () => clock);
    const { clock, pipeline } = retried(run);
    const called = pipeline.call('a');

    await turns(2);
    const stopped = pipeline.stop();
    await pass(clock, 100);

    expect(await called).toEqual({ f: ['a'] });
    expect(await stopped).toMatchObject({ left: 0 });
  });
});

describe('a delay', () => {
  const policy = { attempts: 99, if: undefined };

  it('lies between its share without chance and the whole, and never above the longest', () => {
    const plans = fc.record({
      delay: fc.integer({ min: 0, max: 10_000 }),
      factor: fc.double({ min: 1, max: 10, noNaN: true }),
      maxDelay: fc.integer({ min: 0, max: 100_000 }),
      jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(plans, chance, fc.integer({ min: 1, max: 500 }), (plan, random, attempts) => {
        const whole = plan.delay && Math.min(plan.delay * plan.factor ** (attempts - 1), plan.maxDelay);

        const ms = delayAfter(attempts, { ...policy, ...plan }, () => random);

        expect(ms).toBeGreaterThanOrEqual(whole * (1 - plan.jitter) - 1e-9);
        expect(ms).toBeLessThanOrEqual(whole);
        expect(ms).toBeLessThanOrEqual(plan.maxDelay);
      }),
    );
  });

  it('is none where none is asked for, however often it was tried', () => {
    const plan = { ...policy, delay: 0, factor: 10, maxDelay: Number.POSITIVE_INFINITY, jitter: 0 };

    expect([1, 2, 1000].map((attempts) => delayAfter(attempts, plan, () => 0))).toEqual([0, 0, 0]);
  });

  it('takes its chance from the random of the Plumber', async () => {
    const { calls, run } = failing(2, () => clock);
    const { clock, pipeline } = retried(run, { retry: { ...retry, jitter: 0.5 } }, () => 0.8);
    const called = pipeline.call('a');

    await pass(clock, 200);
    await called;

    expect(calls).toEqual([0, 60, 180]);
    await pipeline.stop();
  });

  it('is cut short by an abort of its call, and its neighbours go on', async () => {
    const controller = new AbortController();
    const { calls, run } = failing(1, () => clock);
    const { clock, pipeline } = retried(run);
    const aborted = rejectionOf(pipeline.call('a', { signal: controller.signal }));
    const next = pipeline.call('b');

    await turns(2);
    controller.abort();

    expect(await aborted).toMatchObject({ code: 'ABORTED' });
    expect(await next).toEqual({ f: ['b'] });
    expect(clock.pending).toBe(0);
    expect(calls).toHaveLength(2);
    await pipeline.stop();
  });

  it('is cut short by an abort of the pipeline, which leaves no timer', async () => {
    const { calls, run } = failing(9, () => clock);
    const { clock, pipeline } = retried(run);
    void pipeline.push('a');

    await turns(2);
    pipeline.abort();

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });
    expect(clock.pending).toBe(0);
    expect(calls).toHaveLength(1);
  });

  it.for(['call', 'pipeline'] as const)('is not slept out when the predicate aborts its %s', async (what) => {
    const controller = new AbortController();
    const isWorthIt = (): boolean => {
      if (what === 'call') controller.abort();
      else pipeline.abort();
      return true;
    };
    const { clock, pipeline } = retried(
      () => {
        throw new Error('no');
      },
      { retry: { ...retry, if: isWorthIt } },
    );

    const called = rejectionOf(pipeline.call(1, { signal: controller.signal }));

    expect(await called).toMatchObject({ code: 'ABORTED' });
    await turns(5);
    expect(clock.pending).toBe(0);
    if (what === 'call') await pipeline.stop();
    else expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });
  });

  it('is not begun when the call fails because it is aborted', async () => {
    const controller = new AbortController();
    let calls = 0;
    const { clock, pipeline } = retried(
      (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((_resolve, reject) => {
          calls++;
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const aborted = rejectionOf(pipeline.call('a', { signal: controller.signal }));

    await turns(2);
    controller.abort();
    await aborted;
    await turns(2);

    expect({ calls, timers: clock.pending }).toEqual({ calls: 1, timers: 0 });
    await pipeline.stop();
  });
});

describe('a function that gives many is tried again', () => {
  const kinds: Record<string, (body: () => Generator<unknown>) => (input: unknown) => unknown> = {
    'a generator': (body) =>
      function* () {
        yield* body();
      },
    'an async generator': (body) =>
      async function* () {
        yield* body();
      },
    'a promise of an iterable': (body) => async () => body(),
  };

  it.for(Object.entries(kinds))('when it fails before its first item: %s', async ([, kind]) => {
    let calls = 0;
    const { clock, pipeline } = retried(
      kind(function* () {
        if (calls++ < 2) throw new Error('early');
        yield 1;
        yield 2;
      }),
      { many: true },
    );
    const called = pipeline.call('a');

    await pass(clock, 300);

    expect(await called).toEqual({ f: [1, 2] });
    expect(calls).toBe(3);
    await pipeline.stop();
  });

  it.for(['call', 'pipeline'] as const)('but is asked for no item once its %s is aborted', async (what) => {
    const { opened, open } = gate();
    const controller = new AbortController();
    const log: string[] = [];
    const iterator = {
      next: () => ({ done: false, value: log.push('next') }),
      return: () => void log.push('return'),
    };
    const run = async (): Promise<unknown> => {
      await opened;
      return { [Symbol.iterator]: () => iterator };
    };
    const { clock, pipeline } = retried(run, { many: true });
    const pushed = what === 'pipeline' ? pipeline.push(1) : undefined;
    const gone = what === 'call' ? rejectionOf(pipeline.call(1, { signal: controller.signal })) : undefined;
    await turns(2);

    if (what === 'call') controller.abort();
    else pipeline.abort();
    await Promise.all([pushed, gone]);
    open();
    await turns(5);

    expect(log).toEqual(['return']);
    if (what === 'call') await pipeline.stop();
    else expect(await rejectionOf(pipeline.done)).toMatchObject({ stragglers: [] });
    expect(clock.pending).toBe(0);
  });

  it('when its first item is a promise that rejects, and the iterable is asked to return', async () => {
    let calls = 0;
    let returned = 0;
    const { clock, pipeline } = retried(function* () {
      try {
        yield calls++ < 1 ? Promise.reject(new Error('early')) : Promise.resolve(1);
      } finally {
        returned++;
      }
    });
    const called = pipeline.call('a');

    await pass(clock, 100);

    expect(await called).toEqual({ f: [1] });
    expect({ calls, returned }).toEqual({ calls: 2, returned: 2 });
    await pipeline.stop();
  });

  it.for(Object.entries(kinds))('and not after it: %s', async ([, kind]) => {
    let calls = 0;
    const { clock, pipeline } = retried(
      kind(function* () {
        if (calls++ < 1) throw new Error('early');
        yield 1;
        throw new Error('late');
      }),
      { many: true, onError: 'skip' },
    );
    const errors: unknown[] = [];
    pipeline.on('error', ({ error }) =>
      errors.push([(error as ProcessorError).attempts, (error.cause as Error).message]),
    );
    const called = pipeline.call('a');

    await pass(clock, 700);

    expect(await called).toEqual({ f: [1] });
    expect(errors).toEqual([[2, 'late']]);
    expect(calls).toBe(2);
    await pipeline.stop();
  });

  it('not when it has no item, or returns what is no iterable', async () => {
    const { clock, pipeline } = retried((input: unknown) => (input === 'none' ? [] : 7), { many: true });

    expect(await pipeline.call('none')).toEqual({ f: [] });
    expect(await rejectionOf(pipeline.call('a number'))).toMatchObject({ cause: { name: 'TypeError' } });
    expect(clock.pending).toBe(0);
    await pipeline.stop();
  });
});

it('a failure between two attempts is no unhandled rejection', async () => {
  const { opened, open } = gate();
  const { run } = failing(1, () => clock);
  const { clock, pipeline } = retried(async (input: unknown) => {
    await opened;
    return run(input);
  });

  const unhandled = await unhandledDuring(async () => {
    const called = pipeline.call('a');
    await turns(2);
    open();
    await pass(clock, 100);
    await called;
    await pipeline.stop();
  });

  expect(unhandled).toEqual([]);
});
