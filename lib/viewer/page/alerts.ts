import { type ComponentChild, h } from '../../support/page/preact.ts';
import type { BottleneckFrame, Frame, Gone, Graph, One } from '../protocol.ts';
import { time } from './format.ts';

interface AlertsProps {
  readonly graph: Graph;
  readonly frame: Frame;
  readonly onOpen: (node: string) => void;
  readonly onPipeline: (pipeline: number | undefined) => void;
}

/** What has to be known first: a stall, that it is over and how, or where it is held up. */
export function Alerts({ graph, frame, onOpen, onPipeline }: AlertsProps): ComponentChild {
  const { bottleneck, stall, of, asked } = frame;
  const over = of !== 'all' && of.state !== 'running' ? of : undefined;
  return h(
    'div',
    { class: 'alerts' },
    stall !== null &&
      h(
        'p',
        { class: 'alert stall', role: 'alert' },
        h('strong', null, `Stalled at ${time(stall.atMs)}`),
        graph.isPlumber ? `, pipeline ${stall.pipeline}` : '',
        `: ${stall.text}`,
      ),
    over !== undefined &&
      h(Over, { one: over, isPlumber: graph.isPlumber, isTold: stall !== null, onPipeline }),
    over === undefined && asked === 0 && h('p', { class: 'alert over' }, 'No pipeline runs.'),
    over === undefined && asked > 0 && h(Bottleneck, { graph, bottleneck, onOpen }),
  );
}

interface OverProps extends Pick<AlertsProps, 'onPipeline'> {
  readonly one: One;
  readonly isPlumber: boolean;
  /** Whether what it failed with is said already. */
  readonly isTold: boolean;
}

function Over({ one, isPlumber, isTold, onPipeline }: OverProps): ComponentChild {
  const { id, state, error } = one;
  const isFailure = state === 'failed' && !isTold;
  return h(
    'p',
    {
      class: isFailure && !isPlumber ? 'alert' : 'alert over',
      role: isFailure && !isPlumber ? 'alert' : 'status',
      'data-part': 'over',
    },
    isFailure && [h('strong', { key: 'what' }, 'Failed: '), `${error}. `],
    `${isPlumber ? `Pipeline ${id}` : 'The pipeline'} is over${isFailure ? '' : `: it ${endText(state)}`}. `,
    'This is its last state. ',
    isPlumber &&
      h(
        'button',
        { type: 'button', class: 'link', onClick: () => onPipeline(undefined) },
        'Show all pipelines',
      ),
  );
}

function Bottleneck({
  graph,
  bottleneck,
  onOpen,
}: Pick<AlertsProps, 'graph' | 'onOpen'> & { readonly bottleneck: BottleneckFrame | null }): ComponentChild {
  if (bottleneck === null) {
    const text = 'No bottleneck: no queue is full.';
    return h('p', { class: 'alert calm', 'data-part': 'bottleneck' }, text);
  }
  const { node, pipelines, why } = bottleneck;
  const isNode = graph.nodes.some(({ name }) => name === node);
  return h(
    'p',
    { class: 'alert bottleneck', 'data-part': 'bottleneck' },
    h('strong', null, 'Bottleneck: '),
    isNode ? h('button', { type: 'button', class: 'link', onClick: () => onOpen(node) }, node) : node,
    pipelines > 1 ? ` in ${pipelines} pipelines` : '',
    `, ${why}`,
  );
}

function endText(state: One['state']): string {
  return state === 'aborted' ? 'was aborted' : state === 'failed' ? 'failed' : 'ended in good order';
}

/** What is said where the address names something that is not there. */
export function goneText({ node, pipeline }: Gone): string {
  const texts: string[] = [];
  if (node !== null) texts.push(`The graph has no node ${JSON.stringify(node.slice(0, 100))}.`);
  if (pipeline !== null) texts.push(pipelineText(pipeline));
  return texts.join(' ');
}

function pipelineText({ asked, one }: NonNullable<Gone['pipeline']>): string {
  if (one === null) return `There is no pipeline ${asked}, or not any more. All that run are shown.`;
  const { id, state, error } = one;
  const why = state === 'failed' ? `: ${error}` : '';
  return `Pipeline ${id} is over: it ${endText(state)}${why}. All that run are shown.`;
}
