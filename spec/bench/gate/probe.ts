/** Measures one work of the gate in a process of its own, which processes.ts starts. Prints a Sample. */
import { parseArgs } from 'node:util';
import { makeSlower } from './slower.ts';
import { timesAsLong } from './time.ts';
import type { Sample } from './verdict.ts';
import { awaitChain, type GatedWork, worksOf } from './works.ts';

const WARM_UPS = 80;
const ROUNDS = 100;
/** V8 counts new bytes by pages of 256 KiB, and its young generation has to hold them all. */
const BYTES = 40 * 2 ** 20;

const { gc } = globalThis;
if (gc === undefined) throw new Error('run it with --expose-gc');

const { values } = parseArgs({
  options: {
    title: { type: 'string', default: '' },
    engine: { type: 'string', default: '' },
    planted: { type: 'string', default: '' },
    factor: { type: 'string', default: '1' },
  },
});
let work = await prepare(values.engine);
if (values.planted !== '') {
  const planted = await prepare(values.planted);
  await makeSlower(planted, work, Number(values.factor));
  work = planted;
}
const sample: Sample = { time: await timesAsLong(work, awaitChain, ROUNDS), bytes: await bytesOf(work) };
if (sample.bytes <= 0) throw new Error('a collection fell into the count of bytes');
console.log(JSON.stringify(sample));

/** The work, done by the engine at a URL, warmed up. */
async function prepare(engine: string): Promise<GatedWork> {
  const works: Readonly<Record<string, GatedWork>> = worksOf(await import(engine));
  const work = works[values.title];
  if (work === undefined) throw new Error(`no work is called ${values.title}`);
  for (let round = 0; round < WARM_UPS; round++) {
    await work.run();
    await awaitChain.run();
  }
  return work;
}

async function bytesOf(work: GatedWork): Promise<number> {
  const roughly = await allocated(work, 4);
  return allocated(work, Math.ceil(BYTES / roughly / work.units));
}

async function allocated({ run, units }: GatedWork, rounds: number): Promise<number> {
  gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let round = 0; round < rounds; round++) await run();
  return (process.memoryUsage().heapUsed - before) / rounds / units;
}
