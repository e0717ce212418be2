/** A picture of some results: bars by hand, since a library that draws them would be larger than what it draws. */
import type { Report, Result, Timing } from './measure.ts';

const WIDTH = 800;
const BARS = { left: 260, width: 370 } as const;
const ROW = 28;
const PANEL = { head: 72, gap: 20 } as const;

interface Panel {
  readonly result: Result;
  /** What a unit is. */
  readonly subtitle: string;
}

/** As SVG, with a ground of its own: readable on a light page and on a dark one. Shorter bars are faster. */
export function chart(panels: readonly Panel[], { date, machine, node, command }: Report): string {
  const blocks: string[] = [];
  let top = 8;
  for (const { result, subtitle } of panels) {
    blocks.push(panel(result, subtitle, top));
    top += heightOf(result);
  }
  const height = top + 40;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img">
<title>${escaped(panels.map(({ result }) => result.title).join('; '))}</title>
<style>
  text { font: 15px system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; fill: #1f2328 }
  .title { font-size: 19px; font-weight: 600 }
  .small { font-size: 14px; fill: #59636e }
  .ours { font-weight: 600 }
  rect { fill: #8c959f }
  rect.ours { fill: #0969da }
  rect.ground { fill: #ffffff; stroke: #d1d9e0 }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    rect { fill: #656c76 }
    rect.ours { fill: #4493f8 }
    rect.ground { fill: #0d1117; stroke: #3d444d }
  }
</style>
<rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
${blocks.join('\n')}
<text class="small" x="24" y="${height - 20}">${escaped(`${date}, ${machine}, Node.js ${node}: ${command}`)}</text>
</svg>
`;
}

function heightOf({ timings }: Result): number {
  return PANEL.head + timings.length * ROW + PANEL.gap;
}

function panel({ title, timings, unit }: Result, subtitle: string, top: number): string {
  const longest = Math.max(...timings.map(({ median }) => median));
  const sorted = timings.toSorted((one, other) => one.median - other.median);
  return [
    `<text class="title" x="24" y="${top + 30}">${escaped(capital(title))}</text>`,
    `<text class="small" x="24" y="${top + 52}">${escaped(subtitle)}</text>`,
    ...sorted.map((timing, place) => bar(timing, unit, longest, top + PANEL.head + place * ROW)),
  ].join('\n');
}

function bar({ name, median, ratio }: Timing, unit: string, longest: number, top: number): string {
  const width = Math.max(1, Math.round((median / longest) * BARS.width));
  const look = name.startsWith('Sluice') ? ' class="ours"' : '';
  return [
    `<text${look} x="24" y="${top + 17}">${escaped(name)}</text>`,
    `<rect${look} x="${BARS.left}" y="${top + 3}" width="${width}" height="${ROW - 8}" rx="2"/>`,
    `<text${look} x="${BARS.left + width + 8}" y="${top + 17}">${median.toFixed(0)} ${unit}, ${times(ratio)}</text>`,
  ].join('\n');
}

/** A ratio with as many digits as say something. */
export function times(ratio: number): string {
  return `${ratio.toFixed(ratio < 0.995 ? 2 : ratio < 9.95 ? 1 : 0)}×`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
