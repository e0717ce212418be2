import type { Place } from '../../support/page/dagre.ts';
import { type ComponentChild, h } from '../../support/page/preact.ts';
import type { Frame, Graph } from '../protocol.ts';
import { BOX } from './box.ts';
import { boxStates, duration, fitted, messages, nodeText, rate, stateOf } from './format.ts';

interface DrawnNode {
  readonly graph: Graph;
  readonly place: number;
  readonly at: Place | undefined;
  readonly frame: Frame | undefined;
  readonly isOpen: boolean;
  readonly isStalled: boolean;
  /** Whether it is the one that Tab reaches. */
  readonly isCurrent: boolean;
  readonly onOpen: (node: string) => void;
  readonly onFocus: () => void;
  /** Whether that key leads to another node. */
  readonly moveFrom: (place: number, key: string) => boolean;
}

/** One node: a button with its name, what it does, and what it takes. */
export function drawNode(drawn: DrawnNode): ComponentChild {
  const { graph, place, at, frame, onOpen, isStalled, isOpen } = drawn;
  const node = graph.nodes[place];
  if (node === undefined || at === undefined) return null;
  const { name } = node;
  const told = frame?.nodes[place];
  const isBottleneck = frame?.bottleneck?.node === name;
  const marks = [isStalled ? 'stalled' : '', isBottleneck ? 'bottleneck' : ''].filter((mark) => mark !== '');
  const state = told === undefined ? 'unknown' : stateOf(told);
  const failed = (told?.failed ?? 0) > 0;
  const onKeyDown = (event: KeyboardEvent): void => {
    const opens = event.key === 'Enter' || event.key === ' ';
    if (opens) onOpen(name);
    if (opens || drawn.moveFrom(place, event.key)) event.preventDefault();
  };
  return h(
    'g',
    {
      key: `n${place}`,
      class: `node ${node.kind} ${state} ${marks.join(' ')}${isOpen ? ' open' : ''}`,
      transform: `translate(${at.x - BOX.width / 2} ${at.y - BOX.height / 2})`,
      role: 'button',
      tabindex: drawn.isCurrent ? 0 : -1,
      'data-node': name,
      'aria-label': [nodeText(name, told), ...marks].join(', '),
      onClick: () => onOpen(name),
      onFocus: drawn.onFocus,
      onKeyDown,
    },
    h('title', null, [name, ...node.notes].join(', ')),
    h('rect', { width: BOX.width, height: BOX.height, rx: 8 }),
    h('rect', { class: 'stripe', width: 6, height: BOX.height, rx: 3 }),
    h('text', { class: 'name', x: 16, y: 21 }, fitted(name, 24)),
    told !== undefined && [
      h('text', { key: 'state', class: 'states', x: 16, y: 39 }, boxStates(told)),
      h('text', { key: 'figures', class: 'figures', x: 16, y: 56 }, figuresOf(told)),
      failed &&
        h('text', { key: 'failed', class: 'failed', x: 16, y: 73 }, `${messages(told.failed)} failed`),
    ],
    marks.length > 0 &&
      h('text', { class: 'mark', x: BOX.width - 6, y: -5, 'text-anchor': 'end' }, marks.join(', ')),
  );
}

function figuresOf({ perSecond, p99Ms }: Frame['nodes'][number]): string {
  return p99Ms === null ? rate(perSecond) : `${rate(perSecond)} · p99 ${duration(p99Ms)}`;
}
