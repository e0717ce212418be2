import type { EdgeCounters, NodeCounters } from '../pipeline/summary.ts';
import type { Timing } from './timings.ts';

/** What was measured of a pipeline, or of all pipelines of a Plumber, added up. Plain JSON; what has a unit names it. */
export interface MetricsSnapshot {
  /** When it was taken, in ms since 1970. */
  readonly timestampMs: number;
  /**
   * Whether call times are `'exact'`, or those of some calls, which stand for the others: then `busyMs` is an estimate, and far
   * off where of many calls that return no promise a few take nearly all the time.
   */
  readonly callTimes: 'sampled' | 'exact';
  /** Since measuring began, as are all counters. */
  readonly elapsedMs: number;
  /** Over how long the rates are taken: since one of the snapshots before, some 10 s ago if there was one. */
  readonly ratesOverMs: number;
  readonly pipelines: PipelineMetrics;
  readonly calls: CallMetrics;
  /** By name, in topological order. */
  readonly nodes: Readonly<Record<string, NodeMetrics>>;
  readonly edges: readonly EdgeMetrics[];
}

/** How many pipelines there are. */
export interface PipelineMetrics {
  /** Not over. One that is never stopped is kept, and counted here, until nothing measures it any more. */
  readonly running: number;
  readonly ended: number;
  /** Those of them that failed, or were aborted. */
  readonly failed: number;
}

/** The `call`s of inlets. */
export interface CallMetrics {
  readonly running: number;
  readonly answered: number;
  /** Rejected, or aborted. */
  readonly failed: number;
  /** That answered calls took, added up. */
  readonly timeMs: number;
  /** From the call to its answer, of those that were answered. */
  readonly time: Timing;
}

/** One node: its counters, and what is measured beside them. */
export interface NodeMetrics extends Omit<NodeCounters, 'elapsed'> {
  readonly receivedPerSecond: number;
  readonly sentPerSecond: number;
  readonly failedPerSecond: number;
  /**
   * That calls of its function took, added up: with retries, and with the wait for a `pool`. Of what is unrolled, an item
   * counts as a call.
   */
  readonly busyMs: number;
  /** That it waited for room in a successor's queue, or for a reader. */
  readonly blockedMs: number;
  /** How long a call took. */
  readonly callTime: Timing;
}

/** One edge: its counters, and what is measured beside them. Its `highWater` is the highest of all pipelines. */
export interface EdgeMetrics extends EdgeCounters {
  /** What the queue of one pipeline holds; `'unbounded'` where that is without end. */
  readonly queueSize: number | 'unbounded';
  readonly takenPerSecond: number;
  /**
   * From when a message was sent to when it was taken from the queue, to a few ms; those that were taken at once are not among
   * them.
   */
  readonly waitTime: Timing;
}
