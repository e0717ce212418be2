import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { type Definition, inlet } from 'sluice';
import { hops, turn } from '../support/turns.ts';
import {
  at,
  batchOf,
  type Delay,
  type Graph,
  type GraphNode,
  type InletNode,
  type Input,
  itemsOf,
  keyOf,
  respond,
  type SourceNode,
  scattered,
  type Text,
  type TransformNode,
  textOf,
  verdictOf,
} from './graph.ts';
import { nest } from './nesting.ts';

/** What one node's function was seen to do, counted outside of the engine. */
export interface Tally {
  /** Of a source: items it was asked for. */
  calls: number;
  /** Of a source or an inlet: items that were no null. */
  values: number;
  /** Those of them that a node without takers refused, or that a stream had read ahead. */
  refused: number;
  nothings: number;
  failures: number;
  /** Of these functions' values, those at which the condition of an edge threw. */
  unsent: number;
  /** Messages in the inputs: at a join one for each branch. */
  parts: number;
  active: number;
  /** Generators that have begun and not ended. */
  unfinished: number;
  readonly inputs: Text[];
  /** How many inputs a value was made of, where it was made of several. */
  readonly madeOf: Map<Text, number>;
}

/** Watches a graph at work. */
export interface Probe {
  readonly tallies: Map<string, Tally>;
  /** What is being worked on, as `f(A0)`. */
  readonly working: Set<string>;
  /** Changes whenever anything happens. */
  steps: number;
  /** Called inside every function, before it does anything; and before each item of a source. */
  onCall: (name: string) => void;
  /** How delays are spent: `undefined` is no delay at all. */
  readonly wait: Wait;
}

export type Wait = (delay: Delay, what: string) => Promise<unknown> | undefined;

export const naturally: Wait = (delay) => {
  if (delay === 0) return undefined;
  return delay === 'turn' ? turn() : hops(delay);
};

export function createProbe(wait: Wait = naturally): Probe {
  return { tallies: new Map(), working: new Set(), steps: 0, onCall: () => {}, wait };
}

export function tallyOf({ tallies }: Probe, name: string): Tally {
  const found = tallies.get(name);
  if (found !== undefined) return found;
  const fresh = {
    calls: 0,
    values: 0,
    refused: 0,
    nothings: 0,
    failures: 0,
    unsent: 0,
    parts: 0,
    active: 0,
    unfinished: 0,
    inputs: [],
    madeOf: new Map(),
  };
  tallies.set(name, fresh);
  return fresh;
}

export function toDefinition(graph: Graph, probe: Probe = createProbe()): Definition {
  const edgesOf = (name: string) =>
    graph.nodes.flatMap((node) => {
      const inputs = node.kind === 'transform' ? node.from.filter((input) => input.node === name) : [];
      return inputs.map((input) => edgeOf(input, node.name, probe));
    });
  const names = graph.nodes.map(({ name }) => name);
  if (graph.isReversed) names.reverse();
  const flat = {
    nodes: Object.fromEntries(graph.nodes.map((node) => [node.name, specOf(node, probe)])),
    graph: Object.fromEntries(names.map((name) => [name, edgesOf(name)])),
  } as Definition;
  return nest(flat, graph.nesting ?? []);
}

function edgeOf(input: Input, to: string, probe: Probe): unknown {
  const { node, queueSize, overflow } = input;
  if (queueSize === undefined && overflow === undefined && input.when === undefined) return to;
  const when = (value: Text): boolean => {
    const verdict = verdictOf(input, value);
    if (verdict !== 'throw') return verdict === 'take';
    const tally = tallyOf(probe, node);
    tally.unsent += tally.madeOf.get(value) ?? 1;
    throw new Error(value);
  };
  return { to, queueSize, overflow, ...(input.when !== undefined && { when }) };
}

/** What the inlets that are not pushed to are fed from. */
export function inputsOf(graph: Graph, probe: Probe): Record<string, Iterable<unknown>> {
  const fed = graph.nodes.filter((node): node is InletNode => node.kind === 'inlet' && node.feed !== 'push');
  return Object.fromEntries(fed.map((node) => [node.name, inputOf(node, probe) as Iterable<unknown>]));
}

function inputOf(node: InletNode, probe: Probe): unknown {
  // A stream cannot hold a null: it takes that for its end.
  const held = itemsOf(node);
  if (node.feed === 'readable') return Readable.from(counted(held, node, probe));
  if (node.feed === 'web stream') return ReadableStream.from(counted(held, node, probe));
  return node.feed === 'iterable' ? generate(node, probe) : generateSlowly(node, probe);
}

function* counted(texts: readonly Text[], node: InletNode, probe: Probe): Generator<Text> {
  for (const text of texts) {
    count(node, text, probe);
    yield text;
  }
}

function specOf(node: GraphNode, probe: Probe): unknown {
  if (node.kind === 'inlet') return { ...inlet(), ...node.sheds };
  if (node.kind === 'source') return sourceOf(node, probe);
  const { concurrency, order, queueSize, onError, aggregateInputs, many, keys } = node;
  const single = many === undefined ? functionOf(node, probe) : generatorOf(node, many.as, probe);
  // Any part of it may be made a graph of its own, which an inlet leads into.
  const batch = batchOf(node, true);
  const run = batch?.scatter === true ? scattered(single as (input: unknown) => unknown) : single;
  const flags = many === undefined ? {} : { many: true };
  const keyBy = keys === undefined ? undefined : (input: unknown) => keyOf(node, textOf(input));
  return { run, concurrency, order, queueSize, onError, aggregateInputs, keyBy, batch, ...flags };
}

