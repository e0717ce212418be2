/** One function, 64 calls at once: those marked ordered give their results in the order of their inputs. */
import { Readable } from 'node:stream';
import { queue as asyncQueue } from 'async';
import { Effect, Stream } from 'effect';
import fastq from 'fastq';
import PQueue from 'p-queue';
import { from, lastValueFrom, mergeMap, tap } from 'rxjs';
import { createPipeline } from 'sluice';
import { parallelMap, transform } from 'streaming-iterables';
import type { Work } from '../measure.ts';
import { caseOf, inc, numbers, sink } from './steps.ts';

const concurrency = 64;

type Step = (number: number) => Promise<number>;
async function sluice(items: number, run: Step, order: 'input' | 'completion'): Promise<void> {
  await createPipeline({
    nodes: { numbers: () => numbers(items), step: { run, concurrency, order }, sink },
    graph: { numbers: ['step'], step: ['sink'], sink: null },
  }).done;
}

async function effect(items: number, run: Step, unordered: boolean): Promise<void> {
  const stream = Stream.fromIterable(numbers(items)).pipe(
    Stream.mapEffect((number) => Effect.promise(() => run(number)), { concurrency, unordered }),
    Stream.runForEach((number) => Effect.sync(() => sink(number))),
  );
  await Effect.runPromise(stream);
}

async function fastqPromises(items: number, run: Step): Promise<void> {
  const queue = fastq.promise(async (number: number) => sink(await run(number)), concurrency);
  for (const number of numbers(items)) {
    queue.push(number);
    if (queue.length() >= concurrency) await queue.drained();
  }
  await queue.drained();
}

async function asyncQueues(items: number, run: Step): Promise<void> {
  const queue = asyncQueue(async (number: number) => sink(await run(number)), concurrency);
  for (const number of numbers(items)) {
    void queue.push(number);
    if (queue.length() >= concurrency) await queue.drain();
  }
  if (!queue.idle()) await queue.drain();
}

async function pQueue(items: number, run: Step): Promise<void> {
  const queue = new PQueue({ concurrency });
  for (const number of numbers(items)) {
    await queue.onSizeLessThan(concurrency);
    void queue.add(() => run(number)).then(sink);
  }
  await queue.onIdle();
}

function work(title: string, items: number, run: Step): Work {
  const of = (name: string, act: () => Promise<void>) => caseOf(name, items, 1, act);
  const ordered = [
    of('Node Readable.map, ordered', () =>
      Readable.from(numbers(items)).map(run, { concurrency }).forEach(sink),
    ),
    of('Effect Stream, ordered', () => effect(items, run, false)),
    of('streaming-iterables, ordered', async () => {
      for await (const number of parallelMap(concurrency, run, numbers(items))) sink(number);
    }),
  ];
  const unordered = [
    of('Effect Stream', () => effect(items, run, true)),
    of('streaming-iterables', async () => {
      for await (const number of transform(concurrency, run, numbers(items))) sink(number);
    }),
    of('RxJS mergeMap', async () => {
      await lastValueFrom(from(numbers(items)).pipe(mergeMap(run, concurrency), tap(sink)));
    }),
    of('fastq', () => fastqPromises(items, run)),
    of('async.queue', () => asyncQueues(items, run)),
    of('p-queue', () => pQueue(items, run)),
  ];
  return {
    title,
    unit: 'ns',
    cases: [
      of('Sluice, ordered', () => sluice(items, run, 'input')),
      of('Sluice', () => sluice(items, run, 'completion')),
      ...ordered,
      ...unordered,
    ],
    targets: [
      ...ordered.map(({ name }) => ({ case: 'Sluice, ordered', against: name, atMost: 0.25 })),
      ...unordered.map(({ name }) => ({ case: 'Sluice, ordered', against: name, atMost: 1 })),
    ],
  };
}

export const noOps: Work = work('64 async no-ops at once', 20_000, inc);
export const ticks: Work = work(
  '64 turns of the event loop at once',
  20_000,
  (number) => new Promise((resolve) => setImmediate(resolve, number)),
);
