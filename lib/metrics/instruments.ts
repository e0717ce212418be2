import type { EdgeMetrics, MetricsSnapshot, NodeMetrics } from './snapshot.ts';
import type { Timing } from './timings.ts';

/** What a value is of: a node, an edge, a quantile. */
export type Labels = Readonly<Record<string, string>>;

/** One value of an instrument. */
interface Reading {
  readonly labels: Labels;
  readonly value: number;
}

/** One thing that is measured, as exporters know it. */
export interface Instrument {
  /** In words with dots between them. */
  readonly name: string;
  readonly help: string;
  /** A counter only goes up. */
  readonly kind: 'counter' | 'gauge';
  /** Of a duration: seconds, which both Prometheus and OpenTelemetry count in. */
  readonly unit: 's' | '{pipeline}' | '{call}' | '{message}';
  /** The names of its labels. */
  readonly labels: readonly string[];
  read(snapshot: MetricsSnapshot): Iterable<Reading>;
}

const NODE = ['node'];
const EDGE = ['from', 'to'];

const QUANTILES: readonly (readonly [label: string, key: 'p50Ms' | 'p90Ms' | 'p99Ms'])[] = [
  ['0.5', 'p50Ms'],
  ['0.9', 'p90Ms'],
  ['0.99', 'p99Ms'],
];

/** Nothing that was timed has no quantiles. */
function* quantilesOf(timing: Timing, labels: Labels): Iterable<Reading> {
  if (timing.count === 0) return;
  for (const [quantile, key] of QUANTILES)
    yield { labels: { ...labels, quantile }, value: timing[key] / 1000 };
}

type Kind = Instrument['kind'];
type Rest = Pick<Instrument, 'kind' | 'unit'>;

const SECONDS: Rest = { kind: 'counter', unit: 's' };
const count = (kind: Kind): Rest => ({ kind, unit: '{message}' });

function ofWhole(
  name: string,
  help: string,
  rest: Rest,
  value: (snapshot: MetricsSnapshot) => number,
): Instrument {
  return { name, help, ...rest, labels: [], read: (snapshot) => [{ labels: {}, value: value(snapshot) }] };
}

function ofNodes(name: string, help: string, rest: Rest, value: (node: NodeMetrics) => number): Instrument {
  return {
    ...{ name: `node.${name}`, help, ...rest, labels: NODE },
    read: ({ nodes }) =>
      Object.entries(nodes).map(([node, found]) => ({ labels: { node }, value: value(found) })),
  };
}

function ofEdges(
  name: string,
  help: string,
  rest: Rest,
  value: (edge: EdgeMetrics) => number | 'unbounded',
): Instrument {
  return {
    ...{ name: `edge.${name}`, help, ...rest, labels: EDGE },
    *read({ edges }) {
      for (const edge of edges) {
        const found = value(edge);
        if (found !== 'unbounded') yield { labels: { from: edge.from, to: edge.to }, value: found };
      }
    },
  };
}

function quantiles(
  name: string,
  help: string,
  labels: readonly string[],
  read: (snapshot: MetricsSnapshot) => Iterable<Reading>,
): Instrument {
  return { name, help, kind: 'gauge', unit: 's', labels: [...labels, 'quantile'], read };
}

