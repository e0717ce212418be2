import { Readable, Transform, Writable } from 'node:stream';
import { pipeline as pipe } from 'node:stream/promises';
import { createPipeline, inlet, Plumber } from 'sluice';
import type { Case } from './measure.ts';

const items = 100_000;
const calls = 10_000;

// A source, three functions and a counting sink: four hops an item.
const inc = async (number: number): Promise<number> => number + 1;
const seen = { items: 0 };
const sink = (_number: number): void => {
  seen.items++;
};
function* numbers(): Generator<number> {
  for (let number = 0; number < items; number++) yield number;
}

async function awaitChain(): Promise<void> {
  for (const number of numbers()) sink(await inc(await inc(await inc(number))));
}

async function sluice(): Promise<void> {
  const pipeline = createPipeline({
    nodes: { numbers, one: inc, two: inc, three: inc, sink },
    graph: { numbers: ['one'], one: ['two'], two: ['three'], three: ['sink'], sink: null },
  });
  await pipeline.done;
}

async function nodeTransform(): Promise<void> {
  const source = numbers();
  const readable = new Readable({
    objectMode: true,
    read() {
      this.push(source.next().value ?? null);
    },
  });
  const stage = (): Transform =>
    new Transform({
      objectMode: true,
      transform(number: number, _encoding, done) {
        inc(number).then((result) => done(null, result), done);
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

// The ancestor's test graph, fed from outside: a join and a merge, plain functions, two outputs for each input.
const plumber = new Plumber({
  nodes: {
    inp: inlet<string>(),
    n1: (text: string) => `${text}.`,
    n2: (text: string) => text.toUpperCase(),
    n3: ({ n1 }: { n1: string; n2: string }) => n1.toLowerCase(),
    n4: { run: (text: string) => text, aggregateInputs: false },
  },
  graph: { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'], n4: null },
});

async function onePerCall(): Promise<void> {
  for (let call = 0; call < calls; call++) {
    const pipeline = plumber.createPipeline();
    await pipeline.call('abc');
    await pipeline.stop();
  }
}

async function oneForAll(): Promise<void> {
  const pipeline = plumber.createPipeline();
  for (let call = 0; call < calls; call++) await pipeline.call('abc');
  await pipeline.stop();
}

/** The budget is that of the core: so many times the first case's, or so many µs. */
export const cases: readonly Case[] = [
  { name: 'await chain', unit: 'ns', units: items * 4, run: awaitChain },
  { name: 'Sluice', unit: 'ns', units: items * 4, run: sluice, budget: '3.00x' },
  { name: 'Node Transform', unit: 'ns', units: items * 4, run: nodeTransform },
  { name: 'create, call, stop', unit: 'µs', units: calls, run: onePerCall, budget: '6.00 µs' },
  { name: 'call when shared', unit: 'µs', units: calls, run: oneForAll },
];
