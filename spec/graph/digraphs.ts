import fc from 'fast-check';

/** Successors by node. */
export type Digraph = readonly (readonly number[])[];

/** Any directed graph of up to `most` nodes, without edges that stand twice. */
export function digraphs(most: number): fc.Arbitrary<Digraph> {
  return fc
    .integer({ min: 1, max: most })
    .chain((size) =>
      fc.array(fc.uniqueArray(fc.nat({ max: size - 1 })), { minLength: size, maxLength: size }),
    );
}

/** Any directed graph without a cycle, its nodes in no particular order. */
export function acyclicDigraphs(most: number): fc.Arbitrary<Digraph> {
  return digraphs(most).chain((graph) => {
    const nodes = graph.map((_, node) => node);
    return fc.shuffledSubarray(nodes, { minLength: nodes.length }).map((rank) => {
      const isBefore = (from: number, to: number): boolean => (rank[from] as number) < (rank[to] as number);
      return graph.map((targets, from) => targets.filter((to) => isBefore(from, to)));
    });
  });
}

/** For each node, what can be reached from it along at least one edge. */
export function reachable(graph: Digraph): ReadonlySet<number>[] {
  return graph.map((_, start) => {
    const seen = new Set<number>();
    const visit = (node: number): void => {
      for (const to of graph[node] ?? []) {
        if (seen.has(to)) continue;
        seen.add(to);
        visit(to);
      }
    };
    visit(start);
    return seen;
  });
}
