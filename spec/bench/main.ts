/**
 * How fast it is here, beside the same work by hand: `npm run bench`, or `npm run bench -- --json`.
 * ns are for one item and hop, µs for one input into five nodes. Timings decide no test: the exit code is always 0.
 */
import { cases } from './cases.ts';
import { measure } from './measure.ts';

const timings = await measure(cases, 21, 4);

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ node: process.version, timings }, null, 2));
} else {
  print('', ['median', 'quartiles', 'ratio', 'at most']);
  for (const { name, unit, median, low, high, ratio, budget = '' } of timings) {
    const digits = unit === 'ns' ? 0 : 2;
    const spread = `${low.toFixed(digits)} to ${high.toFixed(digits)}`;
    print(name, [`${median.toFixed(digits)} ${unit}`, spread, ratio ? `${ratio.toFixed(2)}x` : '', budget]);
  }
}

function print(name: string, cells: readonly string[]): void {
  console.log(name.padEnd(20) + cells.map((cell) => cell.padStart(14)).join(''));
}
