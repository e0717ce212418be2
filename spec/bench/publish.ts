/** Makes the README's figures and picture from a report, so that nobody copies them by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { chart, times } from './chart.ts';
import type { Report, Result } from './measure.ts';

export const MARKS = {
  begin: '<!-- figures: npm run bench -- --readme -->',
  end: '<!-- end of figures -->',
} as const;

const CHAIN = 'chain of async functions';
const AT_ONCE = '64 async no-ops at once';
const REQUEST = 'request through five nodes';
/** What has a line for each target in the last table. */
export const BESIDE: readonly string[] = [
  'diamond with a join',
  'graph of five nodes',
  'fan-out to 100',
  'merge of 100',
  'async context in use',
  'events with no listener',
  'metrics',
  'tracing',
  'one pool',
];

/** Writes results.json, chart.svg and the README. */
export function publish(report: Report): void {
  const readme = new URL('../../README.md', import.meta.url);
  writeFileSync(new URL('results.json', import.meta.url), `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(new URL('chart.svg', import.meta.url), picture(report));
  writeFileSync(readme, withFigures(readFileSync(readme, 'utf8'), report));
}

export function picture(report: Report): string {
  return chart(
    [
      {
        result: resultOf(report, CHAIN),
        subtitle: 'for each item and hop, and times the await chain; shorter is faster',
      },
      {
        result: resultOf(report, AT_ONCE),
        subtitle:
          'for each call, and times “Sluice, ordered”; ordered: results leave in the order of the inputs',
      },
    ],
    report,
  );
}

/** The text with what stands between the marks made anew. */
export function withFigures(text: string, report: Report): string {
  const [before, rest] = parted(text, MARKS.begin);
  const [, after] = parted(rest, MARKS.end);
  return `${before}${MARKS.begin}\n${figures(report)}\n${MARKS.end}${after}`;
}

function parted(text: string, mark: string): [before: string, after: string] {
  const at = text.indexOf(mark);
  if (at < 0) throw new Error(`the README has no line ${mark}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}

function figures(report: Report): string {
  const { date, machine, node, command } = report;
  return [
    `From one run of \`${command}\` on ${date}: ${machine}, Node.js ${node}.`,
    '',
    '![Bars of the figures below, and of 64 calls at once](spec/bench/chart.svg)',
    '',
    ...table(resultOf(report, CHAIN)),
    '',
    ...table(resultOf(report, REQUEST)),
    '',
    ...comparisons(report),
  ].join('\n');
}

function table({ title, unit, timings }: Result): string[] {
  const digits = unit === 'ns' ? 0 : 1;
  return [
    `| ${title} | median | beside the first |`,
    '| --- | --- | --- |',
    ...timings.map(
      ({ name, median, ratio }) => `| ${name} | ${median.toFixed(digits)} ${unit} | ${times(ratio)} |`,
    ),
  ];
}

function comparisons(report: Report): string[] {
  const rows = BESIDE.flatMap((title) =>
    resultOf(report, title).verdicts.map(
      ({ name, found, against = '' }) => `| ${title}: ${name} | ${times(found)} | ${against} |`,
    ),
  );
  return ['| what it takes | times | that of |', '| --- | --- | --- |', ...rows];
}

function resultOf({ results }: Report, title: string): Result {
  const result = results.find((one) => one.title === title);
  if (result === undefined) throw new Error(`the report has no work "${title}": measure all of them`);
  return result;
}
