import type { AnyFunction, OnError } from './definition.ts';

/** What a node is, seen from where its work comes from. */
export type NodeKind = 'inlet' | 'source' | 'transform';

/** How a node takes from its input queues. */
export type FanIn = 'single' | 'join' | 'partial-join' | 'merge';

/** One node of a checked graph; every option has its value. */
export interface NodePlan {
  readonly name: string;
  /** Its place in topological order. */
  readonly index: number;
  readonly kind: NodeKind;
  readonly fanIn: FanIn;
  readonly run: AnyFunction | undefined;
  readonly setup: AnyFunction | undefined;
  readonly teardown: AnyFunction | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  /** Whether what `run` returns is unrolled. */
  readonly many: boolean;
  readonly concurrency: number;
  readonly order: 'input' | 'completion';
  readonly onError: OnError;
  /** Of the queues of a sink's readers. */
  readonly queueSize: number;
  /** In the order of `graph`'s keys. */
  readonly inputs: readonly EdgePlan[];
  readonly outputs: readonly EdgePlan[];
  /** Whether it numbers the rows of what it sends itself, instead of keeping its input's rows. */
  readonly startsLane: boolean;
}

/** One queue of a checked graph. */
export interface EdgePlan {
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  /** Whether a join further down needs to know of the holes in its rows. */
  readonly carriesHoles: boolean;
}

/** A checked graph, in topological order. Immutable: any number of pipelines runs from it. */
export interface GraphPlan {
  readonly nodes: readonly NodePlan[];
  readonly edges: readonly EdgePlan[];
  readonly inlets: readonly NodePlan[];
  readonly sinkNames: readonly string[];
  /** Where in `nodes` a name stands. */
  readonly places: ReadonlyMap<string, number>;
  /** Whether any node has a `setup` or `teardown`. */
  readonly hasLife: boolean;
}
