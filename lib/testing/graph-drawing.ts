import type { Arbitrary, FastCheck } from '../support/fast-check.ts';
import type { Flaw, Graph, GraphNode, Judgement, NodeInput, Outcome, TransformNode } from './graph-model.ts';

/** What of a node's options may stand in a random graph; documented with the others. */
export interface OptionFeatures {
  /** Nodes with `retry`, whose functions fail at their first attempts. @default true */
  readonly retries?: boolean;
  /** Nodes with `fanOut`. @default true */
  readonly fanOuts?: boolean;
  /** Nodes with `onError` as a function, and maybe a node for dead letters. @default as `merges`: that node is one */
  readonly deadLetters?: boolean;
  /** Nodes in one pool; the Plumber has to be given the graph's `options`. @default false */
  readonly pools?: boolean;
  /** Nodes with `timeout` whose functions may never settle: only for a virtual clock. @default false */
  readonly timeouts?: boolean;
  /** Feedback edges, on which every value comes back a few times at most. @default false */
  readonly loops?: boolean;
}

/** Longer than any function takes that does settle, in ms. */
const TIMEOUT = 1000;

/** A feedback edge, and how many nodes ahead it comes from. */
export interface LoopDraft {
  readonly ahead: number;
  readonly times: number;
  readonly queueSize: number;
}

type Drawn<T> = { readonly [K in keyof T]-?: Arbitrary<T[K]> };

interface OptionDraft extends Pick<TransformNode, 'judges' | 'retry' | 'fanOut' | 'isPooled' | 'timeout'> {
  readonly loop: LoopDraft | undefined;
}

export function optionsDrawn(
  features: OptionFeatures & { readonly merges?: boolean },
  fc: FastCheck,
): Drawn<OptionDraft> {
  const { retries = true, fanOuts = true, merges = true, deadLetters = merges } = features;
  const { pools = false, timeouts = false, loops = false } = features;
  const sometimes = <T>(isWanted: boolean, arbitrary: Arbitrary<T>): Arbitrary<T | undefined> =>
    isWanted ? fc.option(arbitrary, { nil: undefined, freq: 3 }) : fc.constant(undefined);
  const flaw = fc.constantFrom<Flaw[]>('throw', 'reject', ...(timeouts ? (['never'] as const) : []));
  const retry = fc.record({
    attempts: fc.constantFrom(2, 3, 1),
    flaws: fc.array(fc.array(flaw, { maxLength: 3 }), { minLength: 1, maxLength: 3 }),
  });
  const loop = fc.record({
    ahead: fc.nat(3),
    times: fc.constantFrom(1, 2, 3),
    queueSize: fc.constantFrom(1, 2, 16),
  });
  const judges = fc.array(fc.constantFrom<Judgement[]>('skip', 'dead-letter'), {
    minLength: 1,
    maxLength: 3,
  });
  return {
    judges: sometimes(deadLetters, judges),
    retry: sometimes(retries, retry),
    fanOut: sometimes(fanOuts, fc.constantFrom('clone' as const, 'freeze' as const)),
    isPooled: sometimes(pools, fc.constant(true)),
    timeout: sometimes(timeouts, fc.constant(TIMEOUT)),
    loop: sometimes(loops, loop),
  };
}

/** What stands in a graph beside its nodes. */
export function partsDrawn(
  features: OptionFeatures & { readonly merges?: boolean },
  fc: FastCheck,
): Drawn<Pick<Graph, 'deadLetter' | 'poolSize'>> {
  const { merges = true, deadLetters = merges, pools = false } = features;
  const size = fc.constantFrom(1, 2, 16);
  const deadLetter = fc.record({
    name: fc.constant('dead'),
    queueSize: size,
    concurrency: fc.constantFrom(1, 3),
  });
  return {
    deadLetter: deadLetters ? fc.option(deadLetter, { nil: undefined, freq: 2 }) : fc.constant(undefined),
    poolSize: pools ? fc.constantFrom(1, 2, 4) : fc.constant(undefined),
  };
}

