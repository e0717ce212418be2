import type { Layout } from '../../support/page/dagre.ts';
import { type ComponentChild, h, useEffect, useRef, useState } from '../../support/page/preact.ts';
import type { Frame, Graph } from '../protocol.ts';
import { drawEdge } from './draw-edge.ts';
import { drawNode } from './draw-node.ts';
import { MEANINGS } from './format.ts';

interface GraphViewProps {
  readonly graph: Graph;
  readonly layout: Layout | undefined;
  readonly frame: Frame | undefined;
  readonly open: string | undefined;
  readonly onOpen: (node: string) => void;
}

const SMALLEST_READABLE = 0.62;
const STEP = 1.25;

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
    h(Legend, null),
  );
}

interface DrawingProps extends GraphViewProps {
  readonly layout: Layout;
  readonly scale: number;
}

/** How far an arrow leads, in the order of the nodes. */
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

function Drawing({ graph, layout, frame, open, onOpen, scale }: DrawingProps): ComponentChild {
  const { width, height } = layout;
  // One node is reached by Tab, the others from it by arrows: there may be hundreds.
  const [current, setCurrent] = useState(0);
  const drawing = useRef<SVGSVGElement>(null);
  const moveFrom = (place: number, key: string): boolean => {
    const step = STEPS[key];
    if (step === undefined) return false;
    const next = graph.nodes[place + step]?.name;
    drawing.current?.querySelector<SVGElement>(`[data-node="${next}"]`)?.focus();
    return true;
  };
  const stalledNodes = new Set(frame?.stall?.nodes);
  const stalledEdges = new Set(frame?.stall?.edges);
  return h(
    'svg',
    {
      width: Math.ceil(width * scale),
      height: Math.ceil(height * scale),
      viewBox: `0 0 ${width} ${height}`,
      ref: drawing,
      role: 'group',
      'aria-label': `${graph.nodes.length} nodes, ${graph.edges.length} edges; arrows lead from node to node`,
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
      drawNode({
        ...{ graph, place, frame, onOpen, moveFrom },
        at: layout.nodes[place],
        isOpen: graph.nodes[place]?.name === open,
        isStalled: stalledNodes.has(place),
        isCurrent: place === current,
        onFocus: () => setCurrent(place),
      }),
    ),
  );
}

/** What the colours and words of the states mean. */
function Legend(): ComponentChild {
  return h(
    'dl',
    { class: 'legend', 'aria-label': 'States of nodes' },
    Object.entries(MEANINGS).map(([state, meaning]) =>
      h('div', { key: state, class: state }, h('dt', null, state), h('dd', null, meaning)),
    ),
  );
}
