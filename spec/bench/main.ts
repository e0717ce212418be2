/**
 * How fast it is here, beside the same work done by hand and by the neighbours: `npm run bench`.
 * `npm run bench -- chain request` measures only works whose titles begin so; `--rounds=51` takes longer,
 * `--cpu` counts the processor's time rather than the clock's: for a machine that is busy with other things.
 * `npm run --silent bench -- --json` prints figures for a program; `--readme` writes them to results.json, and from there into the
 * README and its picture.
 * Each work has a process of its own, so that none pays for the garbage of another. Timings decide no test: the exit code is always 0.
 */
import { execFileSync } from 'node:child_process';
import { arch, availableParallelism, cpus, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bytes, measure, processor, type Report, type Result, type Work } from './measure.ts';
import { printBytes, printResult } from './print.ts';
import { publish } from './publish.ts';
import { works } from './works/all.ts';

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    readme: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '21' },
    cpu: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const isWanted = ({ title }: { readonly title: string }): boolean =>
  positionals.length === 0 ||
  positionals.some((wanted) => (values.alone ? title === wanted : title.startsWith(wanted)));

const results: Result[] = [];
for (const work of works.filter(isWanted)) {
  const result = values.alone ? await inThisProcess(work) : inProcessOfItsOwn(work);
  results.push(result);
  if (!values.json) printResult(result);
}
const bytes = !values.alone && isWanted({ title: 'memory' }) ? memory() : [];
const report: Report = {
  date: new Date().toISOString().slice(0, 10),
  command: commandOf(process.argv.slice(2)),
  machine: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores, ${type()} ${arch()}`,
  node: process.version,
  results,
  bytes,
};
if (values.json) console.log(JSON.stringify(report, null, 2));
else printBytes(bytes);
if (values.readme) publish(report);

function commandOf(words: readonly string[]): string {
  const telling = words.filter((word) => word !== '--json' && word !== '--readme');
  return ['npm run bench', ...(telling.length === 0 ? [] : ['--', ...telling])].join(' ');
}

function inThisProcess(work: Work): Promise<Result> {
  return measure(work, Number(values.rounds), values.cpu ? processor : undefined);
}

function inProcessOfItsOwn({ title }: Work): Result {
  const script = fileURLToPath(import.meta.url);
  const how = ['--alone', '--json', `--rounds=${values.rounds}`, ...(values.cpu ? ['--cpu'] : [])];
  const node = ['--import', 'tsx', script, ...how, title];
  const { results } = JSON.parse(execFileSync(process.execPath, node, { encoding: 'utf8' }));
  return results[0];
}

function memory(): readonly Bytes[] {
  const young = ['--min-semi-space-size=128', '--max-semi-space-size=128'];
  const script = fileURLToPath(new URL('memory.ts', import.meta.url));
  const node = ['--expose-gc', ...young, '--import', 'tsx', script];
  return JSON.parse(execFileSync(process.execPath, node, { encoding: 'utf8' }));
}
