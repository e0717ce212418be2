import { type ComponentChild, h, useEffect, useRef } from '../../support/page/preact.ts';
import type { Detail, Frame, Graph, HistoryColumns, PauseRequest, Problem } from '../protocol.ts';
import { Chart } from './chart.ts';
import { fillText } from './draw-edge.ts';
import { duration, rate, short, statesText, time } from './format.ts';
import { ProblemList } from './problem-list.ts';

interface DetailPanelProps {
  readonly graph: Graph;
  readonly frame: Frame | undefined;
  readonly detail: Detail | undefined;
  readonly problems: readonly Problem[];
  readonly node: number;
  readonly pipeline: number | undefined;
  readonly onOpen: (node: string) => void;
  readonly onClose: () => void;
  readonly onPause: (request: PauseRequest) => void;
}

/** Everything of one node. */
export function DetailPanel(props: DetailPanelProps): ComponentChild {
  const { graph, frame, detail, problems, node: place, onOpen, onClose } = props;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus({ preventScroll: true }), [place]);
  const node = graph.nodes[place];
  if (node === undefined) return null;
  const told = frame?.nodes[place];
  const own = problems.filter((problem) => problem.node === node.name);
  return h(
    'aside',
    {
      class: 'detail',
      'aria-labelledby': 'detail-title',
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === 'Escape') onClose();
      },
    },
    h(
      'div',
      { class: 'bar' },
      h('h2', { id: 'detail-title', tabIndex: -1, ref: title }, node.name),
      h(PauseButton, props),
      h('button', { type: 'button', class: 'close', 'aria-label': 'Close', onClick: onClose }, '×'),
    ),
    told !== undefined &&
      h('p', { class: 'doing' }, [statesText(told), rate(told.perSecond), ...node.notes].join(' · ')),
    detail?.waits.map((wait) =>
      h('p', { key: wait, class: wait.includes(' is full') ? 'wait full' : 'wait' }, wait),
    ),
    h(Edges, { graph, frame, place, onOpen }),
    detail !== undefined && h(Charts, { history: detail.history }),
    h('h3', null, 'Last errors and dead letters'),
    own.length === 0
      ? h('p', { class: 'none' }, 'None.')
      : h(ProblemList, { list: own.slice(0, 20), isPlumber: graph.isPlumber, onOpen }),
    h('h3', null, 'Messages it sent lately'),
    detail !== undefined && h(Messages, { detail, payloads: graph.payloads, isPlumber: graph.isPlumber }),
    h('h3', null, 'Counters'),
    h(
      'dl',
      { class: 'counters' },
      detail?.counters.map(([name, value]) =>
        h('div', { key: name }, h('dt', null, name), h('dd', null, value.toLocaleString('en'))),
      ),
    ),
  );
}

function PauseButton({ graph, frame, node: place, pipeline, onPause }: DetailPanelProps): ComponentChild {
  const node = graph.nodes[place];
  const states = frame?.nodes[place]?.states ?? {};
  if (node === undefined || node.kind === 'transform') return null;
  const isPaused = (states.paused ?? 0) > 0;
  const isOver = !isPaused && Object.keys(states).every((state) => state === 'ended');
  const request = { node: node.name, paused: !isPaused, ...(pipeline !== undefined && { pipeline }) };
  return h(
    'button',
    { type: 'button', class: 'pause', disabled: isOver, onClick: () => onPause(request) },
    isPaused ? 'Resume' : 'Pause',
  );
}

function Edges({
  graph,
  frame,
  place,
  onOpen,
}: Pick<DetailPanelProps, 'graph' | 'frame' | 'onOpen'> & { readonly place: number }): ComponentChild {
  const edges = graph.edges.flatMap(({ from, to }, edge) => {
    if (from !== place && to !== place) return [];
    const told = frame?.edges[edge];
    const other = graph.nodes[from === place ? to : from]?.name ?? '';
    return told === undefined ? [] : [{ edge, other, told, way: from === place ? 'to' : 'from' }];
  });
  return h(
    'ul',
    { class: 'edges' },
    edges.map(({ edge, other, told, way }) =>
      h(
        'li',
        { key: edge },
        `${way} `,
        h('button', { type: 'button', class: 'link', onClick: () => onOpen(other) }, other),
        `: ${fillText(told)}, ${rate(told.perSecond)}${told.wait === 'room' ? ', full: its sender waits' : ''}`,
      ),
    ),
  );
}

function Charts({ history }: { readonly history: HistoryColumns }): ComponentChild {
  const { atMs, perSecond, failedPerSecond, p50Ms, p99Ms } = history;
  const [now, failing] = [perSecond.at(-1) ?? 0, failedPerSecond.at(-1) ?? 0];
  return [
    h(Chart, {
      key: 'throughput',
      title: 'Throughput',
      says: `now ${rate(now)}`,
      atMs,
      lines: [{ label: 'taken', colour: 'accent', values: perSecond }],
      format: short,
    }),
    h(Chart, {
      key: 'latency',
      title: 'Time of the function',
      says: `median ${duration(p50Ms.at(-1) ?? null)}, 99 % ${duration(p99Ms.at(-1) ?? null)}`,
      atMs,
      lines: [
        { label: 'median', colour: 'accent', values: p50Ms },
        { label: '99 %', colour: 'warn', values: p99Ms },
      ],
      format: duration,
    }),
    h(Chart, {
      key: 'failures',
      title: 'Messages failed',
      says: `now ${rate(failing)}`,
      atMs,
      lines: [{ label: 'failed', colour: 'bad', values: failedPerSecond }],
      format: short,
    }),
  ];
}

function Messages({
  detail,
  payloads,
  isPlumber,
}: {
  readonly detail: Detail;
  readonly payloads: boolean;
  readonly isPlumber: boolean;
}): ComponentChild {
  if (detail.messages.length === 0) return h('p', { class: 'none' }, 'None was seen since this was opened.');
  return h(
    'ol',
    { class: 'messages' },
    detail.messages.map(({ id, atMs, pipeline, roots, payload }) =>
      h(
        'li',
        { key: id },
        h('code', null, id),
        h(
          'span',
          null,
          [
            time(atMs),
            `from ${roots} ${roots === 1 ? 'input' : 'inputs'}`,
            isPlumber ? `pipeline ${pipeline}` : '',
          ]
            .filter(Boolean)
            .join(' · '),
        ),
        payloads && payload !== undefined && h('code', { class: 'payload' }, payload),
      ),
    ),
  );
}
