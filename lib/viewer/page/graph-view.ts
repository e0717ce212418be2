import type { Layout, Line, Place } from '../../support/page/dagre.ts';
import { type ComponentChild, h, useEffect, useRef, useState } from '../../support/page/preact.ts';
import type { EdgeFrame, Frame, Graph, GraphEdge } from '../protocol.ts';
import { BOX } from './box.ts';
import { duration, fitted, nodeText, rate, short, stateOf, statesText } from './format.ts';

interface GraphViewProps {
  readonly graph: Graph;
  readonly layout: Layout | undefined;
  readonly frame: Frame | undefined;
  readonly open: string | undefined;
  readonly onOpen: (node: string) => void;
}

const SMALLEST_READABLE = 0.62;
const STEP = 1.25;
/** About as wide as a letter of a label, in pixels. */
const LETTER = 6.1;

/** The graph, drawn. It scrolls within itself, so that the page need not. */
export function GraphView({ graph, layout, frame, open, onOpen }: GraphViewProps): ComponentChild {
  const area = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState<number | undefined>(undefined);
  const fitting = (smallest: number): number => {
    const { clientWidth = 800 } = area.current ?? {};
    return layout === undefined ? 1 : Math.max(smallest, Math.min(1.15, clientWidth / layout.width));
  };
  const scale = zoom ?? fitting(SMALLEST_READABLE);
  useEffect(() => {
    const place = layout?.nodes[graph.nodes.findIndex(({ name }) => name === open)];
    const { current } = area;
    if (place === undefined || current === null) return;
    current.scrollTo({
      left: place.x * scale - current.clientWidth / 2,
      top: place.y * scale - current.clientHeight / 2,
    });
  }, [open, layout]);
  const buttons = [
    ['Smaller', '−', () => setZoom(scale / STEP)],
    ['Larger', '+', () => setZoom(scale * STEP)],
    ['Whole graph', 'Fit', () => setZoom(fitting(0))],
  ] as const;
  return h(
    'section',
    { 'aria-labelledby': 'graph-title' },
    h(
      'div',
      { class: 'bar' },
      h('h2', { id: 'graph-title' }, 'Graph'),
      buttons.map(([label, text, onClick]) =>
        h('button', { key: label, type: 'button', 'aria-label': label, title: label, onClick }, text),
      ),
    ),
    h(
      'div',
      { class: 'drawing', ref: area },
      layout === undefined
        ? h('p', { class: 'placing' }, 'Laying out the graph …')
        : h(Drawing, { graph, layout, frame, open, onOpen, scale }),
    ),
  );
}

interface DrawingProps extends GraphViewProps {
  readonly layout: Layout;
  readonly scale: number;
}

function Drawing({ graph, layout, frame, open, onOpen, scale }: DrawingProps): ComponentChild {
  const { width, height } = layout;
  const stalledNodes = new Set(frame?.stall?.nodes);
  const stalledEdges = new Set(frame?.stall?.edges);
  return h(
    'svg',
    {
      width: Math.ceil(width * scale),
      height: Math.ceil(height * scale),
      viewBox: `0 0 ${width} ${height}`,
      role: 'group',
      'aria-label': `${graph.nodes.length} nodes, ${graph.edges.length} edges`,
    },
    h(
      'defs',
      null,
      h(
        'marker',
        {
          id: 'tip',
          viewBox: '0 0 8 8',
          refX: 7,
          refY: 4,
          markerWidth: 8,
          markerHeight: 8,
          markerUnits: 'userSpaceOnUse',
          orient: 'auto',
        },
        h('path', { d: 'M0 0 8 4 0 8z' }),
      ),
    ),
    graph.edges.map((edge, place) =>
      drawEdge(graph, edge, layout.edges[place], frame?.edges[place], place, stalledEdges.has(place)),
    ),
    graph.nodes.map((_, place) =>
      drawNode(graph, place, layout.nodes[place], frame, open, onOpen, stalledNodes.has(place)),
    ),
  );
}

