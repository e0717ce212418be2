import { type ComponentChild, h } from '../../support/page/preact.ts';
import type { Frame, Graph, PauseRequest } from '../protocol.ts';
import { DetailPanel } from './detail-panel.ts';
import { time } from './format.ts';
import { GraphView } from './graph-view.ts';
import { NodesTable } from './nodes-table.ts';
import { ProblemList } from './problem-list.ts';
import type { ViewState } from './view-state.ts';

interface AppProps {
  readonly state: ViewState;
  readonly onOpen: (node: string) => void;
  readonly onClose: () => void;
  readonly onPipeline: (pipeline: number | undefined) => void;
  readonly onPause: (request: PauseRequest) => void;
}

/** The page. */
export function App(props: AppProps): ComponentChild {
  const { state, onOpen } = props;
  const { graph, frame, problems, selected, layout } = state;
  const open = graph?.nodes.findIndex(({ name }) => name === selected.node) ?? -1;
  return h(
    'div',
    { class: open >= 0 ? 'page with-detail' : 'page' },
    h(Header, props),
    h(
      'main',
      null,
      h(Alerts, { graph, frame, onOpen }),
      state.notice !== '' && h('p', { class: 'alert', role: 'alert' }, state.notice),
      graph !== undefined && h(GraphView, { graph, layout, frame, open: selected.node, onOpen }),
      graph !== undefined && h(NodesTable, { graph, frame, open: selected.node, onOpen }),
      h(
        'section',
        { 'aria-labelledby': 'problems-title' },
        h(
          'h2',
          { id: 'problems-title' },
          `Last errors and dead letters (${problems.count.toLocaleString('en')} in all)`,
        ),
        problems.list.length === 0
          ? h('p', { class: 'none' }, 'None so far.')
          : h(ProblemList, {
              list: problems.list.slice(0, 30),
              isPlumber: graph?.isPlumber ?? false,
              onOpen,
            }),
      ),
    ),
    graph !== undefined &&
      open >= 0 &&
      h(DetailPanel, {
        ...{ graph, frame, onOpen, onClose: props.onClose, onPause: props.onPause },
        key: open,
        detail: state.detail?.node === open ? state.detail : undefined,
        problems: problems.list,
        node: open,
        pipeline: selected.pipeline,
      }),
  );
}

const CONNECTIONS = {
  connecting: 'Connecting …',
  live: 'Live',
  lost: 'Connection lost. Trying again …',
} as const;

function Header({ state, onPipeline }: AppProps): ComponentChild {
  const { connection, frame, graph, selected } = state;
  return h(
    'header',
    null,
    h('h1', null, 'Sluice viewer'),
    h('span', { class: `connection ${connection}`, role: 'status' }, CONNECTIONS[connection]),
    graph?.isPlumber && h(Choice, { frame, pipeline: selected.pipeline, onPipeline }),
    frame !== undefined && h('span', { class: 'pipelines' }, pipelinesText(frame, graph)),
  );
}

function pipelinesText({ pipelines, of, asked }: Frame, graph: Graph | undefined): string {
  const { running, ended, failed } = pipelines;
  if (graph?.isPlumber !== true) return of === 'all' ? '' : `Pipeline ${of.state}`;
  const text = `${running} running, ${ended} ended, ${failed} of them failed`;
  return of === 'all' && asked < running ? `${text}; states of the ${asked} oldest` : text;
}

function Choice({
  frame,
  pipeline,
  onPipeline,
}: {
  readonly frame: Frame | undefined;
  readonly pipeline: number | undefined;
  readonly onPipeline: (pipeline: number | undefined) => void;
}): ComponentChild {
  const choices = frame?.choices ?? [];
  const isListed = pipeline === undefined || choices.some(({ id }) => id === pipeline);
  const state = frame === undefined || frame.of === 'all' ? '' : `, ${frame.of.state}`;
  return h(
    'label',
    null,
    'Show ',
    h(
      'select',
      {
        value: pipeline === undefined ? '' : String(pipeline),
        onChange: (event: Event) => {
          const { value } = event.currentTarget as HTMLSelectElement;
          onPipeline(value === '' ? undefined : Number(value));
        },
      },
      h('option', { value: '' }, 'all pipelines'),
      !isListed && h('option', { value: String(pipeline) }, `pipeline ${pipeline}${state}`),
      choices.map(({ id, startedAtMs }) =>
        h('option', { key: id, value: String(id) }, `pipeline ${id}, since ${time(startedAtMs)}`),
      ),
    ),
  );
}

function Alerts({
  graph,
  frame,
  onOpen,
}: Pick<AppProps, 'onOpen'> & {
  readonly graph: Graph | undefined;
  readonly frame: Frame | undefined;
}): ComponentChild {
  const { bottleneck = null, stall = null } = frame ?? {};
  const isNode = graph?.nodes.some(({ name }) => name === bottleneck?.node) ?? false;
  const name = bottleneck?.node ?? '';
  return h(
    'div',
    { class: 'alerts' },
    stall !== null &&
      h(
        'p',
        { class: 'alert stall', role: 'alert' },
        h('strong', null, `Stalled at ${time(stall.atMs)}`),
        graph?.isPlumber ? `, pipeline ${stall.pipeline}` : '',
        `: ${stall.text}`,
      ),
    (bottleneck !== null || stall === null) &&
      h(
        'p',
        { class: bottleneck === null ? 'alert calm' : 'alert bottleneck', 'data-part': 'bottleneck' },
        bottleneck === null
          ? 'No bottleneck: no queue is full.'
          : [
              h('strong', { key: 'what' }, 'Bottleneck: '),
              isNode
                ? h(
                    'button',
                    { key: 'who', type: 'button', class: 'link', onClick: () => onOpen(name) },
                    name,
                  )
                : name,
              bottleneck.pipelines > 1 ? ` in ${bottleneck.pipelines} pipelines` : '',
              `, ${bottleneck.why}`,
            ],
      ),
  );
}
