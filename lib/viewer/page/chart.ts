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
/** Seconds that are shown at least, however few points there are. */
const SHORTEST = 60;

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
    plot.current?.setData([atMs.map((at) => at / 1000), ...lines.map(({ values }) => [...values])]);
  });
  return h(
    'figure',
    { class: 'chart' },
    h('figcaption', null, h('strong', null, title), ' ', says),
    h('div', { class: 'plot', ref: frame, 'aria-hidden': 'true' }),
  );
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
      x: { range: (_plot, first, last) => [Math.min(first, last - SHORTEST), last] },
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
