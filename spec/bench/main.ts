/**
 * How fast it is here, beside the same work done by hand and by the neighbours: `npm run bench`.
 * `npm run bench -- chain request` measures only works whose titles begin so; `--json` prints figures for a program,
 * `--rounds=51` takes longer. Each work has a process of its own, so that none pays for the garbage of another. Timings decide no test: the exit code is always 0.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measure, type Result, type Work } from './measure.ts';
import { chain, synchronousChain } from './works/chain.ts';
import { noOps, ticks } from './works/concurrency.ts';
import { requests } from './works/requests.ts';

const works = [chain, synchronousChain, noOps, ticks, requests];

const { values, positionals } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '21' },
    alone: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const isWanted = ({ title }: { readonly title: string }): boolean =>
  positionals.length === 0 || positionals.some((wanted) => title.startsWith(wanted));

const results: Result[] = [];
for (const work of works.filter(isWanted)) {
  const result = values.alone ? await measure(work, Number(values.rounds)) : inProcessOfItsOwn(work);
  results.push(result);
  if (!values.json) print(result);
}
const bytes = !values.alone && isWanted({ title: 'memory' }) ? memory() : [];
if (values.json) console.log(JSON.stringify({ node: process.version, results, bytes }, null, 2));
else for (const row of bytes) printBytes(row);

function print({ title, unit, timings, verdicts }: Result): void {
  console.log(
    `\n${title.padEnd(34)}${['median', 'quartiles', 'ratio'].map((head) => head.padStart(16)).join('')}`,
  );
  const digits = unit === 'ns' ? 0 : 2;
  for (const { name, median, low, high, ratio } of timings) {
    const cells = [
      `${median.toFixed(digits)} ${unit}`,
      `${low.toFixed(digits)} to ${high.toFixed(digits)}`,
      `${ratio.toFixed(2)}x`,
    ];
    console.log(`  ${name.padEnd(32)}${cells.map((cell) => cell.padStart(16)).join('')}`);
  }
  for (const { text, holds } of verdicts) console.log(`  ${holds ? 'holds' : 'MISSED'}: ${text}`);
}

function inProcessOfItsOwn({ title }: Work): Result {
  const script = fileURLToPath(import.meta.url);
  const node = ['--import', 'tsx', script, '--alone', '--json', `--rounds=${values.rounds}`, title];
  const { results } = JSON.parse(execFileSync(process.execPath, node, { encoding: 'utf8' }));
  return results[0];
}

interface Bytes {
  readonly name: string;
  readonly bytes: number;
  readonly atMost: number;
}

function memory(): readonly Bytes[] {
  const young = ['--min-semi-space-size=128', '--max-semi-space-size=128'];
  const script = fileURLToPath(new URL('memory.ts', import.meta.url));
  const node = ['--expose-gc', ...young, '--import', 'tsx', script];
  return JSON.parse(execFileSync(process.execPath, node, { encoding: 'utf8' }));
}

function printBytes({ name, bytes: found, atMost }: Bytes): void {
  const [kilobytes, most] = [found, atMost].map((size) => `${(size / 1024).toFixed(1)} KiB`);
  console.log(`  ${found <= atMost ? 'holds' : 'MISSED'}: ${name}: ${kilobytes}, at most ${most}`);
}
