import { describe, expect, it } from 'vitest';
import { textOf } from '../house/repo.ts';
import { times } from './chart.ts';
import type { Report, Result, Timing } from './measure.ts';
import { BESIDE, MARKS, picture, withFigures } from './publish.ts';

const timing = (name: string, median: number, ratio: number): Timing => ({
  ...{ name, median, ratio },
  ...{ low: median, high: median },
});
const result = (title: string, unit: Result['unit'], timings: readonly Timing[]): Result => ({
  ...{ title, unit, timings },
  verdicts: [{ name: 'Sluice', found: 1.234, atMost: 2, against: 'by hand', holds: true }],
});

const report: Report = {
  date: '2026-01-02',
  command: 'npm run bench',
  machine: 'Chip <9000>, 2 cores, Linux x64',
  node: 'v20.19.0',
  results: [
    result('chain of async functions', 'ns', [
      timing('await chain', 50, 1),
      timing('slow & steady', 1000, 20.04),
      timing('Sluice', 100, 2.04),
    ]),
    result('64 async no-ops at once', 'ns', [timing('Sluice, ordered', 200, 1)]),
    result('request through five nodes', 'µs', [timing('Sluice: call', 1.26, 1)]),
    ...BESIDE.map((title) => result(title, 'ns', [])),
  ],
  bytes: [],
};
const readme = `# Title\n\n${MARKS.begin}\nold\n${MARKS.end}\n\nThe end.\n`;

describe('the figures of the README', () => {
  it('say when, where and by which command they were taken, and what each work took', () => {
    const lines = withFigures(readme, report).split('\n');

    expect(lines).toEqual(
      expect.arrayContaining([
        'From one run of `npm run bench` on 2026-01-02: Chip <9000>, 2 cores, Linux x64, Node.js v20.19.0.',
        '| slow & steady | 1000 ns | 20× |',
        '| Sluice: call | 1.3 µs | 1.0× |',
        '| tracing: Sluice | 1.2× | by hand |',
      ]),
    );
  });

  it('take the place of the old ones, and of nothing else', () => {
    const once = withFigures(readme, report);

    expect(once.startsWith(`# Title\n\n${MARKS.begin}\nFrom one run`)).toBe(true);
    expect(once.endsWith(`${MARKS.end}\n\nThe end.\n`)).toBe(true);
    expect(once).not.toContain('old');
    expect(withFigures(once, report)).toBe(once);
  });

  it('are of a whole run, or there are none', () => {
    const part = { ...report, results: report.results.slice(1) };

    expect(() => withFigures(readme, part)).toThrow('chain of async functions');
    expect(() => withFigures('# Title', report)).toThrow(MARKS.begin);
  });

  it('and the picture are those of results.json', () => {
    const measured: Report = JSON.parse(textOf('spec/bench/results.json'));

    expect(withFigures(textOf('README.md'), measured)).toBe(textOf('README.md'));
    expect(picture(measured)).toBe(textOf('spec/bench/chart.svg'));
  });
});

describe('the picture', () => {
  it('has a bar for each way, as long as it takes, the fastest first and ours in another colour', () => {
    const bars = [...picture(report).matchAll(/<rect( class="ours")? x="\d+" y="(\d+)" width="(\d+)"/g)].map(
      ([, look, top, width]) => ({ isOurs: look !== undefined, top: Number(top), width: Number(width) }),
    );

    const [first, second, third] = bars;
    const longest = third?.width ?? 0;
    expect(bars.map(({ isOurs }) => isOurs)).toEqual([false, true, false, true]);
    expect([first?.width, second?.width]).toEqual([50, 100].map((ns) => Math.round((longest * ns) / 1000)));
    expect(bars.map(({ top }) => top)).toEqual(bars.map(({ top }) => top).sort((one, other) => one - other));
  });

  it('escapes what XML would read as its own', () => {
    const drawn = picture(report);

    expect(drawn).toContain('slow &amp; steady');
    expect(drawn).toContain('Chip &lt;9000>');
  });
});

describe('a ratio', () => {
  it.each([
    [0.456, '0.46×'],
    [2.34, '2.3×'],
    [9.96, '10×'],
    [53.2, '53×'],
  ])('%d has the digits that say something: %s', (ratio, text) => {
    expect(times(ratio)).toBe(text);
  });
});
