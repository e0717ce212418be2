import type { Batch } from '../graph/batch-types.ts';
import type { Overflow } from '../graph/definition.ts';

/** What a function does with an input; which of them is decided by the input alone. `'never'` never settles. */
export type Outcome = 'pass' | 'skip' | 'throw' | 'reject' | 'never';

/** How an attempt fails. */
export type Flaw = 'throw' | 'reject' | 'never';

/** What a function says becomes of a message. */
export type Judgement = 'skip' | 'dead-letter';

/** What the `when` of an edge says of a value; which of them is decided by the value alone. */
export type Verdict = 'take' | 'pass' | 'throw';

/** What a full queue does if it does not block. */
export type Dropping = Exclude<Overflow, 'block'>;

/** How long something takes: not at all, a number of microtasks, or a turn of the event loop. */
export type Delay = 0 | 1 | 2 | 3 | 'turn';

/** A source of a random graph. */
export interface SourceNode {
  readonly kind: 'source';
  readonly name: string;
  readonly style: 'generator' | 'async generator' | 'emit';
  /** `false` stands for a null item, which makes no row. */
  readonly items: readonly boolean[];
  readonly delays: readonly Delay[];
}

/** An inlet of a random graph. */
export interface InletNode {
  readonly kind: 'inlet';
  readonly name: string;
  /** How it is to be fed. */
  readonly feed: 'push' | 'iterable' | 'async iterable' | 'readable' | 'web stream';
  /** How many may wait to be pushed, and who goes when there are more. */
  readonly sheds?: { readonly queueSize: number; readonly overflow: Dropping } | undefined;
  readonly items: readonly boolean[];
  readonly delays: readonly Delay[];
}

/** One input of a node: where from, and the edge's own options, if it has any. */
export interface NodeInput {
  readonly node: string;
  readonly queueSize: number | undefined;
  /** Which of them its `when` says, depends on the value. */
  readonly when?: readonly Verdict[] | undefined;
  readonly overflow?: Dropping | undefined;
}

/** A node with inputs. What its function does with an input is the same whenever it gets it. */
export interface TransformNode {
  readonly kind: 'transform';
  readonly name: string;
  readonly from: readonly NodeInput[];
  readonly aggregateInputs: true | 'partial' | false;
  /** Which of them, depends on the input. */
  readonly does: readonly Outcome[];
  /** Whether it is one-to-many: what it returns, and how many values there are in it. */
  readonly many:
    | undefined
    | { readonly as: 'generator' | 'async generator' | 'array'; readonly counts: readonly number[] };
  readonly delays: readonly Delay[];
  readonly concurrency: number;
  /** Under `keyBy`: how many different keys there are. */
  readonly keys?: number | undefined;
  /** How many inputs are worked on together, and whether each has an answer of its own. */
  readonly batch?: { readonly size: number; readonly scatter: boolean } | undefined;
  readonly order: 'input' | 'completion';
  readonly queueSize: number | undefined;
  readonly onError: 'fail' | 'skip';
  /** What its `onError` is, in place of that, if it is a function: which of them depends on the input. */
  readonly judges?: readonly Judgement[] | undefined;
  /** How often a call is tried at most, and how its first attempts fail: which of the lists depends on the input. */
  readonly retry?: { readonly attempts: number; readonly flaws: readonly (readonly Flaw[])[] } | undefined;
  /** In ms. */
  readonly timeout?: number | undefined;
  /** Whether its calls take their turns in the one pool there is. */
  readonly isPooled?: boolean | undefined;
  /** What it returns are lists of one text then, for which it makes a difference. */
  readonly fanOut?: 'clone' | 'freeze' | undefined;
  /** A feedback edge that leads to it: where from, and how often a value takes it at most. */
  readonly back?: NodeLoop | undefined;
}

/** A feedback edge of a random graph. */
export interface NodeLoop {
  readonly node: string;
  readonly times: number;
  readonly queueSize: number;
}

/** The node of a random graph that takes its dead letters. */
export interface DeadLetterNode {
  readonly name: string;
  readonly queueSize: number;
  readonly concurrency: number;
}

/** A node of a random graph, as data. */
export type GraphNode = SourceNode | InletNode | TransformNode;

/** A graph as data, so that a failing one prints readably and shrinks. */
export interface Graph {
  /** Whoever sends stands before those who take. */
  readonly nodes: readonly GraphNode[];
  /** Which way round the keys of `graph` stand: the order of a join's keys. */
  readonly isReversed: boolean;
  /** How long those who read the sinks take for each value. */
  readonly readDelays: readonly Delay[];
  /** What takes dead letters, if anything does. */
  readonly deadLetter?: DeadLetterNode | undefined;
  /** Calls at once of all nodes in the pool. */
  readonly poolSize?: number | undefined;
}

