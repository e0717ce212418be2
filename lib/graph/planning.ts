import { wayIntoBatch } from './batch-ways.ts';
import type { AnyFunction, Overflow } from './definition.ts';
import { loopsOf, roundsOf } from './loops.ts';
import { type EdgePlan, type GraphPlan, isJoin, type NodePlan, NodeTraits } from './plan.ts';

/** An edge as it was read: its ends are places in the definition. */
export interface EdgeDraft {
  readonly from: number;
  readonly to: number;
  readonly queueSize: number | undefined;
  readonly feedback: boolean;
  readonly overflow: Overflow | undefined;
  readonly when: AnyFunction | undefined;
}

/** A node as it was read, all options resolved; its edges are still drafts. */
export interface NodeDraft
  extends Omit<
    NodePlan,
    'index' | 'inputs' | 'keys' | 'outputs' | 'deadLetterTo' | 'wayIntoBatch' | 'traits'
  > {
  readonly inputs: readonly EdgeDraft[];
  readonly outputs: readonly EdgeDraft[];
  readonly deadLetterTo: EdgeDraft | undefined;
}

/** Where a node sends anything to. */
function edgesFrom({ outputs, deadLetterTo }: NodeDraft): readonly EdgeDraft[] {
  return deadLetterTo === undefined ? outputs : [...outputs, deadLetterTo];
}

/** The nodes it sends anything to. */
export function targetsOf(node: NodeDraft): number[] {
  return edgesFrom(node).map(({ to }) => to);
}

const NO_NODES: readonly number[] = [];

/** Numbers nodes in topological order and edges beside them, and settles what only the whole graph can tell. */
export function toPlan(drafts: readonly NodeDraft[], order: readonly number[]): GraphPlan {
  const place = new Map(order.map((draft, index) => [draft, index]));
  const carries = holesWanted(drafts, order);
  const placesOf = (nodes: readonly number[]): number[] => nodes.map((node) => place.get(node) as number);
  const roundOf = roundsOf(drafts);
  const targets = drafts.map(targetsOf);
  const planned = new Map<EdgeDraft, EdgePlan>();
  const edges: EdgePlan[] = [];
  for (const index of order) {
    for (const edge of edgesFrom(drafts[index] as NodeDraft)) {
      const to = drafts[edge.to] as NodeDraft;
      const plan: EdgePlan = Object.freeze({
        index: edges.length,
        from: place.get(edge.from) as number,
        to: place.get(edge.to) as number,
        capacity: edge.queueSize ?? to.queueSize,
        overflow: edge.overflow ?? to.overflow,
        when: edge.when,
        carriesHoles: carries[edge.to] as boolean,
        feedback: edge.feedback,
        round: edge.feedback ? placesOf(roundOf(edge)) : NO_NODES,
        isDeadLetter: edge === drafts[index]?.deadLetterTo,
      });
      planned.set(edge, plan);
      edges.push(plan);
    }
  }
  const plansOf = (own: readonly EdgeDraft[]): EdgePlan[] => own.map((edge) => planned.get(edge) as EdgePlan);
  const nodes = order.map((draft, index): NodePlan => {
    const node = drafts[draft] as NodeDraft;
    const keys = node.inputs.map(({ from }) => (drafts[from] as NodeDraft).knownAs);
    const plan = {
      ...{ ...node, index, keys },
      wayIntoBatch: node.kind === 'inlet' ? wayIntoBatch(drafts, draft, targets) : undefined,
      inputs: plansOf(node.inputs),
      outputs: plansOf(node.outputs),
      deadLetterTo: node.deadLetterTo && planned.get(node.deadLetterTo),
    };
    return Object.freeze({ ...plan, traits: new NodeTraits(plan) });
  });
  const sinks = nodes.filter(({ outputs }) => outputs.length === 0);
  return Object.freeze({
    nodes,
    edges,
    inlets: nodes.filter(({ kind }) => kind === 'inlet'),
    sinkNames: sinks.map(({ knownAs }) => knownAs),
    places: new Map([
      ...nodes.map(({ name, index }) => [name, index] as const),
      ...sinks.map(({ knownAs, index }) => [knownAs, index] as const),
    ]),
    loops: loopsOf(drafts).map(placesOf),
    hasLife: nodes.some(({ setup, teardown }) => setup !== undefined || teardown !== undefined),
  });
}

/** For each node, whether a hole in its input matters: to itself, as a join, or to a join behind it in the same lane. */
function holesWanted(drafts: readonly NodeDraft[], order: readonly number[]): boolean[] {
  const wanted: boolean[] = drafts.map(() => false);
  for (const index of order.toReversed()) {
    const { fanIn, startsLane, outputs } = drafts[index] as NodeDraft;
    wanted[index] = isJoin(fanIn) || (!startsLane && outputs.some(({ to }) => wanted[to]));
  }
  return wanted;
}
