import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topologicalOrder } from '../../lib/graph/order.ts';
import { acyclicDigraphs, digraphs, reachable } from './digraphs.ts';

describe('the topological order', () => {
  it('of a graph without cycles holds every node once, behind all that lead to it', () => {
    fc.assert(
      fc.property(acyclicDigraphs(12), (graph) => {
        const { order, cycles } = topologicalOrder(graph);

        expect(cycles).toEqual([]);
        expect(order.toSorted((a, b) => a - b)).toEqual(graph.map((_, node) => node));
        for (const [from, targets] of graph.entries()) {
          for (const to of targets) expect(order.indexOf(from)).toBeLessThan(order.indexOf(to));
        }
      }),
    );
  });

  it('of any graph holds just the nodes that are on no cycle and behind none', () => {
    fc.assert(
      fc.property(digraphs(8), (graph) => {
        const reach = reachable(graph);
        const onCycle = graph.flatMap((_, node) => (reach[node]?.has(node) ? [node] : []));
        const tainted = new Set(onCycle.flatMap((node) => [node, ...(reach[node] ?? [])]));

        const { order } = topologicalOrder(graph);

        expect(new Set(order)).toEqual(
          new Set(graph.flatMap((_, node) => (tainted.has(node) ? [] : [node]))),
        );
        expect(order).toHaveLength(graph.length - tainted.size);
      }),
    );
  });

  it('leaves nodes that no edge joins in the order in which they were written', () => {
    expect(topologicalOrder([[], [], []]).order).toEqual([0, 1, 2]);
  });

  it('is found for a chain of 100 000 nodes and for a node with as many successors', () => {
    const size = 100_000;
    const chain = Array.from({ length: size }, (_, node) => (node + 1 < size ? [node + 1] : []));
    const fan = [
      Array.from({ length: size }, (_, node) => node + 1),
      ...Array.from({ length: size }, () => []),
    ];

    expect(topologicalOrder(chain).order).toHaveLength(size);
    expect(topologicalOrder(fan).order).toHaveLength(size + 1);
  });
});

describe('the cycles of a graph', () => {
  it('are paths along its edges back to their start, and share no node', () => {
    fc.assert(
      fc.property(digraphs(8), (graph) => {
        const { cycles } = topologicalOrder(graph);

        const nodes = cycles.flat();
        expect(new Set(nodes).size).toBe(nodes.length);
        for (const cycle of cycles) {
          for (const [place, from] of cycle.entries()) {
            expect(graph[from]).toContain(cycle[(place + 1) % cycle.length]);
          }
        }
      }),
    );
  });

  it('hold one at least of every set of nodes that all lead to each other', () => {
    fc.assert(
      fc.property(digraphs(8), (graph) => {
        const reach = reachable(graph);

        const found = new Set(topologicalOrder(graph).cycles.flat());

        for (const [node, reached] of reach.entries()) {
          const loop = [...reached].filter((other) => reach[other]?.has(node));
          if (loop.length > 0) expect(loop.some((other) => found.has(other))).toBe(true);
        }
      }),
    );
  });

  it('begin with the node that was written first', () => {
    const { cycles } = topologicalOrder([[], [3], [1], [2], [0]]);

    expect(cycles).toEqual([[1, 3, 2]]);
  });

  it('are found at once in a ring of 100 000 nodes, and in as many rings of two', () => {
    const size = 100_000;
    const ring = Array.from({ length: size }, (_, node) => [(node + 1) % size]);
    const pairs = Array.from({ length: size }, (_, node) => [node % 2 === 0 ? node + 1 : node - 1]);

    expect(topologicalOrder(ring).cycles.map(({ length }) => length)).toEqual([size]);
    expect(topologicalOrder(pairs).cycles).toHaveLength(size / 2);
  });
});
