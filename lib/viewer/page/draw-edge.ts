import type { Line, Place } from '../../support/page/dagre.ts';
import { type ComponentChild, h } from '../../support/page/preact.ts';
import type { EdgeFrame, Graph, GraphEdge } from '../protocol.ts';
import { rate, short } from './format.ts';

/** About as wide as a letter of a label, in pixels. */
const LETTER = 6.1;

/** One edge: the fuller its queue, the wider its line. */
export function drawEdge(
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
