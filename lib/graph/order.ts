/** Topological order of a directed graph, or its cycles. Iterative: a chain of 10 000 nodes is no deep stack. */
export interface Ordering {
  /** Every node that is on no cycle and behind none. */
  readonly order: readonly number[];
  /** Each as the path along its edges, first node not repeated. */
  readonly cycles: readonly (readonly number[])[];
}

export function topologicalOrder(successors: readonly (readonly number[])[]): Ordering {
  const predecessors: number[][] = successors.map(() => []);
  for (const [from, targets] of successors.entries()) for (const to of targets) predecessors[to]?.push(from);
  const missing = predecessors.map((sources) => sources.length);
  const order: number[] = [];
  const cycles: number[][] = [];
  const placed = new Set<number>();
  let queue = missing.flatMap((count, node) => (count === 0 ? [node] : []));

  const release = (node: number): void => {
    placed.add(node);
    for (const to of successors[node] ?? []) {
      missing[to] = (missing[to] ?? 0) - 1;
      if (missing[to] === 0 && !placed.has(to)) queue.push(to);
    }
  };

  for (let start = 0; ; ) {
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head] as number;
      if (placed.has(node)) continue;
      if (cycles.length === 0) order.push(node);
      release(node);
    }
    queue = [];
    while (start < successors.length && placed.has(start)) start++;
    if (start === successors.length) return { order, cycles };
    const cycle = cycleBehind(start, predecessors, placed);
    cycles.push(cycle);
    cycle.forEach(release);
  }
}

/** Every node left has a predecessor left: walking back must meet a node again. */
function cycleBehind(
  start: number,
  predecessors: readonly (readonly number[])[],
  placed: ReadonlySet<number>,
): number[] {
  const walk: number[] = [];
  const seenAt = new Map<number, number>();
  let node = start;
  while (!seenAt.has(node)) {
    seenAt.set(node, walk.length);
    walk.push(node);
    node = predecessors[node]?.find((from) => !placed.has(from)) as number;
  }
  const cycle = walk.slice(seenAt.get(node)).reverse();
  const first = cycle.indexOf(Math.min(...cycle));
  return [...cycle.slice(first), ...cycle.slice(0, first)];
}
