import type { Bytes, Result, Verdict } from './measure.ts';

/** A table for a terminal. */
export function printResult({ title, unit, timings, verdicts }: Result): void {
  console.log(row(title, ['median', 'quartiles', 'ratio']));
  const digits = unit === 'ns' ? 0 : 2;
  for (const { name, median, low, high, ratio, beside } of timings) {
    const cells = [
      `${median.toFixed(digits)} ${unit}`,
      `${low.toFixed(digits)} to ${high.toFixed(digits)}`,
      `${ratio.toFixed(2)}x`,
    ];
    const told = beside === undefined || beside === name ? '' : `  (of ${beside})`;
    console.log(`${row(`  ${name}`, cells)}${told}`);
  }
  for (const verdict of verdicts) console.log(`  ${sentence(verdict, unit)}`);
  console.log();
}

function sentence({ name, found, atMost, against, meaning, holds }: Verdict, unit: string): string {
  const told = against === undefined ? `${found.toFixed(2)} ${unit}` : `${found.toFixed(2)} times ${against}`;
  const most = against === undefined ? `${atMost} ${unit}` : atMost.toFixed(2);
  return `${holds ? 'holds' : 'MISSED'}: ${meaning === undefined ? '' : `${meaning}: `}${name}: ${told}, at most ${most}`;
}

export function printBytes(rows: readonly Bytes[]): void {
  for (const { name, bytes, atMost } of rows) {
    const [found, most] = [bytes, atMost].map((size) => `${(size / 1024).toFixed(1)} KiB`);
    console.log(`  ${bytes <= atMost ? 'holds' : 'MISSED'}: ${name}: ${found}, at most ${most}`);
  }
}

function row(name: string, cells: readonly string[]): string {
  return `${name.padEnd(34)}${cells.map((cell) => cell.padStart(18)).join('')}`;
}
