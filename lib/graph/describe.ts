import type { BatchPlan } from './batch.ts';
import type { Batch } from './batch-types.ts';
import { maxMessages } from './bound.ts';
import { laneNames } from './lanes.ts';
import { withoutFeedback } from './loops.ts';
import type { FanIn, GraphPlan, NodeKind } from './plan.ts';

/** What a Plumber says of its graph before anything runs. Plain JSON. */
export interface Description {
  /** Node names in topological order, which is the order in which `setup`s run. */
  readonly order: readonly string[];
  readonly nodes: readonly NodeDescription[];
  /** For each node, the node that numbers the rows of what it sends. Only rows of one lane can be joined. */
  readonly lanes: Readonly<Record<string, string>>;
  /**
   * The greatest number of messages that can be in memory at once: in queues, and in the hands of nodes. What callers
   * hold outside (an un-awaited `push`, a call's outputs) is not in it, nor are the queues of a sink's readers.
   * `'unbounded'`, if a feedback edge has a `queueSize` of `Infinity`.
   */
  readonly maxMessages: number | 'unbounded';
}

/** One node of a {@link Description}. */
export interface NodeDescription {
  readonly name: string;
  readonly kind: NodeKind;
  readonly fanIn: FanIn;
  readonly concurrency: number;
  /** Present if it gathers its inputs. */
  readonly batch?: Batch;
  readonly outputs: readonly EdgeDescription[];
}

/** One edge of a {@link NodeDescription}. */
export interface EdgeDescription {
  readonly to: string;
  readonly queueSize: number | 'unbounded';
  /** Present if it leads back. */
  readonly feedback?: true;
}

export function describe(plan: GraphPlan): Description {
  const names = plan.nodes.map(({ name }) => name);
  const lanes = laneNames(
    withoutFeedback(plan.nodes),
    plan.nodes.map(({ index }) => index),
  );
  return {
    order: names,
    nodes: plan.nodes.map(({ name, kind, fanIn, concurrency, batch, outputs }) => ({
      ...{ name, kind, fanIn, concurrency },
      ...(batch !== undefined && { batch: plainBatch(batch) }),
      outputs: outputs.map(({ to, capacity, feedback }) => ({
        ...{ to: names[to] as string, queueSize: bounded(capacity) },
        ...(feedback && { feedback }),
      })),
    })),
    lanes: Object.fromEntries(names.map((name, index) => [name, names[lanes[index] as number] as string])),
    maxMessages: bounded(maxMessages(plan)),
  };
}

/** Without what was not said. */
function plainBatch({ size, within, scatter }: BatchPlan): Batch {
  return { size, scatter, ...(within !== undefined && { within }) };
}

/** Infinity has no JSON. */
export function bounded(count: number): number | 'unbounded' {
  return count === Number.POSITIVE_INFINITY ? 'unbounded' : count;
}
