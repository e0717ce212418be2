import { type ComponentChild, h, useState } from '../../support/page/preact.ts';
import type { Frame, Graph } from '../protocol.ts';
import { count, duration, rate, short, stateOf, statesText } from './format.ts';

interface NodesTableProps {
  readonly graph: Graph;
  readonly frame: Frame | undefined;
  readonly open: string | undefined;
  readonly onOpen: (node: string) => void;
}

const HEADS = [
  'Node',
  'State',
  'Messages taken',
  'In flight',
  'Messages failed',
  'Function p50',
  'Function p99',
] as const;

/** All nodes as a table: the same as the graph, to be read and searched. */
export function NodesTable({ graph, frame, open, onOpen }: NodesTableProps): ComponentChild {
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const rows = graph.nodes.map((node, place) => ({ node, place }));
  const shown = rows.filter(({ node }) => node.name.toLowerCase().includes(wanted));
  return h(
    'section',
    { class: 'nodes', 'aria-labelledby': 'nodes-title' },
    h(
      'div',
      { class: 'bar' },
      h('h2', { id: 'nodes-title' }, 'Nodes'),
      h('input', {
        type: 'search',
        placeholder: 'Find a node',
        'aria-label': 'Find a node',
        value: search,
        onInput: (event: Event) => setSearch((event.currentTarget as HTMLInputElement).value),
      }),
    ),
    h(
      'div',
      { class: 'scroll' },
      h(
        'table',
        null,
        h(
          'thead',
          null,
          h(
            'tr',
            null,
            HEADS.map((head) => h('th', { key: head, scope: 'col' }, head)),
          ),
        ),
        h(
          'tbody',
          null,
          shown.map(({ node, place }) => rowOf(node.name, frame?.nodes[place], frame, open, onOpen)),
        ),
      ),
      shown.length === 0 && h('p', { class: 'none' }, 'No node has such a name.'),
    ),
  );
}

function rowOf(
  name: string,
  told: Frame['nodes'][number] | undefined,
  frame: Frame | undefined,
  open: string | undefined,
  onOpen: (node: string) => void,
): ComponentChild {
  const mark = frame?.bottleneck?.node === name ? h('span', { class: 'mark' }, ' bottleneck') : null;
  return h(
    'tr',
    { key: name, class: open === name ? 'open' : '' },
    h(
      'th',
      { scope: 'row' },
      h('button', { type: 'button', class: 'link', 'data-row': name, onClick: () => onOpen(name) }, name),
      mark,
    ),
    told === undefined
      ? h('td', { colSpan: HEADS.length - 1 })
      : [
          h('td', { key: 'state', class: `state ${stateOf(told)}` }, statesText(told)),
          h('td', { key: 'rate' }, rate(told.perSecond)),
          h('td', { key: 'flight' }, short(told.inFlight)),
          h('td', { key: 'failed', class: told.failed > 0 ? 'failed' : '' }, count(told.failed)),
          h('td', { key: 'p50' }, duration(told.p50Ms)),
          h('td', { key: 'p99' }, duration(told.p99Ms)),
        ],
  );
}
