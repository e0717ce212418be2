import { isRecord } from './aliases.ts';
import { quoted } from './names.ts';
import type { ReadOptions } from './options.ts';
import type { EdgePlan, GraphPlan, NodePlan } from './plan.ts';
import type { EdgeDraft, NodeDraft } from './planning.ts';
import type { Report } from './report.ts';
import { GRAPH } from './subgraph.ts';

/** The checked graph of a Plumber; `undefined` for everything else. */
export function graphOf(value: unknown): GraphPlan | undefined {
  return isRecord(value) ? ((value as { [GRAPH]?: unknown })[GRAPH] as GraphPlan | undefined) : undefined;
}

/** Reports a graph that cannot be a node, which has one input and one output. */
export function checkEnds({ inlets, sinkNames }: GraphPlan, path: string, report: Report): void {
  const check = (what: string, names: readonly string[]): void => {
    if (names.length === 1) return;
    const found = names.length === 0 ? `no ${what}` : `several ${what}s: ${names.map(quoted).join(', ')}`;
    report(
      'bad-subgraph',
      path,
      `is a graph that must have exactly one ${what} to be a node, and has ${found}`,
    );
  };
  check(
    'inlet',
    inlets.map(({ name }) => name),
  );
  check('sink', sinkNames);
}

/** What an inlet that sheds load does where messages wait for it: the subgraph does so, too, unless it says what to do. */
export function roomOf(
  graph: GraphPlan | undefined,
  { overflow }: ReadOptions,
): Pick<ReadOptions, 'overflow' | 'queueSize'> {
  const inlet = graph?.inlets[0];
  if (inlet === undefined || inlet.overflow === 'block' || overflow !== undefined) return {};
  return { overflow: inlet.overflow, queueSize: inlet.queueSize };
}

/**
 * Puts the nodes of graphs in place of the nodes they stand for, so that nothing past here knows of nesting. The inlet
 * becomes a node without a function, which takes what led to the subgraph as its options say and sends it on; what the
 * sink sends goes to whatever the subgraph led to.
 *
 * @param graphs by the place of the node that each stands for
 */
export function flatten(
  drafts: readonly NodeDraft[],
  graphs: ReadonlyMap<number, GraphPlan>,
): readonly NodeDraft[] {
  if (graphs.size === 0) return drafts;
  const starts: number[] = [];
  const entries: number[] = [];
  const exits: number[] = [];
  let size = 0;
  for (const place of drafts.keys()) {
    const graph = graphs.get(place);
    starts.push(size);
    entries.push(size + (graph?.nodes.findIndex(isInlet) ?? 0));
    exits.push(size + (graph?.nodes.findIndex(isSink) ?? 0));
    size += graph?.nodes.length ?? 1;
  }
  const relink = once((edge: EdgeDraft) => ({
    ...edge,
    from: exits[edge.from] as number,
    to: entries[edge.to] as number,
  }));
  return drafts.flatMap((draft, place) => {
    const node = {
      ...draft,
      inputs: draft.inputs.map(relink),
      outputs: draft.outputs.map(relink),
      deadLetterTo: draft.deadLetterTo && relink(draft.deadLetterTo),
    };
    const graph = graphs.get(place);
    return graph === undefined ? node : inlined(node, graph, starts[place] as number);
  });
}

function inlined(node: NodeDraft, graph: GraphPlan, start: number): NodeDraft[] {
  const relink = once((edge: EdgePlan) => ({
    ...edge,
    from: start + edge.from,
    to: start + edge.to,
    queueSize: edge.capacity,
  }));
  return graph.nodes.map((inner) => {
    const [isEntry, isExit] = [isInlet(inner), isSink(inner)];
    return {
      ...(isEntry ? node : inner),
      name: `${node.name}.${inner.name}`,
      knownAs: isExit ? node.knownAs : inner.knownAs,
      readerQueueSize: isExit ? node.readerQueueSize : inner.readerQueueSize,
      fanOut: inner.fanOut,
      input: inner.input,
      onError: inner.onError,
      canDeadLetter: inner.canDeadLetter,
      inputs: isEntry ? node.inputs : inner.inputs.map(relink),
      outputs: isExit ? node.outputs : inner.outputs.map(relink),
      deadLetterTo: inner.deadLetterTo && relink(inner.deadLetterTo),
    };
  });
}

function isInlet({ kind }: NodePlan): boolean {
  return kind === 'inlet';
}

function isSink({ outputs }: NodePlan): boolean {
  return outputs.length === 0;
}

/** An edge is one object for the node at either end. */
function once<From, To>(make: (from: From) => To): (from: From) => To {
  const made = new Map<From, To>();
  return (from) => {
    const to = made.get(from) ?? make(from);
    made.set(from, to);
    return to;
  };
}
