import { AsyncLocalStorage } from 'node:async_hooks';
import { threadId } from 'node:worker_threads';
import {
  type Clock,
  createPipeline,
  fromModule,
  inlet,
  type NodeOptions,
  Plumber,
  Pool,
  ProcessorError,
  TimeoutError,
  WorkerError,
  type Workers,
} from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { schemaOf } from '../support/schema.ts';
import { createWorkers, inModule } from '../support/workers.ts';

type Name = Parameters<typeof inModule>[0];
const workers = createWorkers();

/** One node in a worker thread, fed from outside. */
function pipelineOf(name: Name, options: NodeOptions = {}, threads: Workers = workers, clock?: Clock) {
  const x = { run: inModule(name), runIn: 'worker', ...options };
  const definition = { nodes: { n: inlet<unknown>(), x }, graph: { n: ['x'] } } as object;
  return createPipeline(definition as never, { workers: threads, ...(clock && { clock }) }) as ReturnType<
    Plumber<{ n: unknown }, { x: unknown }>['createPipeline']
  >;
}

/** What one call of it comes to. */
async function callOf(name: Name, input: unknown, options: NodeOptions = {}): Promise<unknown> {
  await using pipeline = pipelineOf(name, options);
  const { x } = await pipeline.call(input);
  return x[0];
}

/** What the function of one call of it fails with. */
async function failureOf(name: Name, input: unknown, options: NodeOptions = {}): Promise<unknown> {
  const error = await rejectionOf(callOf(name, input, options));
  expect(error).toBeInstanceOf(ProcessorError);
  return (error as ProcessorError).cause;
}