/** What becomes of what never settles where nothing would end it, or would go on before it has settled. */
export function settling<D extends Omit<TransformNode, 'name' | 'from'>>(node: D): D {
  if (node.timeout !== undefined && node.keys === undefined && node.isPooled !== true) return node;
  const settled = <O extends Outcome | Flaw>(outcome: O) => (outcome === 'never' ? 'reject' : outcome);
  const flaws = node.retry?.flaws.map((list) => list.map(settled));
  return {
    ...node,
    does: node.does.map(settled),
    ...(node.retry && { retry: { ...node.retry, flaws } }),
  };
}

/** Draws the edges that lead back, each from one of the nodes that its own can reach. */
export function withLoops(
  nodes: readonly GraphNode[],
  loops: ReadonlyMap<string, LoopDraft | undefined>,
): GraphNode[] {
  return nodes.map((node, place): GraphNode => {
    const loop = loops.get(node.name);
    if (node.kind !== 'transform' || loop === undefined) return node;
    const ahead = reachedFrom(node.name, nodes.slice(place + 1));
    const from = ahead[loop.ahead % ahead.length];
    if (from === undefined) return node;
    return {
      ...node,
      aggregateInputs: false,
      back: { node: from, times: loop.times, queueSize: loop.queueSize },
    };
  });
}

/** Without what leads back from where no path leads to any more, or where it may wait for itself. */
export function closed({ nodes, ...rest }: Graph): Graph {
  const loops: TransformNode[] = [];
  for (const node of nodes) {
    if (node.kind !== 'transform' || node.back === undefined) continue;
    if (mayEnd(round(node, nodes)) && !loops.some((loop) => crosses(loop, node, nodes))) loops.push(node);
  }
  const mended = nodes.map((node): GraphNode => {
    if (node.kind !== 'transform' || node.back === undefined) return node;
    if (!loops.includes(node)) return { ...node, back: undefined };
    const queueSize = multiplies(node, nodes) ? Number.POSITIVE_INFINITY : node.back.queueSize;
    return { ...node, back: { ...node.back, queueSize } };
  });
  return { nodes: mended, ...rest };
}

/** Whether two loops are one: what is in either may come into the other. */
function crosses(one: TransformNode, other: TransformNode, nodes: readonly GraphNode[]): boolean {
  const leads = (head: TransformNode, to: TransformNode): boolean => {
    const ahead = new Set([head.name, ...reachedFrom(head.name, nodes)]);
    return round(to, nodes).some(({ name }) => ahead.has(name));
  };
  return leads(one, other) && leads(other, one);
}

/**
 * Whether all comes in at its head: what comes in elsewhere may fill it up, or wait in a join for what does not come. A
 * batch in it would take more than the edge that leads back holds.
 */
function mayEnd(inside: readonly TransformNode[]): boolean {
  const [, ...others] = inside;
  const isInside = ({ node }: NodeInput): boolean => inside.some(({ name }) => name === node);
  const gathers = inside.some(({ batch }) => batch !== undefined);
  return !gathers && others.length > 0 && others.every(({ from }) => from.every(isInside));
}

/** Whether one message in it may become several. */
function multiplies(head: TransformNode, nodes: readonly GraphNode[]): boolean {
  return round(head, nodes).some(
    (node) =>
      node.many !== undefined || (node !== head && node.aggregateInputs === false && node.from.length > 1),
  );
}

/** The nodes on all ways from the head of a loop to where it comes back from. */
function round(head: TransformNode, nodes: readonly GraphNode[]): TransformNode[] {
  const transforms = nodes.filter((node): node is TransformNode => node.kind === 'transform');
  const ahead = new Set([head.name, ...reachedFrom(head.name, nodes)]);
  const tail = head.back?.node ?? '';
  if (!ahead.has(tail)) return [];
  const behind = new Set([tail]);
  for (const node of transforms.toReversed())
    if (behind.has(node.name)) for (const { node: name } of node.from) behind.add(name);
  return transforms.filter(({ name }) => ahead.has(name) && behind.has(name));
}

/** Whoever sends stands before those who take. */
function reachedFrom(start: string, nodes: readonly GraphNode[]): string[] {
  const reached = new Set([start]);
  for (const node of nodes)
    if (node.kind === 'transform' && node.from.some((input) => reached.has(input.node)))
      reached.add(node.name);
  reached.delete(start);
  return [...reached];
}
