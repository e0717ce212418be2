import { isRecord } from './aliases.ts';
import { ArgsReader } from './args.ts';
import { type SettleBatch, withoutBatchConflicts } from './batch.ts';
import { checkBatches } from './batch-ways.ts';
import { readDeadLetterNode, withDeadLetters } from './dead-letters.ts';
import type { AnyFunction } from './definition.ts';
import { readEdges } from './edges.ts';
import { flatten, roomOf } from './flatten.ts';
import { conflictingLanes } from './lanes.ts';
import {
  checkDepth,
  checkGraphSize,
  checkMessages,
  checkNodeLimits,
  checkOptionLimits,
  defaultsWithin,
} from './limiting.ts';
import type { Limits } from './limits.ts';
import { checkFeedback, withoutFeedback } from './loops.ts';
import { quoted } from './names.ts';
import { type ReadNode, readDefaults, readNode } from './nodes.ts';
import {
  appliesBesides,
  checkApplicable,
  DEFAULT_QUEUE_SIZE,
  type ReadOptions,
  withDefaults,
} from './options.ts';
import { type Ordering, topologicalOrder } from './order.ts';
import type { FanIn, GraphPlan, NodeKind } from './plan.ts';
import { type EdgeDraft, type NodeDraft, targetsOf, toPlan } from './planning.ts';
import { type Pools, readPool } from './pools.ts';
import type { Registry } from './registered.ts';
import { collectProblems, type Report } from './report.ts';
import { checkMoves, readWorker } from './run-in.ts';
import { screened } from './screening.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';
import type { Workers } from './workers.ts';

/**
 * Reads and checks a definition, which may be anything: it can come from a file or a stranger.
 *
 * @throws GraphError with every problem found.
 */
export function checkDefinition(
  definition: unknown,
  registry: Registry,
  plumberDefaults: unknown = {},
  pools: Pools = {},
  workers?: Workers,
  limits?: Limits,
): GraphPlan {
  const { report, throwAny } = collectProblems();
  const document = limits === undefined ? definition : screened(definition, limits);
  const { nodes, graph, defaults, deadLetter } = readShape(document, report);
  throwAny();

  const fallback = readDefaults(plumberDefaults, 'options.defaults', registry, report);
  const ownDefaults = readDefaults(defaults, 'defaults', registry, report);
  const batchPath = ownDefaults.batch === undefined ? 'options.defaults.batch' : 'defaults.batch';
  const settleBatch = withoutBatchConflicts(batchPath, report);
  const read = Object.keys(nodes).map((name) => readNode(name, nodes[name], registry, report));
  const indexOf = new Map(read.map(({ name }, index) => [name, index]));
  const edges = readEdges(graph, indexOf, registry, limits, report);
  checkOptionLimits(ownDefaults, (option) => `defaults.${option}`, limits, report);
  checkNodeLimits(read, limits, report);
  checkGraphSize(read, edges.length, limits, report);
  const deadLetterNode = readDeadLetterNode(deadLetter, read, report);
  const defaultOptions = { ...defaultsWithin(limits, DEFAULT_QUEUE_SIZE), ...fallback, ...ownDefaults };
  const shared = { pools, workers, limits };
  const resolved = resolveKinds(read, edges, defaultOptions, settleBatch, deadLetterNode, shared, report);
  const drafts = withDeadLetters(resolved, deadLetterNode, report);

  const { order: outerOrder, cycles } = ordered(drafts);
  for (const cycle of cycles) {
    const path = [...cycle, cycle[0] as number].map((node) => drafts[node]?.name);
    report(
      'cycle',
      `graph.${path[0]}`,
      `the graph has a cycle: ${path.join(' -> ')}. Data flow one way, but for an edge with feedback: true.`,
    );
  }
  checkFeedback(drafts, report);
  // Rows can only be traced through a graph that is otherwise sound.
  throwAny();
  const flat = flatten(drafts, graphsIn(read));
  const order = flat === drafts ? outerOrder : ordered(flat).order;
  checkDepth(flat, order, limits, report);
  throwAny();
  reportLanes(flat, order, report);
  checkBatches(flat, flat.map(targetsOf), report);
  checkMoves(flat, report);
  throwAny();
  const plan = toPlan(flat, order);
  checkMessages(plan, limits, report);
  throwAny();
  return plan;
}

