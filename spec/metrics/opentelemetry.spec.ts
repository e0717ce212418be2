import { context, type SpanContext, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { createPipeline, inlet, Plumber } from 'sluice';
import { measure } from 'sluice/metrics';
import { toMeter, toTracer } from 'sluice/metrics/opentelemetry';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { problemsOf } from './problems-of.ts';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterAll(() => context.disable());

function spans() {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const all = (): ReadableSpan[] => exporter.getFinishedSpans();
  const one = (name: string): ReadableSpan => {
    const found = all().filter((span) => span.name === name);
    expect(found.length, `spans ${name}`).toBe(1);
    return found[0] as ReadableSpan;
  };
  return { tracer: provider.getTracer('spec'), all, one };
}

const isIn = (span: ReadableSpan, parent: ReadableSpan): boolean =>
  span.parentSpanContext?.spanId === parent.spanContext().spanId &&
  span.spanContext().traceId === parent.spanContext().traceId;

const links = (span: ReadableSpan): string[] => span.links.map(({ context: { spanId } }) => spanId);

const idOf = (span: { spanContext(): SpanContext }): string => span.spanContext().spanId;

describe('toTracer', () => {
  it('makes a span of each call and each function, as children of what sent them, with links at joins', async () => {
    const { tracer, one, all } = spans();
    const plumber = new Plumber({
      nodes: {
        id: inlet<number>(),
        user: async (id: number) => {
          tracer.startSpan('query').end();
          return { id };
        },
        orders: (id: number) => [id],
        page: ({ user, orders }: { user: { id: number }; orders: number[] }) => [user, orders],
      },
      graph: { id: ['user', 'orders'], user: ['page'], orders: ['page'] },
    });
    toTracer(plumber, { tracer });
    await using pipeline = plumber.createPipeline();
    await tracer.startActiveSpan('request', async (span) => {
      await pipeline.call(7);
      span.end();
    });

    expect(all().length).toBe(6);
    expect(isIn(one('call id'), one('request'))).toBe(true);
    expect(isIn(one('user'), one('call id'))).toBe(true);
    expect(isIn(one('orders'), one('call id'))).toBe(true);
    expect(isIn(one('query'), one('user'))).toBe(true);
    expect(isIn(one('page'), one('user'))).toBe(true);
    expect(links(one('page'))).toEqual([idOf(one('orders'))]);
    expect(one('user').attributes).toMatchObject({
      'sluice.node': 'user',
      'sluice.message.id': expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(one('page').status.code).toBe(SpanStatusCode.UNSET);
  });

  it('keeps the calls of a shared pipeline apart, and links a batch to all of them', async () => {
    const { tracer, all, one } = spans();
    const pipeline = createPipeline({
      nodes: {
        id: inlet<number>(),
        key: { run: (id: number) => `k${id}`, concurrency: 3 },
        rows: { run: async (keys: string[]) => keys, batch: { size: 3, within: 1000, scatter: true } },
        text: (row: string) => row,
      },
      graph: { id: ['key'], key: ['rows'], rows: ['text'] },
    });
    toTracer(pipeline, { tracer });
    await Promise.all(
      [1, 2, 3].map((id) =>
        tracer.startActiveSpan(`request ${id}`, async (span) => {
          await pipeline.call(id);
          span.end();
        }),
      ),
    );
    await pipeline.stop();
    const keys = all().filter(({ name }) => name === 'key');
    const traces = keys.map((span) => span.spanContext().traceId);

    expect(new Set(traces).size).toBe(3);
    expect(isIn(one('rows'), keys[0] as ReadableSpan)).toBe(true);
    expect(links(one('rows'))).toEqual(keys.slice(1).map(idOf));
    // Each goes on in the trace of its own caller.
    const texts = all().filter(({ name }) => name === 'text');
    for (const text of texts) {
      const isFirst = text.spanContext().traceId === one('rows').spanContext().traceId;
      const call = all().find((span) => span.name === 'call id' && isIn(text, span));
      expect(isFirst ? isIn(text, one('rows')) : call !== undefined).toBe(true);
      expect(links(text)).toEqual(isFirst ? [] : [idOf(one('rows'))]);
    }
    expect(new Set(texts.map((span) => span.spanContext().traceId))).toEqual(new Set(traces));
  });

  it('goes on through a subgraph and to a dead letter', async () => {
    const { tracer, one } = spans();
    const inner = new Plumber({ nodes: { in: inlet<number>(), b: (n: number) => n }, graph: { in: ['b'] } });
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        a: (n: number) => n,
        sub: inner,
        bad: {
          run: (_: number): number => {
            throw new Error('no');
          },
          onError: 'dead-letter',
        },
        bury: () => 'buried',
      },
      graph: { n: ['a'], a: ['sub'], sub: ['bad'] },
      deadLetter: 'bury',
    });
    toTracer(pipeline, { tracer });
    await pipeline.call(1);
    await pipeline.stop();

    expect(isIn(one('sub.b'), one('a'))).toBe(true);
    expect(isIn(one('bad'), one('sub.b'))).toBe(true);
    expect(isIn(one('bury'), one('bad'))).toBe(true);
  });

  it.each(['onStart', 'onEnd'] as const)(
    'is no failure of a node when %s of a span processor throws',
    async (hook) => {
      const broken = {
        onStart: () => {},
        onEnd: () => {},
        forceFlush: async () => {},
        shutdown: async () => {},
        [hook]: () => {
          throw new Error('the exporter is broken');
        },
      };
      const tracer = new BasicTracerProvider({ spanProcessors: [broken] }).getTracer('spec');
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), t: async (n: number) => n },
        graph: { n: ['t'] },
      });
      toTracer(pipeline, { tracer });
      const uncaught = await unhandledDuring(async () => {
        expect(await pipeline.call(1)).toEqual({ t: [1] });
        await pipeline.stop();
      });

      expect(uncaught.map((error) => (error as Error).message)).toEqual(
        Array(2).fill('the exporter is broken'),
      );
    },
  );

  it.each([true, false])('tells of what was thrown, be it without any words (async: %s)', async (isAsync) => {
    const { tracer, one } = spans();
    const thrown: unknown = Object.create(null);
    const fail = (): number => {
      throw thrown;
    };
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), bad: isAsync ? async () => fail() : fail },
      graph: { n: ['bad'] },
    });
    toTracer(pipeline, { tracer });
    const error = (await rejectionOf(pipeline.call(1))) as Error;
    await pipeline.stop();

    expect(error.cause).toBe(thrown);
    expect(one('bad').status.code).toBe(SpanStatusCode.ERROR);
  });

  it('ends, with the spans of calls under way, in a pipeline that runs on', async () => {
    const { tracer, all, one } = spans();
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), t: (n: number) => opened.then(() => n) },
      graph: { n: ['t'] },
    });
    const off = toTracer(pipeline, { tracer });
    const first = pipeline.call(1);
    await new Promise(setImmediate);
    off();
    open();
    await Promise.all([first, pipeline.call(2)]);
    await pipeline.stop();

    expect(one('call n').status.code).toBe(SpanStatusCode.UNSET);
    expect(all().map(({ name }) => name)).toEqual(['call n', 't']);
  });

  it('notes failures, of a function and of the call, and has a span for each attempt that is one call', async () => {
    const { tracer, one } = spans();
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        bad: {
          run: () => {
            throw new RangeError('no such row');
          },
          retry: { attempts: 2 },
        },
      },
      graph: { n: ['bad'] },
    });
    toTracer(pipeline, { tracer });
    await rejectionOf(pipeline.call(1));
    await pipeline.stop();

    expect(one('bad').status).toEqual({ code: SpanStatusCode.ERROR, message: 'no such row' });
    expect(one('bad').events[0]?.attributes).toMatchObject({ 'exception.type': 'RangeError' });
    expect(one('call n').status.code).toBe(SpanStatusCode.ERROR);
  });

  it('has the span of a generator last until it has no more, and what it calls inside it', async () => {
    const { tracer, one, all } = spans();
    const ends: number[] = [];
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        count: async function* (n: number) {
          for (let i = 0; i < n; i++) {
            tracer.startSpan(`item ${i}`).end();
            yield i;
          }
          ends.push(all().filter(({ name }) => name === 'count').length);
        },
        sink: (i: number) => i,
      },
      graph: { n: ['count'], count: ['sink'] },
    });
    toTracer(pipeline, { tracer });
    await pipeline.call(2);
    await pipeline.stop();

    expect(ends).toEqual([0]);
    expect(isIn(one('item 1'), one('count'))).toBe(true);
    expect(all().filter((span) => span.name === 'sink' && isIn(span, one('count'))).length).toBe(2);
  });

  it('puts what a source sends, or is pushed, into the span of whoever did it', async () => {
    const { tracer, one } = spans();
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), sink: (n: number) => n },
      graph: { n: ['sink'] },
    });
    toTracer(pipeline, { tracer });
    await tracer.startActiveSpan('push', async (span) => {
      await pipeline.push(1);
      span.end();
    });
    await pipeline.stop();

    expect(isIn(one('sink'), one('push'))).toBe(true);
  });

  it('refuses what makes no spans, before anything runs', () => {
    const plumber = new Plumber({ nodes: { n: inlet<number>(), t: (n: number) => n }, graph: { n: ['t'] } });
    const of = (options: object) => problemsOf(() => toTracer(plumber, options as never))[0];

    expect(of({ tracer: new BasicTracerProvider() })).toMatch(/^options\.tracer: .*must be a Tracer/);
    expect(of({ trace: 1 })).toMatch(/Did you mean `tracer`/);
    expect(problemsOf(() => toTracer({} as never))[0]).toMatch(/^target: /);
    expect(problemsOf(() => toMeter({ g: plumber as never }))[0]).toMatch(/^graphs\.g: /);
    expect(problemsOf(() => toMeter({ g: measure(plumber) }, { meter: {} as never }))[0]).toMatch(/a Meter/);
  });

  it('tells nothing of pipelines that are made after it was ended', async () => {
    const { tracer, all } = spans();
    const plumber = new Plumber({ nodes: { n: inlet<number>(), t: (n: number) => n }, graph: { n: ['t'] } });
    toTracer(plumber, { tracer })();
    await using pipeline = plumber.createPipeline();
    await pipeline.call(1);

    expect(all()).toEqual([]);
    expect(trace.getActiveSpan()).toBeUndefined();
  });
});