/** Memory that a thread tells in how far it is. */
function progress(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

describe("a node with runIn: 'worker'", () => {
  it('runs its function in another thread', async () => {
    expect(await callOf('double', 21)).toBe(42);
    expect(await callOf('thread', 0)).not.toBe(threadId);
  });

  it('gives it args, the name of the node, and which message it is', async () => {
    const told = (await callOf('told', 0, { args: { level: 9 } })) as { message: object };

    expect(told).toEqual({
      args: { level: 9 },
      node: 'x',
      message: { id: expect.stringMatching(/^[\w-]{36}$/), timestamp: expect.any(Number) },
    });
  });

  it('does not give it what stays here, and says so', async () => {
    expect(await failureOf('readOf', 'env')).toMatchObject({
      name: 'TypeError',
      message: expect.stringContaining('context.env'),
    });
  });

  it('leaves a hole where the function returns nothing, and keeps the order', async () => {
    await using pipeline = pipelineOf('evens', { concurrency: 4 });

    const answers = await Promise.all(Array.from({ length: 9 }, (_, n) => pipeline.call(n)));

    expect(answers.map(({ x }) => x)).toEqual([[0], [], [2], [], [4], [], [6], [], [8]]);
    expect(pipeline.metrics().nodes.x).toMatchObject({ processed: 5, skipped: 4 });
  });

  it('may give many, as an array', async () => {
    await using pipeline = pipelineOf('upTo', { many: true });

    expect(await pipeline.call(4)).toEqual({ x: [0, 1, 2, 3] });
  });

  it('may not give an iterator', async () => {
    expect(await failureOf('generated', 1)).toMatchObject({
      message: expect.stringContaining('return an array'),
    });
  });

  it('may be given a batch, and give each input its answer', async () => {
    await using pipeline = pipelineOf('doubleAll', { batch: { size: 3, within: 1, scatter: true } });

    expect(await Promise.all([1, 2, 3].map((n) => pipeline.call(n)))).toEqual([
      { x: [2] },
      { x: [4] },
      { x: [6] },
    ]);
  });

  it('has what goes in and comes out validated in this thread', async () => {
    const small = schemaOf((value) =>
      Number(value) < 10 ? { value } : { issues: [{ message: 'too much' }] },
    );
    await using pipeline = pipelineOf('double', {
      input: small,
      output: small,
      retry: { attempts: 2, delay: 0 },
    });

    const answers = await Promise.allSettled([2, 7, 20].map((n) => pipeline.call(n)));

    expect(answers).toMatchObject([
      { value: { x: [4] } },
      { reason: { phase: 'output', attempts: 2, cause: { code: 'VALIDATION' } } },
      { reason: { phase: 'input', attempts: 0, cause: { code: 'VALIDATION' } } },
    ]);
  });

  it('keeps to keyBy: calls of one key never overlap', async () => {
    const [one, other] = [progress(), progress()];
    await using pipeline = pipelineOf('countInside', { keyBy: (inside: unknown) => inside as object });

    await Promise.all(Array.from({ length: 20 }, (_, i) => pipeline.call(i % 2 === 0 ? one : other)));

    expect([one[1], other[1]]).toEqual([1, 1]);
  });

  it('takes its turn in a pool, too, and nothing waits for a thread that waits for its turn', async () => {
    const pool = new Pool({ concurrency: 1 });
    const inside = progress();
    const x = { run: inModule('countInside'), runIn: 'worker', pool: 'p' } as const;
    await using pipeline = createPipeline(
      { nodes: { n: inlet<Int32Array>(), x }, graph: { n: ['x'] } },
      { workers, pools: { p: pool } },
    );

    await Promise.all(Array.from({ length: 10 }, () => pipeline.call(inside)));

    expect(inside[1]).toBe(1);
  });

  it('may be part of a subgraph, which keeps its threads', async () => {
    const one = createWorkers({ threads: 1 });
    const inner = new Plumber(
      {
        nodes: { i: inlet<number>(), x: { run: inModule('double'), runIn: 'worker' } },
        graph: { i: ['x'] },
      },
      { workers: one },
    );
    await using pipeline = createPipeline({
      nodes: { n: inlet<number>(), inner, y: (n: number) => n + 1 },
      graph: { n: ['inner'], inner: ['y'] },
    });

    const call = pipeline.call(3);
    await until(() => one.running === 1);

    expect(await call).toEqual({ y: [7] });
  });
});

describe('the threads', () => {
  it('work at the same time', async () => {
    const inside = progress();
    await using pipeline = pipelineOf('meet');

    const calls = [pipeline.call(inside), pipeline.call(inside)];

    expect(await Promise.all(calls)).toEqual([{ x: ['met'] }, { x: ['met'] }]);
  });

  it('have no more in hand than they can work on: what is too much waits in the queue', async () => {
    const inside = progress();
    const threads = createWorkers();
    await using pipeline = pipelineOf('countInside', { queueSize: 4 }, threads);
    const seen = new Set<string>();
    pipeline.on('message', () => {
      const { x } = pipeline.metrics().nodes;
      seen.add(`${(x?.inFlight ?? 0) <= 4} ${threads.running <= 2} ${threads.waiting <= 4}`);
    });

    await Promise.all(Array.from({ length: 1000 }, () => pipeline.push(inside)));
    const { nodes } = await pipeline.stop();

    expect(nodes.x).toMatchObject({ processed: 1000, inFlight: 0 });
    expect([...seen]).toEqual(['true true true']);
    expect(Atomics.load(inside, 1)).toBeLessThanOrEqual(2);
  });

  it('are shared by nodes and pipelines, whose calls wait for their turn', async () => {
    const inside = progress();
    const threads = createWorkers();
    const count = { run: inModule('countInside'), runIn: 'worker', concurrency: 5 } as const;
    const plumber = new Plumber(
      { nodes: { n: inlet<Int32Array>(), x: count, y: count }, graph: { n: ['x', 'y'] } },
      { workers: threads },
    );
    const pipelines = [plumber.createPipeline(), plumber.createPipeline()];

    const calls = pipelines.flatMap((pipeline) => Array.from({ length: 10 }, () => pipeline.call(inside)));
    await until(() => threads.waiting > 0);
    await Promise.all(calls);

    await Promise.all(pipelines.map((pipeline) => pipeline.stop()));

    expect(Atomics.load(inside, 1)).toBeLessThanOrEqual(2);
    expect([threads.running, threads.waiting]).toEqual([0, 0]);
  });
});

describe('an error in a worker thread', () => {
  it('keeps its class where the language has it, its name, words, stack, fields and cause', async () => {
    const teapot = (await failureOf('fail', 'teapot')) as Error & { status: number };

    expect(teapot).toMatchObject({ name: 'Teapot', message: 'short and stout', status: 418 });
    expect(teapot.stack).toMatch(/^Teapot: short and stout\n +at fail .*worker-functions\.\w+:\d+:\d+\)?$/);
    expect(teapot.cause).toBeInstanceOf(TypeError);
    expect(teapot.cause).toMatchObject({ message: 'no coffee', cause: 'beans' });
    expect(await failureOf('fail', 'type')).toBeInstanceOf(TypeError);
  });

  it('may be several, may be none, and may be its own cause', async () => {
    const several = (await failureOf('fail', 'several')) as AggregateError;

    expect(several).toBeInstanceOf(AggregateError);
    expect(several.errors).toEqual([new SyntaxError('one'), 'two']);
    expect(await failureOf('fail', 'just words')).toBe('just words');
    expect(await failureOf('fail', 'function')).toContain('1');
    expect(await failureOf('fail', 'cycle')).toMatchObject({ cause: { cause: { message: 'round' } } });
  });

  it('fails its own caller and nobody else, and may be tried again', async () => {
    const attempts: unknown[] = [];
    const again = (_: unknown, attempt: number): boolean => attempts.push(attempt) > 0;
    await using pipeline = pipelineOf('fail', { retry: { attempts: 3, delay: 0, if: again } });

    expect(await rejectionOf(pipeline.call('type'))).toMatchObject({ attempts: 3, node: 'x', phase: 'run' });
    expect(attempts).toEqual([1, 2]);
  });

  it('tells that there is no such module, or no such function in it', async () => {
    const missing = fromModule(new URL('./missing.js', import.meta.url))('double');
    const noFunction = fromModule(import.meta.resolve('../support/worker-functions.ts'))('notAFunction');
    const causes = await Promise.all(
      [missing, noFunction].map(async (run) => {
        await using pipeline = createPipeline(
          { nodes: { n: inlet<number>(), x: { run, runIn: 'worker' } }, graph: { n: ['x'] } },
          { workers },
        );
        const error = (await rejectionOf(pipeline.call(1))) as ProcessorError;
        return error.cause as Error;
      }),
    );

    expect(causes[0]).toMatchObject({ code: 'ERR_MODULE_NOT_FOUND' });
    expect(causes[1]?.message).toContain('exports no function notAFunction');
  });
});

