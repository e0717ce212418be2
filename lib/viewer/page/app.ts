import { type ComponentChild, h } from '../../support/page/preact.ts';
import type { Frame, Graph, PauseRequest } from '../protocol.ts';
import { Alerts } from './alerts.ts';
import { DetailPanel } from './detail-panel.ts';
import { count, duration, messages, time } from './format.ts';
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
      state.fault !== '' && h('p', { class: 'alert', role: 'alert' }, state.fault),
      state.notice !== '' && h('p', { class: 'alert over', role: 'status' }, state.notice),
      graph !== undefined &&
        frame !== undefined &&
        h(Alerts, { graph, frame, onOpen, onPipeline: props.onPipeline }),
      graph !== undefined && h(GraphView, { graph, layout, frame, open: selected.node, onOpen }),
      graph !== undefined && h(NodesTable, { graph, frame, open: selected.node, onOpen }),
      h(
        'section',
        { 'aria-labelledby': 'problems-title' },
        h(
          'h2',
          { id: 'problems-title' },
          `Last errors and dead letters (${sinceText(problems.count, graph)})`,
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
  refused: 'Not let in. Trying again now and then …',
} as const;

/** The pipeline may have counted more than the viewer has seen. */
function sinceText(problems: number, graph: Graph | undefined): string {
  const before = graph?.before ?? null;
  if (before === null) return `${count(problems)} in all`;
  const since = `since ${time(before.untilMs)}, when this viewer began to look`;
  return `${count(problems)} ${since}; ${messages(before.failed)} failed before`;
}

function Header({ state, onPipeline }: AppProps): ComponentChild {
  const { connection, frame, graph, selected } = state;
  return h(
    'header',
    null,
    h('h1', null, 'Sluice viewer'),
    h('span', { class: `connection ${connection}`, role: 'status' }, CONNECTIONS[connection]),
    graph?.isPlumber && h(Choice, { frame, pipeline: selected.pipeline, onPipeline }),
    frame !== undefined && h('span', { class: 'pipelines' }, pipelinesText(frame, graph)),
    frame !== undefined && hasCalls(frame, graph) && h('span', { class: 'calls' }, callsText(frame)),
  );
}

function hasCalls({ calls }: Frame, graph: Graph | undefined): boolean {
  const made = calls.running + calls.answered + calls.failed;
  return made > 0 || (graph?.nodes.some(({ kind }) => kind === 'inlet') ?? false);
}

/** Of all pipelines, whichever of them is shown. */
function callsText({ calls: { answered, failed, p50Ms, p99Ms } }: Frame): string {
  const text = `Calls: ${count(answered)} answered, ${count(failed)} failed`;
  return p50Ms === null ? text : `${text}, p50 ${duration(p50Ms)}, p99 ${duration(p99Ms)}`;
}

function pipelinesText({ pipelines, of, asked }: Frame, graph: Graph | undefined): string {
  const { running, ended, failed } = pipelines;
  if (graph?.isPlumber !== true) return of === 'all' ? '' : `Pipeline ${of.state}`;
  const over = `${count(ended)} over (${count(failed)} failed or aborted)`;
  const text = `Pipelines: ${count(running)} running, ${over}`;
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
