/** A source, three functions and a counting sink: four hops an item. Each peer as its own documentation has it. */
import { Readable, Transform, Writable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { queue as asyncQueue } from 'async';
import { Effect, Stream } from 'effect';
import fastq from 'fastq';
import { from as ixFrom } from 'ix/asynciterable';
import { map as ixMap } from 'ix/asynciterable/operators';
import PQueue from 'p-queue';
import { concatMap, from, lastValueFrom, map, tap } from 'rxjs';
import { createPipeline } from 'sluice';
import { transform } from 'streaming-iterables';
import type { Case, Work } from '../measure.ts';
import { HOPS, sluiceChain } from './sluice-chain.ts';
import { caseOf, inc, incNow, numbers, type Step, sink } from './steps.ts';

/** What peers without backpressure of their own are fed at a time, as much as one of our queues holds. */
const WINDOW = 16;

async function awaitChain(items: number): Promise<void> {
  for (const number of numbers(items)) sink(await inc(await inc(await inc(number))));
}

async function nodeTransform(items: number, stage: () => Transform): Promise<void> {
  const source = numbers(items);
  const readable = new Readable({
    objectMode: true,
    read() {
      this.push(source.next().value ?? null);
    },
  });
  const writable = new Writable({
    objectMode: true,
    write(number: number, _encoding, done) {
      sink(number);
      done();
    },
  });
  await pipe(readable, stage(), stage(), stage(), writable);
}
const promising = (): Transform =>
  new Transform({
    objectMode: true,
    transform(number: number, _encoding, done) {
      inc(number).then((result) => done(null, result), done);
    },
  });
const synchronous = (): Transform =>
  new Transform({
    objectMode: true,
    transform(number: number, _encoding, done) {
      done(null, incNow(number));
    },
  });

async function readableMap(items: number, step: Step): Promise<void> {
  await Readable.from(numbers(items)).map(step).map(step).map(step).forEach(sink);
}

async function webStreams(items: number, step: Step): Promise<void> {
  const source = numbers(items);
  const stage = (): TransformStream<number, number> =>
    new TransformStream({
      async transform(number, controller) {
        controller.enqueue(await step(number));
      },
    });
  const readable = new ReadableStream<number>({
    pull(controller) {
      const { done, value } = source.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
  });
  await readable
    .pipeThrough(stage())
    .pipeThrough(stage())
    .pipeThrough(stage())
    .pipeTo(new WritableStream({ write: sink }));
}

async function rxjs(items: number): Promise<void> {
  const piped = from(numbers(items)).pipe(concatMap(inc), concatMap(inc), concatMap(inc), tap(sink));
  await lastValueFrom(piped);
}

async function rxjsNow(items: number): Promise<void> {
  await lastValueFrom(from(numbers(items)).pipe(map(incNow), map(incNow), map(incNow), tap(sink)));
}

async function effect(items: number): Promise<void> {
  const step = (number: number): Effect.Effect<number> => Effect.promise(() => inc(number));
  const stream = Stream.fromIterable(numbers(items)).pipe(
    Stream.mapEffect(step),
    Stream.mapEffect(step),
    Stream.mapEffect(step),
    Stream.runForEach((number) => Effect.sync(() => sink(number))),
  );
  await Effect.runPromise(stream);
}

async function streamingIterables(items: number): Promise<void> {
  const step = transform(1, inc);
  for await (const number of step(step(step(numbers(items))))) sink(number);
}

async function ix(items: number): Promise<void> {
  await ixFrom(numbers(items)).pipe(ixMap(inc), ixMap(inc), ixMap(inc)).forEach(sink);
}

async function fastqPromises(items: number): Promise<void> {
  const three = fastq.promise(async (number: number) => sink(await inc(number)), 1);
  const two = fastq.promise(async (number: number) => three.push(await inc(number)), 1);
  const one = fastq.promise(async (number: number) => two.push(await inc(number)), 1);
  for (const number of numbers(items)) {
    one.push(number);
    if (one.length() >= WINDOW) await one.drained();
  }
  await one.drained();
}

async function fastqCallbacks(items: number): Promise<void> {
  const three = fastq((number: number, done) => {
    sink(incNow(number));
    done(null);
  }, 1);
  const two = fastq((number: number, done) => three.push(incNow(number), done), 1);
  const one = fastq((number: number, done) => two.push(incNow(number), done), 1);
  for (const number of numbers(items)) one.push(number);
}

async function asyncQueues(items: number): Promise<void> {
  const three = asyncQueue(async (number: number) => sink(await inc(number)), 1);
  const two = asyncQueue(async (number: number) => void (await three.pushAsync(await inc(number))), 1);
  const one = asyncQueue(async (number: number) => void (await two.pushAsync(await inc(number))), 1);
  for (const number of numbers(items)) {
    void one.push(number);
    if (one.length() >= WINDOW) await one.drain();
  }
  if (!one.idle()) await one.drain();
}

async function pQueues(items: number): Promise<void> {
  const [one, two, three] = Array.from({ length: 3 }, () => new PQueue({ concurrency: 1 })) as [
    PQueue,
    PQueue,
    PQueue,
  ];
  for (const number of numbers(items)) {
    await one.onSizeLessThan(WINDOW);
    void one
      .add(() => inc(number))
      .then((next) => two.add(() => inc(next)))
      .then((next) => three.add(() => inc(next)))
      .then(sink);
  }
  await one.onIdle();
  await two.onIdle();
  await three.onIdle();
}

const of = (name: string, items: number, run: (items: number) => Promise<unknown>): Case =>
  caseOf(name, items, HOPS, run);

export const chain: Work = {
  title: 'chain of async functions',
  unit: 'ns',
  cases: [
    of('await chain', 100_000, awaitChain),
    of('Sluice', 100_000, (items) => sluiceChain(createPipeline, items, inc).done),
    of('Node Transform', 100_000, (items) => nodeTransform(items, promising)),
    of('Node Readable.map', 10_000, (items) => readableMap(items, inc)),
    of('web TransformStream', 10_000, (items) => webStreams(items, inc)),
    of('RxJS concatMap', 10_000, rxjs),
    of('Effect Stream', 10_000, effect),
    of('streaming-iterables', 50_000, streamingIterables),
    of('IxJS', 50_000, ix),
    of('fastq', 50_000, fastqPromises),
    of('async.queue', 10_000, asyncQueues),
    of('p-queue', 10_000, pQueues),
  ],
  targets: [
    { case: 'Sluice', against: 'await chain', atMost: 2.3 },
    { case: 'Sluice', against: 'Node Transform', atMost: 0.8 },
    ...['Node Readable.map', 'web TransformStream', 'RxJS concatMap', 'Effect Stream', 'p-queue'].map(
      (against) => ({
        case: 'Sluice',
        against,
        atMost: 0.25,
      }),
    ),
  ],
};

export const synchronousChain: Work = {
  title: 'chain of synchronous functions',
  unit: 'ns',
  cases: [
    of('fastq callbacks', 100_000, fastqCallbacks),
    of('Sluice', 100_000, (items) => sluiceChain(createPipeline, items, incNow).done),
    of('Node Transform', 100_000, (items) => nodeTransform(items, synchronous)),
    of('Node Readable.map', 10_000, (items) => readableMap(items, incNow)),
    of('web TransformStream', 10_000, (items) => webStreams(items, incNow)),
    of('RxJS map, unbounded', 100_000, rxjsNow),
  ],
  targets: [
    { case: 'Sluice', against: 'Node Transform', atMost: 1 / 1.3 },
    { case: 'Sluice', against: 'fastq callbacks', atMost: 1.3 },
  ],
};