/** A value that tells where it comes from: `A0`, `f(A0)`, and after a join `j(A=A0,f=f(A0))`. */
export type Text = string;

/** What a function makes of one input; it may fail after some values if it generates them. */
export interface Answer {
  readonly values: readonly Text[];
  readonly fails: 'throw' | 'reject' | undefined;
  /** What its failure says. */
  readonly says?: Text;
}

export function respond({ name, does, many }: TransformNode, input: Text): Answer {
  const outcome = outcomeOf({ does }, input);
  const fails = outcome === 'throw' || outcome === 'reject' ? outcome : undefined;
  if (outcome === 'skip' || outcome === 'never') return { values: [], fails };
  if (many === undefined) return { values: fails === undefined ? [`${name}(${input})`] : [], fails };
  const count = fails !== undefined && many.as === 'array' ? 0 : at(many.counts, hash(input));
  return { values: Array.from({ length: count }, (_, i) => `${name}(${input})#${i}`), fails };
}

export function verdictOf({ when }: NodeInput, value: Text): Verdict {
  return when === undefined ? 'take' : at(when, hash(value));
}

/** The same as far as it is sent: where the `when` of an edge throws, it fails in place of that value. */
export function sendOf(node: TransformNode, graph: Graph, input: Text): Answer {
  const answer = respond(node, input);
  const edges = graph.nodes.flatMap((next) =>
    next.kind === 'transform' ? next.from.filter((edge) => edge.node === node.name) : [],
  );
  const place = answer.values.findIndex((value) => edges.some((edge) => verdictOf(edge, value) === 'throw'));
  if (place === -1) return { ...answer, says: input };
  return { values: answer.values.slice(0, place), fails: 'throw', says: answer.values[place] as Text };
}

export function outcomeOf({ does }: Pick<TransformNode, 'does'>, input: Text): Outcome {
  return at(does, hash(input));
}

/** How long it takes with this input. */
export function delayOf({ delays }: TransformNode, input: Text): Delay {
  return at(delays, hash(`${input}?`));
}

/** What `keyBy` makes of an input. */
export function keyOf({ keys = 1 }: TransformNode, input: Text): number {
  return hash(input) % keys;
}

/** The rows of a source or an inlet: null items make none. */
export function itemsOf({ name, items }: SourceNode | InletNode): Text[] {
  return items.filter(Boolean).map((_, i) => `${name}${i}`);
}

/** The option of that name. A time has to be said where an inlet may lead to the node; one answer for many waits for its end. */
export function batchOf({ batch }: TransformNode, isFed: boolean): Batch | undefined {
  return batch && { ...batch, ...(isFed && { within: batch.scatter ? 0 : 60_000 }) };
}

/** A function of one input, as a function of a batch that is scattered. */
export function scattered(run: (input: unknown) => unknown): (inputs: readonly unknown[]) => unknown[] {
  const answerOf = (input: unknown): unknown => {
    try {
      return run(input);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return (inputs) => inputs.map(answerOf);
}

/** How the attempts at an input fail that come before the one that does what the node does. */
export function flawsOf({ retry }: TransformNode, input: Text): readonly Flaw[] {
  return retry === undefined ? [] : at(retry.flaws, hash(`${input}!`)).slice(0, retry.attempts);
}

/** What becomes of an input that it fails on. */
export function judgementOf(judges: readonly Judgement[], input: Text): Judgement {
  return at(judges, hash(input));
}

/** A join's row as one text, keys in the order they stand in; a list is what is in it. */
export function textOf(input: unknown): Text {
  if (typeof input === 'string') return input;
  if (Array.isArray(input)) return input.map(textOf).join('+');
  return Object.entries(input as Record<string, unknown>)
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .join(',');
}

export function sinksOf({ nodes }: Graph): string[] {
  const upstream = new Set(nodes.flatMap((node) => (node.kind === 'transform' ? sendersOf(node) : [])));
  return nodes.map(({ name }) => name).filter((name) => !upstream.has(name));
}

/** The nodes it takes from, those of which something comes back included. */
function sendersOf({ from, back }: TransformNode): string[] {
  return [...from, ...(back === undefined ? [] : [back])].map(({ node }) => node);
}

/** The names of a node's inputs in the order of `graph`'s keys, which is that of a join's keys. */
export function inputNames({ from }: TransformNode, { nodes, isReversed }: Graph): string[] {
  const names = nodes.map(({ name }) => name).filter((name) => from.some(({ node }) => node === name));
  return isReversed ? names.reverse() : names;
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
