import type { BatchPlan } from './batch.ts';
import type { NodeKind } from './plan.ts';
import type { Report } from './report.ts';

/** A node, as far as it matters where calls and batches meet; nodes are named by their index. */
interface BatchNode {
  readonly name: string;
  readonly kind: NodeKind;
  readonly batch: BatchPlan | undefined;
}

/**
 * Reports every batch that only its size completes, though an inlet leads to it: nobody knows when the next value is
 * handed in.
 *
 * @param next where each node sends anything to
 */
export function checkBatches(
  nodes: readonly BatchNode[],
  next: readonly (readonly number[])[],
  report: Report,
): void {
  const isUntimed = ({ batch }: BatchNode): boolean => batch !== undefined && batch.within === undefined;
  if (!nodes.some(isUntimed)) return;
  const inlets = nodes.flatMap(({ kind }, node) => (kind === 'inlet' ? [node] : []));
  const cameFrom = walk(inlets, next);
  for (const [node, batching] of nodes.entries()) {
    if (!isUntimed(batching) || !cameFrom.has(node)) continue;
    report('batch-needs-within', `nodes.${batching.name}.batch`, () => {
      const path = pathTo(node, cameFrom)
        .map((at) => nodes[at]?.name)
        .join(' -> ');
      return `needs within, in ms: an inlet leads there (${path}), and what it is handed would wait for others that may never come`;
    });
  }
}

/** The way from an inlet to the first batch through which no `call` can pass, since nothing in it has an answer of its own. */
export function wayIntoBatch(
  nodes: readonly BatchNode[],
  inlet: number,
  next: readonly (readonly number[])[],
): readonly string[] | undefined {
  const gathers = (node: number): boolean => nodes[node]?.batch?.scatter === false;
  if (!nodes.some((_, node) => gathers(node))) return undefined;
  const cameFrom = walk([inlet], next, gathers);
  const last = [...cameFrom.keys()].find(gathers);
  return last === undefined ? undefined : pathTo(last, cameFrom).map((node) => nodes[node]?.name as string);
}

/** Breadth-first, no farther than to nodes that are `found`: each node that is reached, with the one before it. */
function walk(
  starts: readonly number[],
  next: readonly (readonly number[])[],
  found: (node: number) => boolean = () => false,
): ReadonlyMap<number, number | undefined> {
  const cameFrom = new Map<number, number | undefined>(starts.map((start) => [start, undefined]));
  for (const node of cameFrom.keys()) {
    if (found(node)) break;
    for (const to of next[node] ?? []) if (!cameFrom.has(to)) cameFrom.set(to, node);
  }
  return cameFrom;
}

/** The shortest path to a node, both ends included. */
function pathTo(node: number, cameFrom: ReadonlyMap<number, number | undefined>): number[] {
  const path: number[] = [];
  for (let at: number | undefined = node; at !== undefined; at = cameFrom.get(at)) path.push(at);
  return path.reverse();
}
