/**
 * Fails when the engine has become slower or allocates more: `npm run gate`, in CI after the tests. The one place where timings
 * decide something; what makes them hold on a busy machine:
 * - Time is told as a ratio: how many hops of the await chain by hand, in the same process, one hop or request takes as long as.
 * - In a process the shortest of many short rounds counts, of processes the median, and before it fails, of three times as many.
 * - Memory is told as the bytes allocated for one hop or request, which hardly vary at all.
 *
 * In runs with 20 other programs on 2 cores, the chain of async functions took 3.33 to 3.67 hops by hand, made 1.3 times as slow
 * 4.56 to 4.77. The tolerance lies between: 15 %.
 *
 * `npm run gate -- --renew` writes gate/baseline.json, the medians of 15 processes, for the major version of Node.js it runs on:
 * to be committed with what makes the engine faster, or slower for a good reason.
 * `npm run gate -- --planted=1.3` makes the engine 1.3 times as slow before it measures, and has to fail.
 * `npm run gate -- chain` measures only works whose titles begin so; it goes with both.
 */
import { parseArgs } from 'node:util';
import { readBaseline, writeBaseline } from './gate/baseline.ts';
import { withProcesses } from './gate/processes.ts';
import { type Baseline, examine, type Figure, survey } from './gate/verdict.ts';
import { TITLES } from './gate/works.ts';

const PROCESSES = 5;

const { values, positionals } = parseArgs({
  options: { renew: { type: 'boolean', default: false }, planted: { type: 'string', default: '1' } },
  allowPositionals: true,
});
const titles = TITLES.filter(
  (title) => positionals.length === 0 || positionals.some((wanted) => title.startsWith(wanted)),
);
const planted = Number(values.planted);
if (titles.length === 0) throw new Error(`no work begins with ${positionals.join(' or ')}`);
if (!(planted >= 1)) throw new Error(`--planted=${values.planted} is not a number of 1 or more`);

const baseline = await readBaseline();
if (values.renew) await renew();
else if (baseline === undefined)
  console.log(
    `gate: no baseline for Node.js ${process.version}, so nothing is judged. Make one: npm run gate -- --renew`,
  );
else await pass(baseline);

async function renew(): Promise<void> {
  const found = await withProcesses(1, (take) => survey(titles, take, 3 * PROCESSES));
  await writeBaseline({ ...baseline, ...found });
  console.table(found);
}

async function pass(baseline: Baseline): Promise<void> {
  const figures = await withProcesses(planted, (take) => examine(titles, baseline, take, PROCESSES));
  for (const figure of figures) console.log(lineOf(figure));
  const isSome = (verdict: Figure['verdict']): boolean =>
    figures.some((figure) => figure.verdict === verdict);
  if (isSome('better')) console.log('gate: far better than the baseline; renew it: npm run gate -- --renew');
  if (!isSome('worse')) return;
  console.error(
    'gate: FAILED, also in a second look. If there is a good reason, or the machine is of another kind: npm run gate -- --renew',
  );
  process.exitCode = 1;
}

function lineOf({ work, what, found, baseline, atMost, verdict, processes }: Figure): string {
  const [is, was, most] = [found, baseline, atMost].map((figure) => figure.toFixed(figure < 10 ? 2 : 0));
  const unit = what === 'time' ? 'hops by hand' : 'bytes';
  const mark = { holds: 'holds', worse: 'FAILED', better: 'better' }[verdict];
  return `${mark.padEnd(7)} ${work.padEnd(31)} ${is} ${unit}, baseline ${was}, at most ${most} (${processes} processes)`;
}
