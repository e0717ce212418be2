import { type Definition, type Edge, inlet, type NodeSpec } from '../graph/definition.ts';
import { nextTurn } from '../support/scheduler.ts';
import {
  at,
  batchOf,
  type Delay,
  delayOf,
  type Graph,
  type GraphNode,
  type InletNode,
  itemsOf,
  keyOf,
  type NodeInput,
  outcomeOf,
  respond,
  type SourceNode,
  scattered,
  type Text,
  type TransformNode,
  textOf,
  verdictOf,
} from './graph-model.ts';
import { deadLetterSpec, loopFrom, never, optionsOf, sent, tried } from './graph-options.ts';

/** The definition of a random graph. Its functions depend on their input alone, but for how long they take. */
export function definitionOf({ nodes, isReversed, deadLetter }: Omit<Graph, 'readDelays'>): Definition {
  const edgesOf = (name: string) =>
    nodes.flatMap((node) => {
      if (node.kind !== 'transform') return [];
      const inputs = node.from.filter((input) => input.node === name);
      return [...inputs.map((input) => edgeOf(input, node.name)), ...loopFrom(name, node)];
    });
  const names = nodes.map(({ name }) => name);
  if (isReversed) names.reverse();
  const isFed = nodes.some(({ kind }) => kind === 'inlet');
  return {
    nodes: {
      ...Object.fromEntries(nodes.map((node) => [node.name, specOf(node, isFed)])),
      ...(deadLetter && { [deadLetter.name]: deadLetterSpec(deadLetter) }),
    },
    graph: Object.fromEntries(names.map((name) => [name, edgesOf(name)])),
    ...(deadLetter && { deadLetter: deadLetter.name }),
  };
}

function edgeOf(input: NodeInput, to: string): Edge {
  const { queueSize, overflow } = input;
  if (queueSize === undefined && overflow === undefined && input.when === undefined) return to;
  const when = (value: unknown): boolean => {
    const text = textOf(value);
    const verdict = verdictOf(input, text);
    if (verdict === 'throw') throw new Error(text);
    return verdict === 'take';
  };
  return {
    to,
    ...(queueSize !== undefined && { queueSize }),
    ...(overflow !== undefined && { overflow }),
    ...(input.when !== undefined && { when }),
  };
}

/** What its inlets are to be fed from. Each can be read any number of times. */
export function feedsOf({ nodes }: Graph): Record<string, Iterable<unknown> | AsyncIterable<unknown>> {
  const inlets = nodes.filter((node): node is InletNode => node.kind === 'inlet');
  return Object.fromEntries(inlets.map((node) => [node.name, feedOf(node)]));
}

function feedOf(node: InletNode): Iterable<unknown> | AsyncIterable<unknown> {
  if (node.feed === 'iterable') return { [Symbol.iterator]: () => generate(node) };
  return { [Symbol.asyncIterator]: () => generateSlowly(node) };
}

function specOf(node: GraphNode, isFed: boolean): NodeSpec {
  if (node.kind === 'inlet') return { ...inlet(), ...node.sheds };
  if (node.kind === 'source') return sourceOf(node);
  const { concurrency, order, queueSize, onError, aggregateInputs, many, keys } = node;
  const single = many === undefined ? functionOf(node) : unrolledOf(node, many.as);
  const batch = batchOf(node, isFed);
  const run = batch?.scatter === true ? scattered(single) : tried(node, single);
  return {
    ...{ run, concurrency, order, onError, aggregateInputs },
    ...(queueSize !== undefined && { queueSize }),
    ...(many !== undefined && { many: true }),
    ...(batch !== undefined && { batch }),
    ...(keys !== undefined && { keyBy: (input: unknown) => keyOf(node, textOf(input)) }),
    ...optionsOf(node),
  };
}

function sourceOf(node: SourceNode): NodeSpec {
  if (node.style === 'generator') return () => generate(node);
  if (node.style === 'async generator') return () => generateSlowly(node);
  return async ({ emit }: { emit(value: unknown): Promise<void> }) => {
    for await (const text of generateSlowly(node)) await emit(text);
  };
}

/** Items with their texts; a null item has none. */
function* generate(node: SourceNode | InletNode): Generator<Text | null> {
  const texts = itemsOf(node);
  for (const isValue of node.items) yield isValue ? (texts.shift() as Text) : null;
}

async function* generateSlowly(node: SourceNode | InletNode): AsyncGenerator<Text | null> {
  let item = 0;
  for (const text of generate(node)) {
    await passing(at(node.delays, item++));
    yield text;
  }
}

function functionOf(node: TransformNode): (input: unknown) => unknown {
  return (input) => {
    const text = textOf(input);
    if (outcomeOf(node, text) === 'never') return never();
    const finish = (): unknown => {
      const { values, fails } = respond(node, text);
      if (fails === 'throw') throw new Error(text);
      return fails === 'reject' ? Promise.reject(new Error(text)) : sent(node, values[0]);
    };
    return passing(delayOf(node, text))?.then(finish) ?? finish();
  };
}

function unrolledOf(
  node: TransformNode,
  as: 'generator' | 'async generator' | 'array',
): (input: unknown) => unknown {
  const failIfItDoes = (text: Text): void => {
    if (respond(node, text).fails !== undefined) throw new Error(text);
  };
  const styles = {
    *generator(text: Text) {
      for (const value of respond(node, text).values) yield sent(node, value);
      failIfItDoes(text);
    },
    async *'async generator'(text: Text) {
      for (const value of respond(node, text).values) {
        await passing(delayOf(node, text));
        yield sent(node, value);
      }
      failIfItDoes(text);
    },
    async array(text: Text) {
      await passing(delayOf(node, text));
      failIfItDoes(text);
      return respond(node, text).values.map((value) => sent(node, value));
    },
  };
  return (input) => {
    const text = textOf(input);
    return outcomeOf(node, text) === 'never' ? never() : styles[as](text);
  };
}

/** No promise at all where there is no delay. */
function passing(delay: Delay): Promise<void> | undefined {
  if (delay === 0) return undefined;
  return delay === 'turn' ? nextTurn() : hops(delay);
}

async function hops(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}