describe('a worker thread that ends', () => {
  it('fails the call it worked on, with a WorkerError that says how, and no other', async () => {
    await using pipeline = pipelineOf('dieOn', { concurrency: 2 });

    const answers = await Promise.allSettled(Array.from({ length: 10 }, (_, n) => pipeline.call(n)));

    const failed = answers.flatMap((answer, n) =>
      answer.status === 'rejected' ? [[n, answer.reason.cause]] : [],
    );
    expect(failed.map(([n]) => n)).toEqual([3, 8]);
    for (const [n, cause] of failed) {
      expect(cause).toBeInstanceOf(WorkerError);
      expect(cause).toMatchObject({ code: 'WORKER', message: expect.stringContaining(`code: ${n}`) });
    }
  });

  it('does so when it has run out of memory', async () => {
    const small = createWorkers({ threads: 1, resourceLimits: { maxOldGenerationSizeMb: 40 } });
    await using pipeline = pipelineOf('fill', {}, small);

    const { cause } = (await rejectionOf(pipeline.call(1000))) as ProcessorError;

    expect(cause).toBeInstanceOf(WorkerError);
    expect((cause as Error).cause).toMatchObject({ code: 'ERR_WORKER_OUT_OF_MEMORY' });
    expect(await pipeline.call(1)).toEqual({ x: [1] });
  });

  it('or cannot even start fails the calls that wait for it', async () => {
    const broken = createWorkers({
      threads: 1,
      execArgv: ['--import', 'data:text/javascript,throw new Error("no start")'],
    });
    await using pipeline = pipelineOf('double', {}, broken);

    const { cause } = (await rejectionOf(pipeline.call(1))) as ProcessorError;

    expect(cause).toMatchObject({ code: 'WORKER', message: expect.stringContaining('no start') });
  });

  it.for([
    ['ends while it starts', ['--import', 'data:text/javascript,process.exit(3)']],
    ['cannot even be made', ['--no-such-option']],
  ] as const)('or %s fails them, too, and nothing else', async ([, execArgv]) => {
    await using pipeline = pipelineOf('double', {}, createWorkers({ threads: 1, execArgv }));

    const errors = await Promise.all([1, 2, 3].map((n) => rejectionOf(pipeline.call(n))));

    for (const error of errors) expect((error as ProcessorError).cause).toMatchObject({ code: 'WORKER' });
  });
});

describe('what cannot be sent', () => {
  it('to the thread fails its call', async () => {
    expect(await failureOf('double', () => 1)).toMatchObject({
      code: 'WORKER',
      message: expect.stringContaining('structuredClone'),
    });
    expect(await callOf('double', 1)).toBe(2);
  });

  it('back from it fails its call', async () => {
    expect(await failureOf('unsendable', 1)).toMatchObject({
      code: 'WORKER',
      message: expect.stringContaining('structuredClone'),
    });
    expect(await callOf('double', 1)).toBe(2);
  });
});

