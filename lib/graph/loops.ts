import { quoted } from './names.ts';
import type { FanIn } from './plan.ts';
import type { Report } from './report.ts';

/** An edge, as far as loops depend on it; nodes are named by their index. */
interface LoopEdge {
  readonly from: number;
  readonly to: number;
  readonly feedback: boolean;
}

/** A node, as far as loops depend on it. */
export interface LoopNode<E extends LoopEdge = LoopEdge> {
  readonly inputs: readonly E[];
  readonly outputs: readonly E[];
}

/** The same nodes without what leads back: a graph in which data flow one way. */
export function withoutFeedback<E extends LoopEdge, N extends LoopNode<E>>(
  nodes: readonly N[],
): readonly N[] {
  if (nodes.every(({ inputs }) => inputs.every(({ feedback }) => !feedback))) return nodes;
  const forward = (edges: readonly E[]): E[] => edges.filter(({ feedback }) => !feedback);
  return nodes.map((node) => ({ ...node, inputs: forward(node.inputs), outputs: forward(node.outputs) }));
}

/**
 * What goes round by way of one feedback edge: the nodes between where it leads to and where it comes from, both included.
 * For all edges of a graph at once: each way is walked only once, however many of them begin or end there.
 */
export function roundsOf(nodes: readonly LoopNode[]): (edge: LoopEdge) => readonly number[] {
  const forward = withoutFeedback(nodes);
  const ahead = walks(forward.map(({ outputs }) => outputs.map(({ to }) => to)));
  const behind = walks(forward.map(({ inputs }) => inputs.map(({ from }) => from)));
  return ({ from, to }) => bothIn(ahead(to), behind(from));
}

/** Nodes that can reach each other, in groups; a node that cannot reach itself is in none. */
export function loopsOf(nodes: readonly LoopNode[]): number[][] {
  const loops: number[][] = [];
  const ahead = walks(nodes.map(({ outputs }) => outputs.map(({ to }) => to)));
  const behind = walks(nodes.map(({ inputs }) => inputs.map(({ from }) => from)));
  const looped = new Set<number>();
  for (const { to, from } of nodes.flatMap(({ inputs }) => inputs.filter(({ feedback }) => feedback))) {
    if (looped.has(to)) continue;
    const loop = bothIn(ahead(to), behind(from));
    for (const node of loop) looped.add(node);
    loops.push(loop);
  }
  return loops;
}

/** Reports feedback edges that close no loop, or lead to a node that cannot tell what comes back from what comes in. */
export function checkFeedback(
  nodes: readonly (LoopNode & { readonly name: string; readonly fanIn: FanIn })[],
  report: Report,
): void {
  const nameOf = (node: number): string => quoted(nodes[node]?.name ?? '');
  const roundOf = roundsOf(nodes);
  for (const edge of nodes.flatMap(({ outputs }) => outputs.filter(({ feedback }) => feedback))) {
    const path = `graph.${nodes[edge.from]?.name}`;
    const target = nodes[edge.to];
    const bad = (what: string): void => {
      report('bad-feedback', path, `the feedback edge to ${nameOf(edge.to)} ${what}`);
    };
    if (target?.inputs.every(({ feedback }) => feedback) === true) {
      bad('is all that leads there: nothing can enter the loop');
    } else if (target?.fanIn !== 'merge') {
      bad(
        'needs aggregateInputs: false there: what comes back is taken by itself, not in a row with what comes in',
      );
    } else if (roundOf(edge).length === 0) {
      bad(`closes no loop: no path leads from there to ${nameOf(edge.from)}. Leave \`feedback: true\` out`);
    }
  }
}

/** Where each node leads to, itself included, in the order of the walk; each is walked from once. */
function walks(next: readonly (readonly number[])[]): (start: number) => readonly number[] {
  const walked = new Map<number, readonly number[]>();
  return (start) => {
    const known = walked.get(start);
    if (known !== undefined) return known;
    const isSeen = new Uint8Array(next.length);
    isSeen[start] = 1;
    const reached = [start];
    for (const node of reached) {
      for (const to of next[node] ?? []) {
        if (isSeen[to] === 1) continue;
        isSeen[to] = 1;
        reached.push(to);
      }
    }
    walked.set(start, reached);
    return reached;
  };
}

function bothIn(one: readonly number[], other: readonly number[]): number[] {
  const others = new Set(other);
  return one.filter((node) => others.has(node));
}