function ordered(drafts: readonly NodeDraft[]): Ordering {
  return topologicalOrder(withoutFeedback(drafts).map(targetsOf));
}

/** The graphs that nodes stand for, by the place of the node. */
function graphsIn(read: readonly ReadNode[]): Map<number, GraphPlan> {
  return new Map(read.flatMap(({ graph }, place) => (graph === undefined ? [] : [[place, graph] as const])));
}

function reportLanes(drafts: readonly NodeDraft[], order: readonly number[], report: Report): void {
  for (const { join, paths } of conflictingLanes(withoutFeedback(drafts), order)) {
    const name = drafts[join]?.name;
    const [one, other] = paths.map((path) => shownPath(path, drafts));
    const origin =
      paths[0][0] === paths[1][0] ? 'have a common origin' : 'begin at nodes whose rows are paired elsewhere';
    report(
      'unpairable-lanes',
      `nodes.${name}`,
      `cannot pair its inputs row by row: ${one} and ${other} ${origin} and number their rows differently. ` +
        'Set aggregateInputs: false on the node, or join before the rows part.',
    );
  }
}

function shownPath(path: readonly number[], drafts: readonly NodeDraft[]): string {
  return path.reduce((shown, node, place) => {
    const isAlong = drafts[node]?.inputs.some(({ from }) => from === path[place - 1]);
    return `${shown}${place === 0 ? '' : isAlong ? ' -> ' : ' <- '}${drafts[node]?.name}`;
  }, '');
}

function readShape(
  definition: unknown,
  report: Report,
): Record<'nodes' | 'graph' | 'defaults', Record<string, unknown>> & { readonly deadLetter: unknown } {
  const whole = isRecord(definition) ? definition : {};
  if (whole !== definition)
    report('not-a-definition', 'definition', `is ${shown(definition)}, must be { nodes, graph }`);
  const known = ['nodes', 'graph', 'defaults', 'deadLetter'];
  reportUnknownKeys(whole, known, (key) => key, report, 'is no part of a definition');
  const part = (name: string, fallback?: object): Record<string, unknown> => {
    const value = whole[name] === undefined ? fallback : whole[name];
    if (isRecord(value)) return value;
    if (whole === definition) report('not-a-definition', name, `is ${shown(value)}, must be an object`);
    return {};
  };
  const parts = {
    nodes: part('nodes'),
    graph: part('graph', {}),
    defaults: part('defaults', {}),
    deadLetter: whole.deadLetter,
  };
  if (isRecord(whole.nodes) && Object.keys(parts.nodes).length === 0) {
    report('no-nodes', 'nodes', 'is empty: a graph needs at least one node');
  }
  return parts;
}

/** What a Plumber's nodes share, and may not exceed. */
interface Shared {
  readonly pools: Pools;
  readonly workers: Workers | undefined;
  readonly limits: Limits | undefined;
}

