import { type GraphPlan, isJoin, type NodePlan } from '../graph/plan.ts';
import type { Graph } from './protocol.ts';

/** A graph as pages are told of it, and where everything stands in it. */
export class GraphIndex {
  readonly told: Graph;
  readonly plan: GraphPlan;
  readonly #edges: ReadonlyMap<string, number>;
  readonly #nodes: ReadonlyMap<string, number>;

  constructor(plan: GraphPlan, is: Pick<Graph, 'isPlumber' | 'payloads' | 'before'>) {
    const { nodes, edges } = plan;
    this.plan = plan;
    this.told = {
      nodes: nodes.map((node) => ({ name: node.name, kind: node.kind, notes: notesOf(node) })),
      edges: edges.map(({ from, to, capacity, feedback, isDeadLetter }) => ({
        ...{ from, to, queueSize: finite(capacity) },
        kind: isDeadLetter ? 'dead-letter' : feedback ? 'feedback' : 'plain',
      })),
      ...is,
    };
    this.#nodes = new Map(nodes.map(({ name }, place) => [name, place]));
    this.#edges = new Map(edges.map(({ from, to }, place) => [`${from} ${to}`, place]));
  }

  node(name: string): number | undefined {
    return this.#nodes.get(name);
  }

  /** No two edges lead from one node to the same other. */
  edge(from: string, to: string): number | undefined {
    return this.#edges.get(`${this.#nodes.get(from)} ${this.#nodes.get(to)}`);
  }
}

function finite(capacity: number): number | null {
  return Number.isFinite(capacity) ? capacity : null;
}

function notesOf({ fanIn, concurrency, batch, many, pool, worker, kind }: NodePlan): string[] {
  const notes = [
    kind !== 'transform' ? kind : '',
    isJoin(fanIn) ? 'join' : fanIn === 'merge' ? 'merge' : '',
    concurrency > 1 ? `${concurrency} at once` : '',
    batch === undefined ? '' : `batch of ${batch.size}`,
    many && kind === 'transform' ? 'gives many' : '',
    pool === undefined ? '' : 'in a pool',
    worker === undefined ? '' : 'in a worker',
  ];
  return notes.filter((note) => note !== '');
}
