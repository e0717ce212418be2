import { type GraphPlan, isJoin, type NodePlan, placesInLine } from './plan.ts';

/** The greatest number of messages that can be in memory at once: in queues, and in the hands of nodes. */
export function maxMessages({ nodes, edges }: Pick<GraphPlan, 'nodes' | 'edges'>): number {
  const queued = edges.reduce((sum, { capacity }) => sum + capacity, 0);
  return nodes.reduce((sum, node) => sum + inHand(node), queued);
}

/** A call keeps what it was given until what it sends is accepted; a source or an inlet holds one item. */
function inHand(node: NodePlan): number {
  const { kind, inputs, fanIn } = node;
  if (kind !== 'transform') return 1;
  const taken = isJoin(fanIn) ? inputs.length : 1;
  return placesInLine(node) * (taken + 1);
}

/** The greatest number of messages that can wait at inlets which shed load: at the others they are in the hands of callers. */
export function maxWaiting({ inlets }: Pick<GraphPlan, 'inlets'>): number {
  return inlets.reduce((sum, { overflow, queueSize }) => sum + (overflow === 'block' ? 0 : queueSize), 0);
}
