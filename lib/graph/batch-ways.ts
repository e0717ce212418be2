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
  next: (node: number) => readonly number[],
  report: Report,
): void {
  const untimed = nodes.flatMap(({ batch }, node) =>
    batch !== undefined && batch.within === undefined ? [node] : [],
  );
  for (const node of untimed) {
    const paths = nodes.flatMap(({ kind }, inlet) => {
      const path = kind === 'inlet' ? pathTo((at) => at === node, inlet, next) : undefined;
      return path === undefined ? [] : [path];
    });
    if (paths[0] === undefined) continue;
    const shownPath = paths[0].map((at) => nodes[at]?.name).join(' -> ');
    report(
      'batch-needs-within',
      `nodes.${nodes[node]?.name}.batch`,
      `needs within, in ms: an inlet leads there (${shownPath}), and what it is handed would wait for others that may never come`,
    );
  }
}

/** The way from an inlet to the first batch through which no `call` can pass, since nothing in it has an answer of its own. */
export function wayIntoBatch(
  nodes: readonly BatchNode[],
  inlet: number,
  next: (node: number) => readonly number[],
): readonly string[] | undefined {
  const gathers = (node: number): boolean => nodes[node]?.batch?.scatter === false;
  if (!nodes.some((_, node) => gathers(node))) return undefined;
  return pathTo(gathers, inlet, next)?.map((node) => nodes[node]?.name as string);
}

/** The shortest path from a node to one that is `found`, both included. */
function pathTo(
  found: (node: number) => boolean,
  start: number,
  next: (node: number) => readonly number[],
): number[] | undefined {
  const cameFrom = new Map<number, number | undefined>([[start, undefined]]);
  for (const node of cameFrom.keys()) {
    if (found(node)) {
      const path: number[] = [];
      for (let at: number | undefined = node; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
      return path;
    }
    for (const to of next(node)) if (!cameFrom.has(to)) cameFrom.set(to, node);
  }
  return undefined;
}