function drawEdge(
  graph: Graph,
  { from, to, kind }: GraphEdge,
  line: Line | undefined,
  frame: EdgeFrame | undefined,
  key: number,
  isStalled: boolean,
): ComponentChild {
  if (line === undefined) return null;
  const { points, label } = line;
  const fill = frame?.capacity ? Math.min(1, frame.queued / frame.capacity) : 0;
  const level = fill >= 1 ? 'full' : fill >= 0.5 ? 'high' : 'low';
  const text = frame === undefined ? '' : `${fillText(frame)} · ${rate(frame.perSecond)}`;
  const width = text.length * LETTER;
  const waits = frame?.wait === 'room' ? ', its sender waits for room' : '';
  return h(
    'g',
    { key: `e${key}`, class: `edge ${kind} ${level}${isStalled ? ' stalled' : ''}` },
    h('title', null, `${graph.nodes[from]?.name} -> ${graph.nodes[to]?.name}: ${text}${waits}`),
    h('path', {
      class: 'line',
      d: curveOf(points),
      'stroke-width': 1.5 + 3.5 * fill,
      'marker-end': 'url(#tip)',
    }),
    h('rect', { x: label.x - width / 2, y: label.y - 8, width, height: 16 }),
    h('text', { x: label.x, y: label.y + 4, 'text-anchor': 'middle' }, text),
  );
}

export function fillText({ queued, capacity }: EdgeFrame): string {
  return capacity === null ? `${short(queued)} queued` : `${short(queued)}/${short(capacity)}`;
}

/** Straight at its ends, round between them. */
function curveOf([start, ...rest]: readonly Place[]): string {
  if (start === undefined) return '';
  const last = rest.at(-1) ?? start;
  const parts = rest.slice(0, -1).map((point, place) => {
    const next = rest[place + 1] ?? last;
    const end = place === rest.length - 2 ? last : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${point.x} ${point.y} ${end.x} ${end.y}`;
  });
  return `M${start.x} ${start.y}${parts.length === 0 ? `L${last.x} ${last.y}` : parts.join('')}`;
}

function drawNode(
  graph: Graph,
  place: number,
  at: Place | undefined,
  frame: Frame | undefined,
  open: string | undefined,
  onOpen: (node: string) => void,
  isStalled: boolean,
): ComponentChild {
  const node = graph.nodes[place];
  if (node === undefined || at === undefined) return null;
  const { name } = node;
  const told = frame?.nodes[place];
  const isBottleneck = frame?.bottleneck?.node === name;
  const marks = [isStalled ? 'stalled' : '', isBottleneck ? 'bottleneck' : ''].filter((mark) => mark !== '');
  const state = told === undefined ? 'unknown' : stateOf(told);
  const failed = (told?.failed ?? 0) > 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onOpen(name);
  };
  return h(
    'g',
    {
      key: `n${place}`,
      class: `node ${node.kind} ${state} ${marks.join(' ')}${failed ? ' failing' : ''}${open === name ? ' open' : ''}`,
      transform: `translate(${at.x - BOX.width / 2} ${at.y - BOX.height / 2})`,
      role: 'button',
      tabindex: 0,
      'data-node': name,
      'aria-label': [nodeText(name, told), ...marks].join(', '),
      onClick: () => onOpen(name),
      onKeyDown,
    },
    h('title', null, [name, ...node.notes].join(', ')),
    h('rect', { width: BOX.width, height: BOX.height, rx: 8 }),
    h('rect', { class: 'stripe', width: 6, height: BOX.height, rx: 3 }),
    h('text', { class: 'name', x: 16, y: 21 }, fitted(name, 24)),
    told !== undefined &&
      h('text', { x: 16, y: 39 }, `${fitted(statesText(told), 22)} · ${rate(told.perSecond)}`),
    told !== undefined && h('text', { class: 'figures', x: 16, y: 56 }, figuresOf(told)),
    marks.length > 0 &&
      h('text', { class: 'mark', x: BOX.width - 6, y: -5, 'text-anchor': 'end' }, marks.join(', ')),
  );
}

function figuresOf({ p50Ms, p99Ms, failed }: Frame['nodes'][number]): string {
  if (failed > 0) return `p99 ${duration(p99Ms)} · ${short(failed)} failed`;
  return p50Ms === null ? '' : `median ${duration(p50Ms)}, p99 ${duration(p99Ms)}`;
}
