import type { Definition } from '../graph/definition.ts';
import type { PlumberOptions } from '../pipeline/options.ts';
import { definitionOf, feedsOf } from './graph-definition.ts';
import type {
  DeadLetterNode,
  Delay,
  Graph,
  GraphNode,
  InletNode,
  NodeInput,
  SourceNode,
  TransformNode,
} from './graph-model.ts';
import { graphWords, optionWords, plumberOptionsOf } from './graph-options.ts';
import { printedAs } from './show.ts';

/** A valid graph made at random: as data, and as a definition with inputs. Printed, it shows its nodes, one a line. */
export class RandomGraph implements Graph {
  /** Whoever sends stands before those who take. */
  readonly nodes: readonly GraphNode[];
  /** Which way round the keys of `graph` stand: the order of a join's keys. */
  readonly isReversed: boolean;
  /** How long those who read the sinks are to take for each value. */
  readonly readDelays: readonly Delay[];
  readonly deadLetter: DeadLetterNode | undefined;
  /** Calls at once of all nodes in the pool. */
  readonly poolSize: number | undefined;
  /** What a Plumber is made of. */
  readonly definition: Definition;
  /** What it has to be given beside it: the pool, if there may be one. */
  readonly options: Pick<PlumberOptions, 'pools'>;

  constructor(graph: Graph) {
    this.nodes = graph.nodes;
    this.isReversed = graph.isReversed;
    this.readDelays = graph.readDelays;
    this.deadLetter = graph.deadLetter;
    this.poolSize = graph.poolSize;
    this.definition = definitionOf(graph);
    this.options = plumberOptionsOf(graph);
    printedAs(this, () => this.toString());
  }

  /** What its inlets are fed from; it can be read any number of times. */
  get inputs(): Record<string, Iterable<unknown> | AsyncIterable<unknown>> {
    return feedsOf(this);
  }

  toString(): string {
    const reversed = this.isReversed ? '\n  (keys of graph in reverse order)' : '';
    const lines = [...this.nodes.map(line), ...graphWords(this)];
    return `\n  ${lines.join('\n  ')}${reversed}\n`;
  }
}

function line(node: GraphNode): string {
  return node.kind === 'transform' ? transformLine(node) : rootLine(node);
}

function rootLine(node: SourceNode | InletNode): string {
  const how = node.kind === 'source' ? `source, ${node.style}` : `inlet, ${node.feed}`;
  const items = node.items.map((isValue) => (isValue ? 'value' : 'null')).join(', ');
  return `${node.name} (${how}${shed(node)}): ${items === '' ? 'nothing' : items}${delayed(node.delays)}`;
}

function shed(node: SourceNode | InletNode): string {
  if (node.kind === 'source' || node.sheds === undefined) return '';
  return `/${node.sheds.queueSize}, ${node.sheds.overflow}`;
}

function transformLine(node: TransformNode): string {
  const { name, from, aggregateInputs, does, many, concurrency, order, queueSize, onError, delays } = node;
  const { keys, batch } = node;
  const inputs = from.map(inputText);
  const options = [
    ...(from.length > 1 ? [FAN_INS[`${aggregateInputs}`]] : []),
    ...(many === undefined ? [] : [`many (${many.as}) of ${many.counts.join(', ')} values`]),
    ...(queueSize === undefined ? [] : [`queueSize ${queueSize}`]),
    ...(concurrency === 1 ? [] : [`concurrency ${concurrency}`]),
    ...(batch === undefined ? [] : [`batch of ${batch.size}${batch.scatter ? ', scattered' : ''}`]),
    ...(keys === undefined ? [] : [`keyBy with ${keys} keys`]),
    ...(order === 'input' ? [] : [`order ${order}`]),
    ...(does.some((outcome) => outcome === 'throw' || outcome === 'reject') ? [`onError ${onError}`] : []),
    ...optionWords(node),
  ];
  return `${name} <- ${inputs.join(', ')}: ${[does.join(' or '), ...options].join('; ')}${delayed(delays)}`;
}

function inputText({ node, queueSize, when, overflow }: NodeInput): string {
  const size = queueSize === undefined ? '' : `/${queueSize}`;
  const options = [
    ...(when === undefined ? [] : [`when ${when.join(' or ')}`]),
    ...(overflow === undefined ? [] : [overflow]),
  ];
  return `${node}${size}${options.length === 0 ? '' : ` (${options.join(', ')})`}`;
}

const FAN_INS = { true: 'join', partial: 'partial join', false: 'merge' } as const;

function delayed(delays: readonly Delay[]): string {
  return delays.every((delay) => delay === 0) ? '' : `; takes ${delays.join(', ')}`;
}
