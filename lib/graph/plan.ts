import type { StandardSchema } from '../support/standard-schema.ts';
import type { BatchPlan } from './batch.ts';
import type { AnyFunction, FanOut, OnErrorAction, OnErrorFunction, Overflow } from './definition.ts';
import type { PoolPlan } from './pools.ts';
import type { RetryPlan } from './retry.ts';
import type { WorkerPlan } from './workers.ts';

/** What a node is, seen from where its work comes from. */
export type NodeKind = 'inlet' | 'source' | 'transform';

/** How a node takes from its input queues. */
export type FanIn = 'single' | 'join' | 'partial-join' | 'merge';

/** Whether what the node works on is a row of its branches. */
export function isJoin(fanIn: FanIn): boolean {
  return fanIn === 'join' || fanIn === 'partial-join';
}

/** One node of a checked graph; every option has its value. */
export interface NodePlan {
  /** Of a node in a subgraph, behind the subgraph's name and a dot. */
  readonly name: string;
  /** What it is called by those it sends to: of a subgraph's sink, the subgraph's name; else its name in its own graph. */
  readonly knownAs: string;
  /** Its place in topological order. */
  readonly index: number;
  readonly kind: NodeKind;
  readonly fanIn: FanIn;
  /** A source's or transform's; a transform without one is a subgraph's inlet, which sends on what it gets. */
  readonly run: AnyFunction | undefined;
  readonly setup: AnyFunction | undefined;
  readonly teardown: AnyFunction | undefined;
  readonly args: Readonly<Record<string, unknown>>;
  /** Whether what `run` returns is unrolled. */
  readonly many: boolean;
  readonly concurrency: number;
  readonly keyBy: AnyFunction | undefined;
  readonly order: 'input' | 'completion';
  /** Of an inlet that validates: what it does as part of a subgraph. Alone, it tells whoever hands in what does not fit. */
  readonly onError: OnErrorAction | OnErrorFunction;
  /** Whether a message it fails on may become a dead letter. */
  readonly canDeadLetter: boolean;
  /** To the dead-letter node, if there is one. */
  readonly deadLetterTo: EdgePlan | undefined;
  readonly retry: RetryPlan | undefined;
  readonly batch: BatchPlan | undefined;
  readonly pool: PoolPlan | undefined;
  /** Where its function runs, if not in this thread. */
  readonly worker: WorkerPlan | undefined;
  /** In ms. */
  readonly timeout: number | undefined;
  /** Validates what the function is given; of an inlet, what is handed in. */
  readonly input: StandardSchema | undefined;
  /** Validates what the function gives. */
  readonly output: StandardSchema | undefined;
  /** Of the input queues, unless their edge says otherwise; of the window in which `keyBy` looks; of an inlet that sheds load. */
  readonly queueSize: number;
  /** Of the queues of a sink's readers: of a subgraph's sink, as the subgraph says. */
  readonly readerQueueSize: number;
  /** Of the input queues, unless their edge says otherwise; of an inlet, whether it sheds load. */
  readonly overflow: Overflow;
  readonly fanOut: FanOut;
  /** In the order of `graph`'s keys. */
  readonly inputs: readonly EdgePlan[];
  /** The keys of a join's rows, in the order of `inputs`. */
  readonly keys: readonly string[];
  readonly outputs: readonly EdgePlan[];
  /** Whether it numbers the rows of what it sends itself, instead of keeping its input's rows. */
  readonly startsLane: boolean;
  /** Of an inlet: the nodes by which what it is handed comes into a batch without `scatter`, which no call can pass. */
  readonly wayIntoBatch: readonly string[] | undefined;
  readonly traits: NodeTraits;
}

/** One queue of a checked graph. */
export interface EdgePlan {
  readonly index: number;
  readonly from: number;
  readonly to: number;
  readonly capacity: number;
  readonly overflow: Overflow;
  /** Which messages take it; `undefined`: all. */
  readonly when: AnyFunction | undefined;
  /** Whether a join further down needs to know of the holes in its rows. */
  readonly carriesHoles: boolean;
  /** Whether it leads back: then these are the nodes that what it carries has passed, by index. */
  readonly feedback: boolean;
  readonly round: readonly number[];
  /** Whether it carries the dead letters of the node it comes from. */
  readonly isDeadLetter: boolean;
}

/** A checked graph, in topological order. Immutable: any number of pipelines runs from it. */
export interface GraphPlan {
  readonly nodes: readonly NodePlan[];
  readonly edges: readonly EdgePlan[];
  readonly inlets: readonly NodePlan[];
  /** What sinks are known as. */
  readonly sinkNames: readonly string[];
  /** Nodes that can reach each other by feedback edges, in groups, by index. */
  readonly loops: readonly (readonly number[])[];
  /** Where in `nodes` a name stands, or what a sink is known as. */
  readonly places: ReadonlyMap<string, number>;
  /** Whether any node has a `setup` or `teardown`. */
  readonly hasLife: boolean;
}

/**
 * How many messages a node may have in hand: those whose calls run, under `keyBy` those that wait for their key, and under
 * `batch` all that are in the batches, one of which is gathered while the others are worked on.
 */
export function placesInLine({
  concurrency,
  keyBy,
  queueSize,
  batch,
}: Pick<NodePlan, 'concurrency' | 'keyBy' | 'queueSize' | 'batch'>): number {
  if (batch !== undefined) return (concurrency + 1) * batch.size;
  return keyBy === undefined ? concurrency : concurrency + queueSize;
}

/** What a node's options come to, worked out once for all pipelines: every message asks for some of it. */
// A class, so that all of them have one shape.
export class NodeTraits {
  readonly isTransform: boolean;
  readonly isSink: boolean;
  readonly isMany: boolean;
  readonly isJoin: boolean;
  /** Whether a message that it works on may be only a frame around others. */
  readonly framesInput: boolean;
  /** Whether a call that gives nothing leaves a hole, which its place in line stands for. */
  readonly leavesHoles: boolean;
  /** Whether every successor gets the same, all of it. */
  readonly sharesAll: boolean;
  /** Whether all that it sends goes to all its queues as it is, a value for each call, in the order of the calls. */
  readonly isPlain: boolean;
  /** Messages stand in line before their calls begin: under `keyBy` for their key, under `batch` for others. */
  readonly holds: boolean;
  /** Messages that may stand in line: those that are worked on, and those that are held. */
  readonly places: number;

  constructor(node: Omit<NodePlan, 'traits'>) {
    const { kind, outputs, fanIn, fanOut, many, order, keyBy, batch } = node;
    this.isTransform = kind === 'transform';
    this.isSink = outputs.length === 0;
    this.isMany = many;
    this.isJoin = isJoin(fanIn);
    this.framesInput = this.isJoin || batch !== undefined;
    this.leavesHoles = !many && batch?.scatter !== false;
    this.sharesAll = fanOut === 'share' && outputs.every(({ when }) => when === undefined);
    this.isPlain = !this.isSink && !many && this.sharesAll && order === 'input' && keyBy === undefined;
    this.holds = keyBy !== undefined || batch !== undefined;
    this.places = placesInLine(node);
  }
}
