/** What a function does with an input; which of them is decided by the input alone. */
export type Outcome = 'pass' | 'skip' | 'throw' | 'reject';

/** How long something takes: not at all, a number of microtasks, or a turn of the event loop. */
export type Delay = 0 | 1 | 2 | 3 | 'turn';

export interface SourceNode {
  readonly kind: 'source';
  readonly name: string;
  readonly style: 'generator' | 'async generator' | 'emit';
  /** `false` stands for a null item, which makes no row. */
  readonly items: readonly boolean[];
  readonly delays: readonly Delay[];
}

export interface InletNode {
  readonly kind: 'inlet';
  readonly name: string;
  readonly feed: 'push' | 'iterable' | 'async iterable' | 'readable' | 'web stream';
  readonly items: readonly boolean[];
  readonly delays: readonly Delay[];
}

interface Input {
  readonly node: string;
  readonly queueSize: number | undefined;
}

export interface TransformNode {
  readonly kind: 'transform';
  readonly name: string;
  readonly from: readonly Input[];
  readonly aggregateInputs: true | 'partial' | false;
  readonly does: readonly Outcome[];
  readonly many:
    | undefined
    | { readonly as: 'generator' | 'async generator' | 'array'; readonly counts: readonly number[] };
  readonly delays: readonly Delay[];
  readonly concurrency: number;
  readonly order: 'input' | 'completion';
  readonly queueSize: number | undefined;
  readonly onError: 'fail' | 'skip';
}

export type GraphNode = SourceNode | InletNode | TransformNode;

/** A graph as data, so that a failing one prints readably and shrinks. */
export interface Graph {
  /** Whoever sends stands before those who take. */
  readonly nodes: readonly GraphNode[];
  /** Which way round the keys of `graph` stand: the order of a join's keys. */
  readonly isReversed: boolean;
  /** How long those who read the sinks take for each value. */
  readonly readDelays: readonly Delay[];
}

/** A value that tells where it comes from: `A0`, `f(A0)`, and after a join `j(A=A0,f=f(A0))`. */
export type Text = string;

/** What a function makes of one input; it may fail after some values if it generates them. */
export interface Answer {
  readonly values: readonly Text[];
  readonly fails: 'throw' | 'reject' | undefined;
}

export function respond({ name, does, many }: TransformNode, input: Text): Answer {
  const outcome = at(does, hash(input));
  const fails = outcome === 'throw' || outcome === 'reject' ? outcome : undefined;
  if (outcome === 'skip') return { values: [], fails };
  if (many === undefined) return { values: fails === undefined ? [`${name}(${input})`] : [], fails };
  const count = fails !== undefined && many.as === 'array' ? 0 : at(many.counts, hash(input));
  return { values: Array.from({ length: count }, (_, i) => `${name}(${input})#${i}`), fails };
}

/** The rows of a source or an inlet: null items make none. */
export function itemsOf({ name, items }: SourceNode | InletNode): Text[] {
  return items.filter(Boolean).map((_, i) => `${name}${i}`);
}

/** A join's row as one text, keys in the order they stand in. */
export function textOf(input: unknown): Text {
  if (typeof input === 'string') return input;
  return Object.entries(input as Record<string, Text>)
    .map(([key, text]) => `${key}=${text}`)
    .join(',');
}

export function sinksOf({ nodes }: Graph): string[] {
  const upstream = new Set(
    nodes.flatMap((node) => (node.kind === 'transform' ? node.from.map((input) => input.node) : [])),
  );
  return nodes.map(({ name }) => name).filter((name) => !upstream.has(name));
}

/** The names of a node's inputs in the order of `graph`'s keys, which is that of a join's keys. */
export function inputNames({ from }: TransformNode, { nodes, isReversed }: Graph): string[] {
  const names = nodes.map(({ name }) => name).filter((name) => from.some(({ node }) => node === name));
  return isReversed ? names.reverse() : names;
}

/** Whether rows of several lanes meet in a join, so that the end of one may cut off the others. */
export function joinsLanes({ nodes }: Graph): boolean {
  const lanes = new Map<string, string>();
  return nodes.some((node) => {
    const inputs = new Set(node.kind === 'transform' ? node.from.map((input) => lanes.get(input.node)) : []);
    const [only] = inputs;
    lanes.set(node.name, only === undefined || inputs.size > 1 || startsLane(node) ? node.name : only);
    return inputs.size > 1 && isJoin(node);
  });
}

export function isJoin(node: GraphNode): boolean {
  return node.kind === 'transform' && node.from.length > 1 && node.aggregateInputs !== false;
}

function startsLane(node: GraphNode): boolean {
  if (node.kind !== 'transform') return true;
  const isMerge = node.from.length > 1 && node.aggregateInputs === false;
  return isMerge || node.many !== undefined || node.order === 'completion';
}

/** A stream reads ahead of whoever reads it. */
export function isReadAhead({ feed }: InletNode): boolean {
  return feed === 'readable' || feed === 'web stream';
}

/** The item of a list for a number, round and round. */
export function at<T>(list: readonly T[], index: number): T {
  return list[index % list.length] as T;
}

function hash(text: Text): number {
  let sum = 7;
  for (const letter of text) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return sum;
}