describe('an abort', () => {
  it('begins none of the calls that wait for a thread', async () => {
    const pipeline = pipelineOf('spin', { concurrency: 4 }, createWorkers({ threads: 1 }));
    const begun = progress();
    const calls = [begun, progress(), progress(), progress()].map((each) => rejectionOf(pipeline.call(each)));
    await until(() => Atomics.load(begun, 0) === 1);

    pipeline.abort();
    await Promise.all(calls);
    await rejectionOf(pipeline.done);

    expect(pipeline.metrics().nodes.x).toMatchObject({ received: 4, failed: 1, discarded: 3 });
  });

  it.for(['pipeline', 'call'] as const)('of the %s ends a function that never pauses', async (of) => {
    const threads = createWorkers();
    const pipeline = pipelineOf('spin', { concurrency: 2 }, threads);
    const controller = new AbortController();
    const begun = progress();
    const call = rejectionOf(pipeline.call(begun, { signal: controller.signal }));
    await until(() => Atomics.load(begun, 0) === 1);

    if (of === 'pipeline') pipeline.abort();
    else controller.abort();

    expect(await call).toMatchObject({ code: 'ABORTED' });
    // It is not waited for until the grace is over.
    const summary = await (of === 'pipeline' ? rejectionOf(pipeline.done) : pipeline.stop());
    expect(summary).toMatchObject({ stragglers: [] });
    await until(() => threads.running === 0);
  });

  it.for(['spinUntilAborted', 'waitUntilAborted'] as const)(
    'is seen by a function that listens, which may then clean up: %s',
    async (name) => {
      const pipeline = pipelineOf(name);
      const ended = progress();
      const controller = new AbortController();
      const call = rejectionOf(pipeline.call(ended, { signal: controller.signal }));
      await until(() => Atomics.load(ended, 0) === 1);

      controller.abort();
      await call;
      await pipeline.stop();

      expect(Atomics.load(ended, 0)).toBe(2);
    },
  );

  it('ends a function that listens and goes on, before the grace is over', async () => {
    const pipeline = pipelineOf('spinOn');
    const begun = progress();
    const call = rejectionOf(pipeline.call(begun));
    await until(() => Atomics.load(begun, 0) === 1);

    pipeline.abort();

    expect(await call).toMatchObject({ code: 'ABORTED' });
    expect(await rejectionOf(pipeline.done)).toMatchObject({ stragglers: [] });
  });

  it('before the thread has begun lets the call go', async () => {
    const threads = createWorkers({ threads: 1 });
    const pipeline = pipelineOf('spin', { concurrency: 2 }, threads);
    const calls = [progress(), progress()].map((begun) => rejectionOf(pipeline.call(begun)));
    await until(() => threads.waiting === 1);

    pipeline.abort();

    for (const call of calls) expect(await call).toMatchObject({ code: 'ABORTED' });
    await rejectionOf(pipeline.done);
    expect([threads.running, threads.waiting]).toEqual([0, 0]);
  });

  it('is what a timeout ends in: the call fails, and its thread works on something else', async () => {
    const clock = virtualClock();
    const threads = createWorkers({ threads: 1 });
    await using pipeline = pipelineOf('spin', { timeout: 1000 }, threads, clock);
    await using other = pipelineOf('double', {}, threads);
    const begun = progress();
    const call = rejectionOf(pipeline.call(begun));
    await until(() => Atomics.load(begun, 0) === 1);

    await clock.advance(1000);

    expect(await call).toMatchObject({ cause: expect.any(TimeoutError) });
    expect(await other.call(21)).toEqual({ x: [42] });
  });
});

describe('transfer', () => {
  it('moves whole buffers instead of copying them, there', async () => {
    const bytes = new Uint8Array([1, 2, 3]);
    const part = new Uint8Array([0, 1, 2, 3]).subarray(1);

    expect(await callOf('invert', bytes, { transfer: 'input' })).toEqual(new Uint8Array([254, 253, 252]));
    expect(await callOf('invert', part, { transfer: 'input' })).toEqual(new Uint8Array([254, 253, 252]));
    expect([bytes.length, part.length]).toEqual([0, 3]);
  });

  it.for([
    ['both', 0],
    ['output', 0],
    [undefined, 3],
  ] as const)('moves whole buffers back, or copies them: %s', async ([transfer, kept]) => {
    const threads = createWorkers({ threads: 1 });
    await using pipeline = pipelineOf('keep', transfer === undefined ? {} : { transfer }, threads);

    await pipeline.call(new Uint8Array([1, 2, 3]));
    const { x } = await pipeline.call(new Uint8Array([4, 5]));

    expect(x).toEqual([[new Uint8Array([4, 5]), kept]]);
  });

  it('leaves the input as it was if nothing is said', async () => {
    const bytes = new Uint8Array([1, 2, 3]);

    await callOf('invert', bytes);

    expect(bytes).toEqual(new Uint8Array([1, 2, 3]));
  });
});

describe('the async context', () => {
  it('is still that of the caller behind the node, and after the call', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    await using pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          x: { run: inModule('double'), runIn: 'worker', concurrency: 2 },
          y: (n: number) => void seen.push([n, storage.getStore()]),
        },
        graph: { n: ['x'], x: ['y'] },
      },
      { workers },
    );

    const after = await Promise.all(
      ['ann', 'bob', 'cy'].map((who, n) =>
        storage.run(who, async () => {
          await pipeline.call(n);
          return storage.getStore();
        }),
      ),
    );

    expect(seen).toEqual([
      [0, 'ann'],
      [2, 'bob'],
      [4, 'cy'],
    ]);
    expect(after).toEqual(['ann', 'bob', 'cy']);
  });
});
