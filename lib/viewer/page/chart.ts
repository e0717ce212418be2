import { type ComponentChild, h, useEffect, useRef } from '../../support/page/preact.ts';
import { uPlot } from '../../support/page/uplot.ts';

/** One line of a chart. */
interface Line {
  readonly label: string;
  /** Of a colour in the style sheet. */
  readonly colour: string;
  readonly values: readonly (number | null)[];
}

interface ChartProps {
  readonly title: string;
  /** What it says now, in words. */
  readonly says: string;
  readonly atMs: readonly number[];
  readonly lines: readonly Line[];
  readonly format: (value: number) => string;
}

const HEIGHT = 120;
/** How much is shown at least, in ms, however few points there are. */
const SHORTEST = 60_000;

/** The last minutes of one figure. */
export function Chart({ title, says, atMs, lines, format }: ChartProps): ComponentChild {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  useEffect(() => {
    const { current } = frame;
    if (current === null) return undefined;
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const draw = (): void => {
      plot.current?.destroy();
      plot.current = new uPlot(optionsOf(current, lines, format), [[]], current);
    };
    draw();
    scheme.addEventListener('change', draw);
    const resizing = new ResizeObserver(() =>
      plot.current?.setSize({ width: current.clientWidth, height: HEIGHT }),
    );
    resizing.observe(current);
    return () => {
      scheme.removeEventListener('change', draw);
      resizing.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(dataOf(atMs, lines));
  });
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, h('strong', null, title), ' ', says),
    h('div', { class: 'plot', ref: frame, 'aria-hidden': 'true' }),
  );
}

/** With a place before the first point where that is not long ago. */
function dataOf(atMs: readonly number[], lines: readonly Line[]): uPlot.AlignedData {
  const last = atMs.at(-1) ?? Date.now();
  const first = atMs[0] ?? last;
  const isShort = first > last - SHORTEST;
  const before = <T>(one: T): T[] => (isShort ? [one] : []);
  const times = [...before(last - SHORTEST), ...(atMs.length === 0 ? [last] : atMs)];
  return [
    times.map((at) => at / 1000),
    ...lines.map(({ values }) => [...before(null), ...(atMs.length === 0 ? [null] : values)]),
  ];
}

function optionsOf(
  element: HTMLElement,
  lines: readonly Line[],
  format: (value: number) => string,
): uPlot.Options {
  const style = getComputedStyle(element);
  const colour = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour('muted'),
    grid: { stroke: colour('border'), width: 1 },
    ticks: { show: false },
    font: '11px system-ui, sans-serif',
  };
  return {
    width: element.clientWidth,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      y: { range: (_plot, _least, most) => [0, most > 0 ? most * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 70,
        values: (_plot, at) =>
          at.map((second) => new Date(second * 1000).toLocaleTimeString([], { hour12: false })),
      },
      { ...axis, size: 56, space: 30, values: (_plot, values) => values.map(format) },
    ],
    series: [
      {},
      ...lines.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: false },
      })),
    ],
  };
}