/** All that exporters tell. */
export const INSTRUMENTS: readonly Instrument[] = [
  ofWhole(
    'pipelines.running',
    'Pipelines that are not over.',
    { kind: 'gauge', unit: '{pipeline}' },
    ({ pipelines }) => pipelines.running,
  ),
  ofWhole(
    'pipelines.ended',
    'Pipelines that are over.',
    { kind: 'counter', unit: '{pipeline}' },
    ({ pipelines }) => pipelines.ended,
  ),
  ofWhole(
    'pipelines.failed',
    'Pipelines that failed or were aborted.',
    { kind: 'counter', unit: '{pipeline}' },
    ({ pipelines }) => pipelines.failed,
  ),
  ofWhole(
    'calls.running',
    'Calls of inlets that are not settled.',
    { kind: 'gauge', unit: '{call}' },
    ({ calls }) => calls.running,
  ),
  ofWhole(
    'calls.answered',
    'Calls of inlets that were answered.',
    { kind: 'counter', unit: '{call}' },
    ({ calls }) => calls.answered,
  ),
  ofWhole(
    'calls.failed',
    'Calls of inlets that failed or were aborted.',
    { kind: 'counter', unit: '{call}' },
    ({ calls }) => calls.failed,
  ),
  ofWhole(
    'calls.time',
    'Time that answered calls took, added up.',
    SECONDS,
    ({ calls }) => calls.timeMs / 1000,
  ),
  quantiles(
    'calls.duration',
    'From a call of an inlet to its answer, in the last one to two minutes.',
    [],
    ({ calls }) => quantilesOf(calls.time, {}),
  ),
  ofNodes('received', 'Messages taken.', count('counter'), ({ received }) => received),
  ofNodes('processed', 'Calls that gave a value.', count('counter'), ({ processed }) => processed),
  ofNodes('sent', 'Messages sent.', count('counter'), ({ sent }) => sent),
  ofNodes(
    'skipped',
    'Messages that gave nothing, and rows of a join that a branch had no value for.',
    count('counter'),
    ({ skipped }) => skipped,
  ),
  ofNodes('failed', 'Calls that failed.', count('counter'), ({ failed }) => failed),
  ofNodes(
    'dead_lettered',
    'Calls whose message became a dead letter.',
    count('counter'),
    ({ deadLettered }) => deadLettered,
  ),
  ofNodes('retried', 'Attempts after the first.', count('counter'), ({ retried }) => retried),
  ofNodes('discarded', 'Messages let go before their call.', count('counter'), ({ discarded }) => discarded),
  ofNodes('dropped', 'Values that an inlet shed.', count('counter'), ({ dropped }) => dropped),
  ofNodes('unread', 'Values of a sink that nobody read.', count('counter'), ({ unread }) => unread),
  ofNodes('in_flight', 'Messages in the hands of a node.', count('gauge'), ({ inFlight }) => inFlight),
  ofNodes('waiting', 'Values that wait at an inlet.', count('gauge'), ({ waiting }) => waiting),
  ofNodes(
    'busy',
    'Time that calls of its function took, added up; estimated unless measured exactly.',
    SECONDS,
    ({ busyMs }) => busyMs / 1000,
  ),
  ofNodes('blocked', 'Time that a node waited for room.', SECONDS, ({ blockedMs }) => blockedMs / 1000),
  quantiles(
    'node.call_duration',
    'How long calls of its function took, in the last one to two minutes.',
    NODE,
    function* ({ nodes }) {
      for (const [node, { callTime }] of Object.entries(nodes)) yield* quantilesOf(callTime, { node });
    },
  ),
  ofEdges('accepted', 'Messages put into a queue.', count('counter'), ({ accepted }) => accepted),
  ofEdges('taken', 'Messages taken from a queue.', count('counter'), ({ taken }) => taken),
  ofEdges('dropped', 'Messages dropped for want of room.', count('counter'), ({ dropped }) => dropped),
  ofEdges(
    'unpaired',
    'Messages left when the other branches of a join had ended.',
    count('counter'),
    ({ unpaired }) => unpaired,
  ),
  ofEdges(
    'discarded',
    'Messages let go since nobody waited for them any more.',
    count('counter'),
    ({ discarded }) => discarded,
  ),
  ofEdges('passed_by', 'Messages that did not take this edge.', count('counter'), ({ passedBy }) => passedBy),
  ofEdges('queued', 'Messages in a queue.', count('gauge'), ({ queued }) => queued),
  ofEdges('high_water', 'The most that were queued at once.', count('gauge'), ({ highWater }) => highWater),
  ofEdges('capacity', 'What a queue can hold.', count('gauge'), ({ queueSize }) => queueSize),
  quantiles(
    'edge.wait_duration',
    'How long messages stood in a queue, in the last one to two minutes.',
    EDGE,
    function* ({ edges }) {
      for (const { from, to, waitTime } of edges) yield* quantilesOf(waitTime, { from, to });
    },
  ),
];