/** Items with their texts; a null item has none. */
function textsOf(node: SourceNode | InletNode): (Text | null)[] {
  const texts = itemsOf(node);
  return node.items.map((isValue) => (isValue ? (texts.shift() as Text) : null));
}

function count({ name }: SourceNode | InletNode, text: Text | null, probe: Probe): void {
  probe.onCall(name);
  const tally = tallyOf(probe, name);
  tally.calls++;
  if (text !== null) tally.values++;
  probe.steps++;
}

function* generate(node: SourceNode | InletNode, probe: Probe): Generator<Text | null> {
  const tally = tallyOf(probe, node.name);
  tally.unfinished++;
  try {
    for (const text of textsOf(node)) {
      count(node, text, probe);
      yield text;
    }
  } finally {
    tally.unfinished--;
  }
}

async function* generateSlowly(node: SourceNode | InletNode, probe: Probe): AsyncGenerator<Text | null> {
  const tally = tallyOf(probe, node.name);
  tally.unfinished++;
  try {
    for (const [i, text] of textsOf(node).entries()) {
      count(node, text, probe);
      await probe.wait(at(node.delays, i), `${node.name} makes ${text}`);
      probe.steps++;
      yield text;
    }
  } finally {
    tally.unfinished--;
  }
}

function sourceOf(node: SourceNode, probe: Probe): unknown {
  if (node.style === 'generator') return () => generate(node, probe);
  if (node.style === 'async generator') return () => generateSlowly(node, probe);
  return async ({ emit }: { emit(value: unknown): Promise<void> }) => {
    for (const [i, text] of textsOf(node).entries()) {
      await probe.wait(at(node.delays, i), `${node.name} makes ${text}`);
      count(node, text, probe);
      try {
        await emit(text);
      } catch (error) {
        if (text !== null) tallyOf(probe, node.name).refused++;
        throw error;
      }
    }
  };
}

/** Counts a call in; what it returns counts it out. */
function begin(
  node: TransformNode,
  input: unknown,
  probe: Probe,
): { text: Text; size: number; end(): void; wait: Promise<unknown> | undefined } {
  probe.onCall(node.name);
  const text = textOf(input);
  const tally = tallyOf(probe, node.name);
  const wait = probe.wait(at(node.delays, tally.calls), `${node.name} works on ${text}`);
  const inputs: readonly unknown[] = Array.isArray(input) ? input : [input];
  tally.calls += inputs.length;
  tally.active++;
  for (const one of inputs) tally.parts += typeof one === 'string' ? 1 : Object.keys(one as object).length;
  if (inputs.length > 1)
    for (const value of respond(node, text).values) tally.madeOf.set(value, inputs.length);
  tally.inputs.push(...inputs.map(textOf));
  probe.working.add(`${node.name}(${text})`);
  probe.steps++;
  const end = (): void => {
    probe.working.delete(`${node.name}(${text})`);
    tally.active--;
    probe.steps++;
  };
  return { text, size: inputs.length, end, wait };
}

function functionOf(node: TransformNode, probe: Probe): unknown {
  return (input: unknown) => {
    const { text, size, end, wait } = begin(node, input, probe);
    const finish = (): unknown => {
      end();
      const { values, fails } = respond(node, text);
      const tally = tallyOf(probe, node.name);
      if (fails !== undefined) {
        tally.failures += size;
        if (fails === 'reject') return Promise.reject(new Error(text));
        throw new Error(text);
      }
      if (values.length === 0) tally.nothings += size;
      return values[0] ?? null;
    };
    return wait === undefined ? finish() : wait.then(finish);
  };
}

/** Counts calls when they are made: a generator that is returned before it was asked for anything never begins. */
function generatorOf(
  node: TransformNode,
  as: 'generator' | 'async generator' | 'array',
  probe: Probe,
): unknown {
  const tally = tallyOf(probe, node.name);
  const finish = (text: Text, size: number): void => {
    if (respond(node, text).fails === undefined) return;
    tally.failures += size;
    throw new Error(text);
  };
  return (input: unknown) => {
    const { text, size, end, wait } = begin(node, input, probe);
    const { values } = respond(node, text);
    const array = async (): Promise<readonly Text[]> => {
      await wait;
      end();
      finish(text, size);
      return values;
    };
    if (as === 'array') return array();
    end();
    return as === 'generator' ? unroll() : unrollSlowly();

    function* unroll(): Generator<Text> {
      tally.unfinished++;
      try {
        yield* values;
        finish(text, size);
      } finally {
        tally.unfinished--;
      }
    }
    async function* unrollSlowly(): AsyncGenerator<Text> {
      tally.unfinished++;
      try {
        for (const value of values) {
          await wait;
          probe.steps++;
          yield value;
        }
        finish(text, size);
      } finally {
        tally.unfinished--;
      }
    }
  };
}