/** What each node is, now that the edges are known, and its options with the defaults that can apply. */
function resolveKinds(
  read: readonly ReadNode[],
  edges: readonly EdgeDraft[],
  defaults: ReadOptions,
  settleBatch: SettleBatch,
  deadLetterNode: number | undefined,
  { pools, workers, limits }: Shared,
  report: Report,
): NodeDraft[] {
  const inputs: EdgeDraft[][] = read.map(() => []);
  const outputs: EdgeDraft[][] = read.map(() => []);
  for (const edge of edges) {
    inputs[edge.to]?.push(edge);
    outputs[edge.from]?.push(edge);
  }
  const args = new ArgsReader();
  return read.map(({ name, isInlet, run, module, graph, options: own, source }, index) => {
    const into = inputs[index] as EdgeDraft[];
    const out = outputs[index] as EdgeDraft[];
    const isFed = graph !== undefined || into.length > 0 || index === deadLetterNode;
    const kind = kindOf(isInlet, isFed);
    const holder = graph === undefined ? kind : 'subgraph';
    const pathOf = (option: string): string => `nodes.${name}.${source?.pathOf(option) ?? option}`;
    if (isInlet && into.length > 0) {
      const from = into.map((edge) => quoted(read[edge.from]?.name ?? '')).join(', ');
      report('inlet-with-input', `nodes.${name}`, `is an inlet, fed from outside, but ${from} lead to it`);
    }
    if (graph !== undefined && into.length === 0 && index !== deadLetterNode) {
      report(
        'bad-subgraph',
        `nodes.${name}`,
        'is a graph, which is fed by other nodes, but no edge leads to it',
      );
    }
    const ignored = source?.lenientQueueSize && kind === 'source' ? { queueSize: undefined } : {};
    const written = { ...own, ...ignored } as ReadOptions;
    const besides = appliesBesides(kind, out.length === 0, { ...defaults, ...written });
    checkApplicable(written, holder, besides, pathOf, report);
    const generates = run !== undefined && isGeneratorFunction(run);
    const merged = withDefaults(written, defaults, holder, besides);
    const options = settleBatch(merged, written, generates, pathOf('batch'));
    if (own.many === false && generates && kind === 'transform') {
      report(
        'bad-option',
        pathOf('many'),
        'is false, but the function is a generator function, which always gives many',
      );
    }
    const many = kind === 'transform' && (generates || options.many === true);
    const fanIn: FanIn = into.length < 2 ? 'single' : fanInOf(options.aggregateInputs);
    const { order = 'input', queueSize = DEFAULT_QUEUE_SIZE, overflow = 'block' } = options;
    const room = roomOf(graph, written);
    const worker = readWorker({ run, module }, options, written, workers, pathOf, args, report);
    return {
      name,
      knownAs: name,
      kind,
      fanIn,
      run,
      many,
      order,
      inputs: into,
      outputs: out,
      setup: options.setup,
      teardown: options.teardown,
      keyBy: options.keyBy,
      args: args.read(options.args, [run, options.setup, options.teardown], pathOf('args'), report),
      concurrency:
        options.concurrency ??
        Math.min(worker?.concurrency ?? 1, limits?.concurrency ?? Number.POSITIVE_INFINITY),
      onError: options.onError ?? 'fail',
      canDeadLetter: false,
      deadLetterTo: undefined,
      retry: options.retry,
      batch: options.batch,
      pool: options.pool === undefined ? undefined : readPool(options.pool, pathOf('pool'), pools, report),
      worker,
      timeout: options.timeout,
      input: options.input,
      output: options.output,
      queueSize: written.queueSize ?? room.queueSize ?? queueSize,
      readerQueueSize: queueSize,
      overflow: room.overflow ?? overflow,
      fanOut: options.fanOut ?? 'share',
      startsLane:
        kind !== 'transform' ||
        many ||
        fanIn === 'merge' ||
        order === 'completion' ||
        options.batch?.scatter === false,
    };
  });
}

function kindOf(isInlet: boolean, isFed: boolean): NodeKind {
  if (isInlet) return 'inlet';
  return isFed ? 'transform' : 'source';
}

function fanInOf(aggregateInputs: ReadOptions['aggregateInputs'] = true): FanIn {
  if (aggregateInputs === 'partial') return 'partial-join';
  return aggregateInputs ? 'join' : 'merge';
}

function isGeneratorFunction(run: AnyFunction): boolean {
  return /^\[object (Async)?GeneratorFunction\]$/.test(Object.prototype.toString.call(run));
}
