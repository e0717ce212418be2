import {
  type Answer,
  type Graph,
  type Input,
  inputNames,
  isGathered,
  itemsOf,
  sendOf,
  sinksOf,
  type Text,
  type TransformNode,
  verdictOf,
} from './graph.ts';

/** A value, or a hole. */
type Row = Text | undefined;

/**
 * What every sink returns, worked out one node after the other, without queues, time or concurrency: law 5 holds the
 * engine to this. A merge takes its inputs one after the other, so of what is behind one only the set of values counts.
 */
export function interpret(
  graph: Graph,
  items = itemsOf,
  answer: (node: TransformNode, input: Text) => Answer = (node, input) => sendOf(node, graph, input),
): Record<string, Text[]> {
  const sent = new Map<string, readonly Row[]>();
  for (const node of graph.nodes) {
    const rows =
      node.kind === 'transform' ? transform(node, rowsInto(node, graph, sent), answer) : items(node);
    sent.set(node.name, rows);
  }
  return Object.fromEntries(
    sinksOf(graph).map((name) => [name, sent.get(name)?.filter((row) => row !== undefined) ?? []]),
  );
}

function transform(
  node: TransformNode,
  rows: readonly Row[],
  answer: (node: TransformNode, input: Text) => Answer,
): Row[] {
  const values = rows.filter((row) => row !== undefined);
  const size = isGathered(node) ? (node.batch?.size ?? 1) : 1;
  const batches = Array.from({ length: Math.ceil(values.length / size) }, (_, n) =>
    values.slice(n * size, (n + 1) * size).join('+'),
  );
  return (isGathered(node) ? batches : rows).flatMap((row): Row[] => {
    const values = row === undefined ? [] : answer(node, row).values;
    // One-to-one nodes keep their input's rows, holes included; the others number their own.
    return values.length === 0 && node.many === undefined ? [undefined] : [...values];
  });
}

function rowsInto(node: TransformNode, graph: Graph, sent: ReadonlyMap<string, readonly Row[]>): Row[] {
  const names = inputNames(node, graph);
  const lanes = names.map((name) => {
    const edge = node.from.find((input) => input.node === name) as Input;
    // What does not take the edge leaves a hole there.
    return (sent.get(name) ?? []).map((row) =>
      row !== undefined && verdictOf(edge, row) === 'take' ? row : undefined,
    );
  });
  if (names.length === 1) return [...(lanes[0] ?? [])];
  if (node.aggregateInputs === false) return lanes.flat().filter((row) => row !== undefined);
  // The shortest lane ends the join.
  const length = Math.min(...lanes.map((lane) => lane.length));
  return Array.from({ length }, (_, n) => {
    const branches = names.flatMap((name, i) =>
      lanes[i]?.[n] === undefined ? [] : [`${name}=${lanes[i]?.[n]}`],
    );
    const isComplete =
      node.aggregateInputs === 'partial' ? branches.length > 0 : branches.length === names.length;
    return isComplete ? branches.join(',') : undefined;
  });
}
