import type {
  Graph as FlatGraph,
  GraphNode,
  InletNode,
  TransformNode,
} from '../../lib/testing/graph-model.ts';

// The laws work on the graphs that users get, too.
export type {
  Answer,
  Delay,
  GraphNode,
  InletNode,
  NodeInput as Input,
  SourceNode,
  Text,
  TransformNode,
} from '../../lib/testing/graph-model.ts';
export {
  at,
  batchOf,
  inputNames,
  itemsOf,
  keyOf,
  respond,
  scattered,
  sendOf,
  sinksOf,
  textOf,
  verdictOf,
} from '../../lib/testing/graph-model.ts';

/** A graph, and which segments of it are made Plumbers, one after the other. */
export interface Graph extends FlatGraph {
  readonly nesting?: readonly number[];
}

/** Whether rows of several lanes meet in a join, so that the end of one may cut off the others. */
export function joinsLanes({ nodes }: Graph): boolean {
  const lanes = new Map<string, string>();
  return nodes.some((node) => {
    const inputs = new Set(node.kind === 'transform' ? node.from.map((input) => lanes.get(input.node)) : []);
    const [only] = inputs;
    lanes.set(node.name, only === undefined || inputs.size > 1 || startsLane(node) ? node.name : only);
    return inputs.size > 1 && isJoin(node);
  });
}

export function isJoin(node: GraphNode): boolean {
  return node.kind === 'transform' && node.from.length > 1 && node.aggregateInputs !== false;
}

function startsLane(node: GraphNode): boolean {
  if (node.kind !== 'transform') return true;
  const isMerge = node.from.length > 1 && node.aggregateInputs === false;
  return isMerge || node.many !== undefined || node.order === 'completion' || isGathered(node);
}

/** A stream reads ahead of whoever reads it. */
export function isReadAhead({ feed }: InletNode): boolean {
  return feed === 'readable' || feed === 'web stream';
}

/** Whether several of its inputs have one answer. */
export function isGathered(node: GraphNode): boolean {
  return node.kind === 'transform' && node.batch?.scatter === false;
}

/** How many messages a node may have taken on at once: those too that wait for their key, or in a batch. */
export function placesOf({ concurrency, keys, queueSize = 16, batch }: TransformNode): number {
  if (batch !== undefined) return (concurrency + 1) * batch.size;
  return keys === undefined ? concurrency : concurrency + queueSize;
}
