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

/** What goes round by way of one feedback edge: the nodes between where it leads to and where it comes from, both included. */
export function roundOf({ from, to }: LoopEdge, nodes: readonly LoopNode[]): number[] {
  const forward = withoutFeedback(nodes);
  return onTheWay(to, from, forward);
}

/** Nodes that can reach each other, in groups; a node that cannot reach itself is in none. */
export function loopsOf(nodes: readonly LoopNode[]): number[][] {
  const loops: number[][] = [];
  for (const { to, from } of nodes.flatMap(({ inputs }) => inputs.filter(({ feedback }) => feedback))) {
    if (!loops.some((loop) => loop.includes(to))) loops.push(onTheWay(to, from, nodes));
  }
  return loops;
}

/** Reports feedback edges that close no loop, or lead to a node that cannot tell what comes back from what comes in. */
export function checkFeedback(
  nodes: readonly (LoopNode & { readonly name: string; readonly fanIn: FanIn })[],
  report: Report,
): void {
  const nameOf = (node: number): string => quoted(nodes[node]?.name ?? '');
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
    } else if (roundOf(edge, nodes).length === 0) {
      bad(`closes no loop: no path leads from there to ${nameOf(edge.from)}. Leave \`feedback: true\` out`);
    }
  }
}

/** The nodes on all paths from one to another; none, if there is no path. */
function onTheWay(from: number, to: number, nodes: readonly LoopNode[]): number[] {
  const ahead = reached(from, (node) => (nodes[node]?.outputs ?? []).map((edge) => edge.to));
  const behind = reached(to, (node) => (nodes[node]?.inputs ?? []).map((edge) => edge.from));
  return [...ahead].filter((node) => behind.has(node));
}

function reached(start: number, next: (node: number) => readonly number[]): Set<number> {
  const seen = new Set([start]);
  for (const node of seen) for (const to of next(node)) seen.add(to);
  return seen;
}
