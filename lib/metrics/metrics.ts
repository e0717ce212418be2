import { bounded } from '../graph/describe.ts';
import type { NodePlan } from '../graph/plan.ts';
import type { Target } from '../pipeline/observing.ts';
import { elapsed as now } from '../support/clock.ts';
import { Meters } from './meters.ts';
import type { NodeMeter } from './node-meter.ts';
import { type Look, perSecond, Rates } from './rates.ts';
import type { Exactness, Sampling } from './sampling.ts';
import type { EdgeMetrics, MetricsSnapshot, NodeMetrics } from './snapshot.ts';
import type { EdgeSum, NodeSum, Sum } from './totals.ts';

/** What is measured of a pipeline, or of all pipelines of a Plumber. Made by `measure`. */
export interface Metrics extends Disposable {
  /**
   * All of it as of now, as plain JSON; after {@link stop}, as of then. Takes some microseconds for each node, and for each
   * pipeline that runs.
   */
  snapshot(): MetricsSnapshot;
  /** Measures nothing more. */
  stop(): void;
}

export class Measuring implements Metrics {
  readonly #target: Target;
  readonly #meters: Meters;
  readonly #began: number = now();
  readonly #rates: Rates;
  readonly #exactness: Exactness;
  /** What was last told of each node. */
  readonly #blocked: number[] = [];
  /** Once it has stopped. */
  #last: MetricsSnapshot | undefined;

  constructor(target: Target, exactness: Exactness) {
    this.#target = target;
    this.#exactness = exactness;
    this.#meters = new Meters(target.plan, exactness);
    target.observe(this.#meters);
    this.#rates = new Rates({ at: this.#began, sum: this.#meters.sum() });
  }

  snapshot(): MetricsSnapshot {
    return this.#last ?? this.#look();
  }

  #look(): MetricsSnapshot {
    const { running, ended, failed, callsRunning, callsAnswered, callsFailed, callTimes } = this.#meters;
    const look = { at: now(), sum: this.#meters.sum() };
    const before = this.#rates.before(look);
    return {
      timestampMs: Date.now(),
      callTimes: this.#exactness,
      elapsedMs: look.at - this.#began,
      ratesOverMs: look.at - before.at,
      pipelines: { running, ended, failed },
      calls: {
        running: callsRunning,
        answered: callsAnswered,
        failed: callsFailed,
        timeMs: callTimes.timings.total,
        time: callTimes.timings.read(),
      },
      nodes: Object.fromEntries(
        this.#target.plan.nodes.map((node) => [node.name, this.#node(node, look, before)]),
      ),
      edges: this.#edges(look, before),
    };
  }

  stop(): void {
    this.#last ??= this.#look();
    this.#target.unobserve(this.#meters);
    this.#meters.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  #node({ index }: NodePlan, look: Look, before: Look): NodeMetrics {
    const of = ({ nodes }: Sum): NodeSum => nodes[index] as NodeSum;
    const rate = (key: 'received' | 'sent' | 'failed'): number =>
      perSecond(look, before, (sum) => of(sum)[key]);
    const meter = this.#meters.nodes[index] as NodeMeter;
    return {
      ...of(look.sum),
      receivedPerSecond: rate('received'),
      sentPerSecond: rate('sent'),
      failedPerSecond: rate('failed'),
      busyMs: meter.calls.timings.total,
      blockedMs: this.#blockedMs(index),
      callTime: meter.calls.timings.read(),
    };
  }

  /** Never less than before, whatever became of a wait that had not ended then. */
  #blockedMs(node: number): number {
    const ms = Math.max(this.#meters.blockedMs(node), this.#blocked[node] ?? 0);
    this.#blocked[node] = ms;
    return ms;
  }

  /** In the order in which a summary lists them: by the node they lead to. */
  #edges(look: Look, before: Look): EdgeMetrics[] {
    const { nodes } = this.#target.plan;
    const plans = nodes.flatMap(({ inputs }) => inputs);
    return plans.map(({ index, from, to, capacity }, place) => {
      const of = ({ edges }: Sum): EdgeSum => edges[place] as EdgeSum;
      return {
        from: (nodes[from] as NodePlan).name,
        to: (nodes[to] as NodePlan).name,
        ...of(look.sum),
        queueSize: bounded(capacity),
        takenPerSecond: perSecond(look, before, (sum) => of(sum).taken),
        waitTime: (this.#meters.waits[index] as Sampling).timings.read(),
      };
    });
  }
}
