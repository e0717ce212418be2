import type { Summary } from '../pipeline/summary.ts';

type NodeKey =
  | 'received'
  | 'processed'
  | 'skipped'
  | 'failed'
  | 'deadLettered'
  | 'discarded'
  | 'dropped'
  | 'retried'
  | 'sent'
  | 'unread';
type EdgeKey = 'accepted' | 'taken' | 'dropped' | 'unpaired' | 'discarded' | 'passedBy';

const NODE_ZEROS: Readonly<Record<NodeKey, 0>> = {
  received: 0,
  processed: 0,
  skipped: 0,
  failed: 0,
  deadLettered: 0,
  discarded: 0,
  dropped: 0,
  retried: 0,
  sent: 0,
  unread: 0,
};
const EDGE_ZEROS: Readonly<Record<EdgeKey, 0>> = {
  accepted: 0,
  taken: 0,
  dropped: 0,
  unpaired: 0,
  discarded: 0,
  passedBy: 0,
};
const NODE_KEYS = Object.keys(NODE_ZEROS) as NodeKey[];
const EDGE_KEYS = Object.keys(EDGE_ZEROS) as EdgeKey[];

export type NodeSum = Record<NodeKey | 'inFlight' | 'waiting', number>;
export type EdgeSum = Record<EdgeKey | 'queued' | 'highWater', number>;

/** The counters of several pipelines of one graph, added up. */
export interface Sum {
  readonly nodes: readonly NodeSum[];
  readonly edges: readonly EdgeSum[];
}

export function emptySum(nodes: number, edges: number): Sum {
  return {
    nodes: Array.from({ length: nodes }, () => ({ ...NODE_ZEROS, inFlight: 0, waiting: 0 })),
    edges: Array.from({ length: edges }, () => ({ ...EDGE_ZEROS, queued: 0, highWater: 0 })),
  };
}

export function copyOf({ nodes, edges }: Sum): Sum {
  return { nodes: nodes.map((node) => ({ ...node })), edges: edges.map((edge) => ({ ...edge })) };
}

/** Adds what a pipeline has counted; of one that is over, nothing is queued or in flight any more. */
export function addTo(sum: Sum, { nodes, edges }: Summary, isOver: boolean): void {
  for (const [place, counters] of Object.values(nodes).entries()) {
    const node = sum.nodes[place] as NodeSum;
    for (const key of NODE_KEYS) node[key] += counters[key];
    if (isOver) continue;
    node.inFlight += counters.inFlight;
    node.waiting += counters.waiting;
  }
  for (const [place, counters] of edges.entries()) {
    const edge = sum.edges[place] as EdgeSum;
    for (const key of EDGE_KEYS) edge[key] += counters[key];
    edge.highWater = Math.max(edge.highWater, counters.highWater);
    if (!isOver) edge.queued += counters.queued;
  }
}