describe('toMeter', () => {
  it('tells what is measured at each collection, until it is ended', async () => {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
    const provider = new MeterProvider({ readers: [reader] });
    const plumber = new Plumber({
      nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
      graph: { n: ['double'] },
    });
    const orders = measure(plumber);
    const asked = vi.spyOn(orders, 'snapshot');
    const off = toMeter({ orders }, { meter: provider.getMeter('spec') });
    await using pipeline = plumber.createPipeline();
    await pipeline.call(1);
    await pipeline.call(2);
    await reader.forceFlush();
    const metrics = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [];
    const points = (name: string) => metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints;

    expect(points('sluice.node.received')).toMatchObject([
      { attributes: { 'sluice.graph': 'orders', 'sluice.node': 'n' }, value: 2 },
      { attributes: { 'sluice.graph': 'orders', 'sluice.node': 'double' }, value: 2 },
    ]);
    expect(points('sluice.edge.taken')).toMatchObject([
      { attributes: { 'sluice.edge.from': 'n', 'sluice.edge.to': 'double' }, value: 2 },
    ]);
    expect(points('sluice.calls.duration')?.length).toBe(3);
    expect(asked).toHaveBeenCalledTimes(1);
    off();
    await reader.forceFlush();
    expect(asked).toHaveBeenCalledTimes(1);
    await provider.shutdown();
  });
});
