import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { createPipeline, type GraphError, inlet, Plumber } from 'sluice';
import { type Metrics, measure } from 'sluice/metrics';
import { atRest, graphs, simulate, virtualClock, withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { runs } from '../laws/arbitrary.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';

const chain = () =>
  new Plumber({
    nodes: {
      n: inlet<number>(),
      half: async (n: number) => {
        if (n < 0) throw new RangeError('below zero');
        return n % 2 === 0 ? n / 2 : null;
      },
      text: (n: number) => `${n}`,
    },
    graph: { n: ['half'], half: ['text'] },
  });

describe('measure', () => {
  it('changes nothing: outputs are those of the interpreter, and counters those of the pipeline', async () => {
    await fc.assert(
      fc.asyncProperty(
        graphs({ merges: false, completion: false }),
        fc.constantFrom('sampled' as const, 'exact' as const),
        async ({ definition, inputs }, calls) => {
          const plumber = new Plumber(definition);
          using metrics = measure(plumber, { calls });
          const pipeline = plumber.createPipeline({ inputs });
          const outputs: Record<string, unknown[]> = {};
          const sinks = plumber.describe().nodes.filter((node) => node.outputs.length === 0);
          const readers = sinks.map(async ({ name }) => {
            const values: unknown[] = [];
            outputs[name] = values;
            for await (const value of pipeline.outputs(name)) values.push(value);
          });
          const [summary] = await Promise.all([pipeline.done, ...readers]);
          const { nodes, edges, pipelines } = metrics.snapshot();

          expect(outputs).toEqual(await simulate(plumber, inputs));
          expect(pipelines).toEqual({ running: 0, ended: 1, failed: 0 });
          for (const [name, { elapsed: _, ...counters }] of Object.entries(summary.nodes))
            expect(nodes[name]).toMatchObject(counters);
          expect(edges).toMatchObject(summary.edges);
        },
      ),
      { numRuns: runs },
    );
  });

  it('adds up what all pipelines of a Plumber have done, those that run and those that are over', async () => {
    const plumber = chain();
    using metrics = measure(plumber);
    for (const n of [1, 2, 4]) {
      await using pipeline = plumber.createPipeline();
      await pipeline.call(n);
    }
    await using running = plumber.createPipeline();
    const failure = await rejectionOf(running.call(-1));
    await using another = plumber.createPipeline();
    await another.call(6);
    another.abort('enough');
    await rejectionOf(another.done);
    const { pipelines, calls, nodes, edges } = metrics.snapshot();

    expect(failure).toBeInstanceOf(Error);
    expect(pipelines).toEqual({ running: 1, ended: 4, failed: 1 });
    expect(calls).toMatchObject({ running: 0, answered: 4, failed: 1 });
    expect(nodes.half).toMatchObject({ received: 5, processed: 3, skipped: 1, failed: 1, inFlight: 0 });
    expect(edges).toMatchObject([
      { from: 'n', to: 'half', accepted: 5, taken: 5, queued: 0, queueSize: 16 },
      { from: 'half', to: 'text', accepted: 3, taken: 3, queued: 0 },
    ]);
  });

  it('knows nothing of what was done before it, of a Plumber or of a pipeline', async () => {
    const plumber = chain();
    await using before = plumber.createPipeline();
    await before.call(2);
    using ofAll = measure(plumber);
    using ofOne = measure(before);
    await before.call(4);

    expect(ofAll.snapshot().pipelines.running).toBe(0);
    expect(ofAll.snapshot().nodes.half?.received).toBe(0);
    expect(ofOne.snapshot().nodes.half).toMatchObject({ received: 1, processed: 1, sent: 1 });
    expect(ofOne.snapshot().edges).toMatchObject([
      { accepted: 1, taken: 1 },
      { accepted: 1, taken: 1 },
    ]);
    expect(ofOne.snapshot().calls.answered).toBe(1);
    expect(ofOne.snapshot().nodes.half?.callTime.count).toBe(1);
  });

  it('counts what was under way when it began as come in since, and every call once', async () => {
    const { opened, open } = gate();
    await using pipeline = createPipeline({
      nodes: { n: inlet<number>(), slow: { run: (n: number) => opened.then(() => n), queueSize: 2 } },
      graph: { n: ['slow'] },
    });
    const before = [1, 2, 3].map((n) => pipeline.call(n));
    await atRest();
    using metrics = measure(pipeline);
    const after = pipeline.call(4);
    await atRest();
    const { calls, nodes, edges } = metrics.snapshot();
    open();
    await Promise.all([...before, after]);
    const then = metrics.snapshot();

    expect(calls.running).toBe(4);
    expect(nodes.slow).toMatchObject({ received: 1, processed: 0, inFlight: 1 });
    expect(edges).toMatchObject([{ accepted: 2, taken: 0, queued: 2 }]);
    expect(then.calls).toMatchObject({ running: 0, answered: 4, failed: 0 });
    expect(then.nodes.slow).toMatchObject({ received: 4, processed: 4, inFlight: 0 });
    expect(then.edges).toMatchObject([{ accepted: 3, taken: 3, queued: 0 }]);
  });

  it('times the calls that were answered, not those that were refused', async () => {
    const pipeline = createPipeline({
      nodes: {
        n: { ...inlet<number>(), overflow: 'error', queueSize: 1 },
        slow: (n: number) => sleep(20, n),
      },
      graph: { n: ['slow'] },
    });
    using metrics = measure(pipeline, { calls: 'exact' });
    await Promise.allSettled(Array.from({ length: 50 }, (_, n) => pipeline.call(n)));
    const { calls } = metrics.snapshot();
    await pipeline.stop();

    expect(calls.failed).toBeGreaterThan(0);
    expect(calls.time.count).toBe(calls.answered);
    expect(calls.time.p50Ms).toBeGreaterThan(18);
    expect(calls.timeMs).toBeGreaterThan(18);
  });

  it('times calls, items, queues and blocked nodes', async () => {
    const pipeline = createPipeline({
      nodes: {
        source: async function* () {
          for (let i = 0; i < 6; i++) {
            await sleep(2);
            yield i;
          }
        },
        slow: { run: (i: number) => sleep(20, i), queueSize: 2 },
        sink: () => {},
      },
      graph: { source: ['slow'], slow: ['sink'] },
    });
    using metrics = measure(pipeline);
    await pipeline.done;
    const { nodes, edges } = metrics.snapshot();
    const { source, slow } = nodes;

    // Timers may come a ms early.
    expect(slow?.callTime).toMatchObject({ count: 6 });
    expect(slow?.callTime.p50Ms).toBeGreaterThan(18);
    expect(slow?.busyMs).toBeGreaterThan(6 * 18);
    expect(source?.callTime.count).toBe(7);
    expect(source?.busyMs).toBeGreaterThan(6);
    // Two are queued while the third waits for room.
    expect(source?.blockedMs).toBeGreaterThan(20);
    expect(edges[0]?.highWater).toBe(2);
    expect(edges[0]?.waitTime.maxMs).toBeGreaterThan(18);
  });

  it('tells for how long a node is blocked while it is', async () => {
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        stuck: { run: (_: number, { signal }) => sleep(60_000, 0, { signal }), queueSize: 1 },
      },
      graph: { n: ['stuck'] },
    });
    using metrics = measure(pipeline);
    const pushes = [1, 2, 3].map((n) => pipeline.push(n).catch(() => {}));
    await sleep(30);
    await pipeline.call(0, { signal: AbortSignal.abort() }).catch(() => {});

    expect(metrics.snapshot().nodes.n?.blockedMs).toBeGreaterThan(20);
    pipeline.abort();
    await Promise.all(pushes);
  });

  it('counts attempts after the first, and how long calls took with them', async () => {
    const clock = virtualClock();
    let attempts = 0;
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          flaky: {
            run: (n: number) => {
              if (attempts++ < 2) throw new Error('not yet');
              return n;
            },
            retry: { attempts: 5, delay: 1000 },
          },
        },
        graph: { n: ['flaky'] },
      },
      { clock },
    );
    using metrics = measure(pipeline);
    const called = pipeline.call(1);
    await clock.advance(60_000);
    await called;

    expect(metrics.snapshot().nodes.flaky).toMatchObject({ received: 1, processed: 1, retried: 2 });
    expect(pipeline.metrics().nodes.flaky?.retried).toBe(2);
    await pipeline.stop();
  });

  it('tells rates over the time since an earlier snapshot', async () => {
    const plumber = chain();
    using metrics = measure(plumber);
    await using pipeline = plumber.createPipeline();
    const began = performance.now();
    for (let n = 0; n < 100; n += 2) await pipeline.call(n);
    await sleep(20);
    const { ratesOverMs, nodes, edges } = metrics.snapshot();

    expect(ratesOverMs).toBeGreaterThanOrEqual(19);
    expect(ratesOverMs).toBeLessThanOrEqual(performance.now() - began + 1000);
    expect(nodes.half?.receivedPerSecond).toBeCloseTo(50_000 / ratesOverMs);
    expect(edges[1]?.takenPerSecond).toBeCloseTo(50_000 / ratesOverMs);
  });

  it('is plain JSON', async () => {
    const plumber = chain();
    using metrics = measure(plumber);
    await using pipeline = plumber.createPipeline();
    await pipeline.call(2);
    const snapshot = metrics.snapshot();

    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  it('measures nothing more once it is stopped, and keeps what it had', async () => {
    const plumber = chain();
    const metrics = measure(plumber);
    await using pipeline = plumber.createPipeline();
    await pipeline.call(2);
    metrics.stop();
    metrics.stop();
    await pipeline.call(2);
    await using later = plumber.createPipeline();
    await later.call(2);
    const last = metrics.snapshot();
    await sleep(5);
    const { pipelines, nodes, calls } = last;

    expect(metrics.snapshot()).toEqual(last);
    expect(pipelines.running).toBe(1);
    expect(calls.answered).toBe(1);
    expect(nodes.half).toMatchObject({ received: 1, callTime: { count: 1 } });
  });

  it('measures from several sides at once', async () => {
    const plumber = chain();
    using sampled = measure(plumber);
    using exact = measure(plumber, { calls: 'exact' });
    await using pipeline = plumber.createPipeline();
    using ofOne = measure(pipeline);
    await pipeline.call(2);

    for (const metrics of [sampled, exact, ofOne])
      expect(metrics.snapshot().nodes.half).toMatchObject({ received: 1, callTime: { count: 1 } });
  });

  it('can be begun and stopped any number of times on one pipeline', async () => {
    await using pipeline = createPipeline({
      nodes: { n: inlet<number>(), t: async (n: number) => n },
      graph: { n: ['t'] },
    });
    const source = createPipeline({
      nodes: {
        numbers: async function* () {
          for (let n = 0; n < 3; n++) yield await sleep(1, n);
        },
        sink: () => {},
      },
      graph: { numbers: ['sink'] },
    });
    await atRest();
    for (let round = 0; round < 20_000; round++) {
      measure(pipeline).stop();
      measure(source).stop();
    }

    expect(await pipeline.call(1)).toEqual({ t: [1] });
    expect((await source.done).nodes.sink?.processed).toBe(3);
  });

  it('counts once what it is asked to measure as it ends', async () => {
    const pipeline = createPipeline({
      nodes: { numbers: () => [1, 2], sink: () => {} },
      graph: { numbers: ['sink'] },
    });
    let metrics: Metrics | undefined;
    pipeline.on('end', () => {
      metrics = measure(pipeline);
    });
    await pipeline.done;

    expect(metrics?.snapshot().pipelines).toEqual({ running: 0, ended: 1, failed: 0 });
  });

  it('finds the few calls that take long among many that do not, and multiplies none', async () => {
    const pipeline = createPipeline({
      nodes: {
        numbers: function* () {
          for (let n = 0; n < 20_000; n++) yield n;
        },
        cached: async (n: number) => (n % 2000 === 1999 ? sleep(15, n) : n),
        sink: () => {},
      },
      graph: { numbers: ['cached'], cached: ['sink'] },
    });
    using metrics = measure(pipeline);
    const { elapsed } = await pipeline.done;
    const { cached, numbers } = metrics.snapshot().nodes;

    expect(cached?.callTime.maxMs).toBeGreaterThan(12);
    expect(cached?.busyMs).toBeGreaterThan(10 * 12);
    expect(cached?.busyMs).toBeLessThan(elapsed * 1.2 + 20);
    expect(numbers?.blockedMs).toBeGreaterThan(10 * 10);
    expect(numbers?.blockedMs).toBeLessThan(elapsed * 1.2 + 20);
  });

  it('never tells less of how long a node was blocked than before', async () => {
    const pipeline = createPipeline({
      nodes: {
        numbers: function* () {
          for (let n = 0; n < 3000; n++) yield n;
        },
        slow: { run: async (n: number) => (n % 100 === 0 ? sleep(n % 7, n) : n), queueSize: 1 },
      },
      graph: { numbers: ['slow'] },
    });
    using metrics = measure(pipeline);
    const told: number[] = [];
    const timer = setInterval(() => told.push(metrics.snapshot().nodes.numbers?.blockedMs ?? 0), 1);
    await pipeline.done;
    clearInterval(timer);

    expect(told.length).toBeGreaterThan(5);
    expect(told).toEqual(told.toSorted((a, b) => a - b));
  });

  it('waits once for what a function returns, whatever class of promise that is', async () => {
    let waits = 0;
    class Lazy<T> extends Promise<T> {
      // biome-ignore lint/suspicious/noThenProperty: how often it is asked is what this is about
      override then<A = T, B = never>(
        ...handlers: [((value: T) => A | PromiseLike<A>)?, ((error: unknown) => B | PromiseLike<B>)?]
      ): Promise<A | B> {
        waits++;
        return super.then(...handlers);
      }
    }
    const lazy = (_: number): Promise<number> => new Lazy((resolve) => resolve(1));
    const waitsOf = async (isMeasured: boolean): Promise<number> => {
      waits = 0;
      const pipeline = createPipeline({ nodes: { n: inlet<number>(), lazy }, graph: { n: ['lazy'] } });
      if (isMeasured) measure(pipeline, { calls: 'exact' });
      await pipeline.call(1);
      await pipeline.stop();
      return waits;
    };

    expect(await waitsOf(true)).toBe(await waitsOf(false));
  });

  it('leaves nothing behind', async () => {
    await withoutLeaks(async () => {
      const plumber = chain();
      using metrics = measure(plumber);
      await using pipeline = plumber.createPipeline();
      await pipeline.call(2);
      metrics.snapshot();
    });
  });

  it('refuses what it cannot measure, and options it does not know', () => {
    const of = (target: unknown, options?: unknown) => {
      try {
        measure(target as Plumber, options as object);
      } catch (error) {
        return (error as GraphError).problems.map(({ path, message }) => `${path}: ${message}`);
      }
      throw new Error('it was taken');
    };

    expect(of({ nodes: {} })).toEqual(['target: is an object, must be a Plumber or a Pipeline']);
    expect(of(chain(), { calls: 'all' })).toEqual([
      "options.calls: is \"all\", must be 'sampled' or 'exact'",
    ]);
    expect(of(chain(), 'exact')).toEqual(['options: is "exact", must be an object like { calls }']);
    expect(of(chain(), null)).toEqual(['options: is null, must be an object like { calls }']);
    expect(of(chain(), { call: 'exact' })).toEqual([
      'options.call: there is no such option. Did you mean `calls`?',
    ]);
  });
});
