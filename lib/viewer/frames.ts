import type { StallError } from '../error/stall-error.ts';
import type { Explanation, NodeActivity } from '../pipeline/explain.ts';
import type { EdgeCounters, NodeCounters } from '../pipeline/summary.ts';
import type { GraphIndex } from './graph.ts';
import type { BottleneckFrame, EdgeFrame, Frame, NodeFrame, StallFrame, State } from './protocol.ts';

/** The counters of one pipeline, or of all together. */
export interface Counted {
  readonly nodes: Readonly<Record<string, Omit<NodeCounters, 'elapsed'>>>;
  readonly edges: readonly Pick<EdgeCounters, 'from' | 'to' | 'taken' | 'queued'>[];
}

/** One pipeline at one moment. */
export interface Asked {
  readonly explanation: Pick<Explanation, 'nodes' | 'bottleneck'>;
  /** The sources and inlets that are paused. */
  readonly paused: ReadonlySet<string>;
}

export interface Stalled {
  readonly atMs: number;
  readonly pipeline: number;
  readonly error: StallError;
}

/** How fast counters grow: of nodes, and of edges, by their places. */
export interface Speeds {
  readonly received: readonly number[];
  readonly failed: readonly number[];
  readonly taken: readonly number[];
}

/** The quantiles of a node's calls. */
export interface Quantiles {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** All that a frame is made of. */
export interface Moment extends Pick<Frame, 'atMs' | 'pipelines' | 'of' | 'choices' | 'calls'> {
  readonly counted: Counted;
  readonly speeds: Speeds;
  readonly quantiles: readonly Quantiles[];
  readonly asked: readonly Asked[];
  readonly stall: Stalled | undefined;
}

/** What pages are told of one moment. */
export function frameOf(graph: GraphIndex, moment: Moment): Frame {
  const { atMs, pipelines, of, calls, choices, asked, stall } = moment;
  return {
    ...{ atMs, pipelines, of, calls, choices, asked: asked.length },
    nodes: nodeFrames(graph, moment),
    edges: edgeFrames(graph, moment),
    bottleneck: bottleneckOf(asked),
    stall: stall === undefined ? null : stallFrame(graph, stall),
  };
}

function nodeFrames(graph: GraphIndex, { counted, speeds, quantiles, asked }: Moment): NodeFrame[] {
  return graph.told.nodes.map(({ name }, place) => {
    const counters = counted.nodes[name];
    const { p50Ms = null, p99Ms = null } = quantiles[place] ?? {};
    return {
      states: statesOf(name, asked),
      received: counters?.received ?? 0,
      sent: counters?.sent ?? 0,
      failed: (counters?.failed ?? 0) + (counters?.deadLettered ?? 0),
      inFlight: counters?.inFlight ?? 0,
      perSecond: speeds.received[place] ?? 0,
      failedPerSecond: speeds.failed[place] ?? 0,
      p50Ms,
      p99Ms,
    };
  });
}

function statesOf(name: string, asked: readonly Asked[]): NodeFrame['states'] {
  const states: Partial<Record<State, number>> = {};
  for (const { explanation, paused } of asked) {
    const activity = explanation.nodes[name];
    if (activity === undefined) continue;
    const state = paused.has(name) ? 'paused' : stateOf(activity);
    states[state] = (states[state] ?? 0) + 1;
  }
  return states;
}

function stateOf({ state, waits }: NodeActivity): State {
  if (state !== 'waiting') return state;
  return waits.some((wait) => wait.for === 'room' || wait.for === 'loop') ? 'blocked' : 'idle';
}

function edgeFrames(graph: GraphIndex, { counted, speeds, asked, pipelines, of }: Moment): EdgeFrame[] {
  const queued = new Array<number>(graph.told.edges.length).fill(0);
  for (const edge of counted.edges) {
    const place = graph.edge(edge.from, edge.to);
    if (place !== undefined) queued[place] = edge.queued;
  }
  const waits = waitsOf(graph, asked);
  const running = of === 'all' ? Math.max(1, pipelines.running) : 1;
  return graph.told.edges.map(({ queueSize }, place) => ({
    queued: queued[place] ?? 0,
    capacity: queueSize === null ? null : queueSize * running,
    perSecond: speeds.taken[place] ?? 0,
    wait: waits.get(place) ?? null,
  }));
}

function waitsOf(graph: GraphIndex, asked: readonly Asked[]): Map<number, EdgeFrame['wait']> {
  const waits = new Map<number, EdgeFrame['wait']>();
  for (const { explanation } of asked) {
    for (const { waits: all } of Object.values(explanation.nodes)) {
      for (const wait of all) {
        const place = graph.edge(wait.from, wait.to);
        // Who waits for room is held up; who waits for input may only be ahead.
        if (place !== undefined && waits.get(place) !== 'room') waits.set(place, wait.for);
      }
    }
  }
  return waits;
}

/** The one that most pipelines have, with the reason of the oldest of them. */
function bottleneckOf(asked: readonly Asked[]): BottleneckFrame | null {
  const found = new Map<string, { why: string; pipelines: number }>();
  for (const { explanation } of asked) {
    const { bottleneck } = explanation;
    if (bottleneck === undefined) continue;
    const one = found.get(bottleneck.node) ?? { why: bottleneck.why, pipelines: 0 };
    one.pipelines++;
    found.set(bottleneck.node, one);
  }
  const [most] = [...found].sort(([, one], [, other]) => other.pipelines - one.pipelines);
  return most === undefined ? null : { node: most[0], ...most[1] };
}

function stallFrame(graph: GraphIndex, { atMs, pipeline, error }: Stalled): StallFrame {
  const places = (all: readonly (number | undefined)[]): number[] => [
    ...new Set(all.filter((place) => place !== undefined)),
  ];
  return {
    ...{ atMs, pipeline, text: error.message },
    nodes: places(error.cycle.map(({ node }) => graph.node(node))),
    edges: places(error.cycle.map(({ from, to }) => graph.edge(from, to))),
  };
}
