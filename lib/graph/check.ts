import { isRecord, type ReadableNode, resolveAliases } from './aliases.ts';
import type { AnyFunction, Registry } from './definition.ts';
import { conflictingLanes } from './lanes.ts';
import { nameFault, quoted, suggestion } from './names.ts';
import {
  checkApplicable,
  DEFAULT_QUEUE_SIZE,
  type ReadOptions,
  readFunction,
  readOptions,
  shown,
  withDefaults,
} from './options.ts';
import { topologicalOrder } from './order.ts';
import type { FanIn, GraphPlan, NodeKind } from './plan.ts';
import { type EdgeDraft, type NodeDraft, toPlan } from './planning.ts';
import { collectProblems, type Report } from './report.ts';

interface ReadNode {
  readonly name: string;
  readonly isInlet: boolean;
  readonly run: AnyFunction | undefined;
  readonly options: ReadOptions;
  readonly source: ReadableNode | undefined;
}

/**
 * Reads and checks a definition, which may be anything: it can come from a file or a stranger.
 *
 * @throws GraphError with every problem found.
 */
export function checkDefinition(
  definition: unknown,
  registry: Registry,
  plumberDefaults: unknown = {},
): GraphPlan {
  const { report, problems, throwAny } = collectProblems();
  const { nodes, graph, defaults } = readShape(definition, report);
  throwAny();

  const defaultOptions = {
    ...readDefaults(plumberDefaults, 'options.defaults', registry, report),
    ...readDefaults(defaults, 'defaults', registry, report),
  };
  const read = Object.keys(nodes).map((name) => readNode(name, nodes[name], registry, report));
  const indexOf = new Map(read.map(({ name }, index) => [name, index]));
  const edges = readEdges(graph, indexOf, report);
  const drafts = resolveKinds(read, edges, defaultOptions, report);

  const { order, cycles } = topologicalOrder(drafts.map(({ outputs }) => outputs.map(({ to }) => to)));
  for (const cycle of cycles) {
    const path = [...cycle, cycle[0] as number].map((node) => drafts[node]?.name);
    report(
      'cycle',
      `graph.${path[0]}`,
      `the graph has a cycle: ${path.join(' -> ')}. Data can only flow one way.`,
    );
  }
  // Rows can only be traced through a graph that is otherwise sound.
  if (problems.length === 0) {
    for (const { join, paths } of conflictingLanes(drafts, order)) {
      const name = drafts[join]?.name;
      const [one, other] = paths.map((path) => path.map((node) => drafts[node]?.name).join(' -> '));
      const origin =
        paths[0][0] === paths[1][0]
          ? 'have a common origin'
          : 'begin at nodes whose rows are paired elsewhere';
      report(
        'unpairable-lanes',
        `nodes.${name}`,
        `cannot pair its inputs row by row: ${one} and ${other} ${origin} and number their rows differently. ` +
          'Set aggregateInputs: false on the node, or join before the rows part.',
      );
    }
  }
  throwAny();
  return toPlan(drafts, order);
}

function readShape(
  definition: unknown,
  report: Report,
): Record<'nodes' | 'graph' | 'defaults', Record<string, unknown>> {
  const whole = isRecord(definition) ? definition : {};
  if (whole !== definition)
    report('not-a-definition', 'definition', `is ${shown(definition)}, must be { nodes, graph }`);
  const known = ['nodes', 'graph', 'defaults'];
  for (const key of Object.keys(whole)) {
    if (!known.includes(key))
      report('unknown-option', key, () => `is no part of a definition.${suggestion(key, known)}`);
  }
  const part = (name: string, fallback?: object): Record<string, unknown> => {
    const value = whole[name] === undefined ? fallback : whole[name];
    if (isRecord(value)) return value;
    if (whole === definition) report('not-a-definition', name, `is ${shown(value)}, must be an object`);
    return {};
  };
  const parts = { nodes: part('nodes'), graph: part('graph', {}), defaults: part('defaults', {}) };
  if (isRecord(whole.nodes) && Object.keys(parts.nodes).length === 0) {
    report('no-nodes', 'nodes', 'is empty: a graph needs at least one node');
  }
  return parts;
}

function readDefaults(defaults: unknown, path: string, registry: Registry, report: Report): ReadOptions {
  if (!isRecord(defaults)) {
    report('bad-option', path, `is ${shown(defaults)}, must be an object of node options`);
    return {};
  }
  return readOptions(defaults, (option) => `${path}.${option}`, [], registry, report);
}

function readNode(name: string, spec: unknown, registry: Registry, report: Report): ReadNode {
  const path = `nodes.${name.slice(0, 60)}`;
  const fault = nameFault(name);
  if (fault !== undefined) report('bad-name', path, `${quoted(name)} ${fault}`);
  if (isRecord(spec) && Object.hasOwn(spec, 'inlet')) {
    if (spec.inlet !== true) report('bad-option', `${path}.inlet`, `is ${shown(spec.inlet)}, must be true`);
    const options = readOptions(spec, (option) => `${path}.${option}`, ['inlet'], registry, report);
    return { name, isInlet: true, run: undefined, options, source: undefined };
  }
  if (!isRecord(spec)) {
    const run =
      typeof spec === 'function' ? (spec as AnyFunction) : readFunction(spec, {}, path, registry, report);
    return { name, isInlet: false, run, options: {}, source: undefined };
  }
  const source = resolveAliases(spec);
  const pathOf = (option: string): string => `${path}.${source.pathOf(option)}`;
  const run = readFunction(source.spec.run, spec, pathOf('run'), registry, report);
  const options = readOptions(source.spec, pathOf, ['run'], registry, report);
  return { name, isInlet: false, run, options, source };
}

function readEdges(
  graph: Readonly<Record<string, unknown>>,
  indexOf: ReadonlyMap<string, number>,
  report: Report,
): EdgeDraft[] {
  const names = [...indexOf.keys()];
  const edges: EdgeDraft[] = [];
  for (const [fromName, targets] of Object.entries(graph)) {
    const path = `graph.${fromName.slice(0, 60)}`;
    const from = indexOf.get(fromName);
    if (from === undefined) {
      report(
        'unknown-node',
        path,
        () => `there is no node ${quoted(fromName)}.${suggestion(fromName, names)}`,
      );
    }
    if (targets === null) continue;
    if (!Array.isArray(targets)) {
      report('not-an-edge', path, `is ${shown(targets)}, must be a list of node names, or null for a sink`);
      continue;
    }
    const seen = new Set<number>();
    for (const [position, target] of (targets as readonly unknown[]).entries()) {
      const edge = readEdge(target, `${path}[${position}]`, names, indexOf, report);
      if (edge === undefined || from === undefined) continue;
      if (edge.to === from) report('self-edge', edge.path, `${quoted(fromName)} leads to itself`);
      else if (seen.has(edge.to)) {
        report(
          'duplicate-edge',
          edge.path,
          `there is an edge from ${quoted(fromName)} to ${quoted(edge.toName)} already`,
        );
      } else edges.push({ from, to: edge.to, queueSize: edge.queueSize });
      seen.add(edge.to);
    }
  }
  return edges;
}

interface ReadEdge {
  readonly to: number;
  readonly toName: string;
  readonly queueSize: number | undefined;
  readonly path: string;
}

function readEdge(
  target: unknown,
  path: string,
  names: readonly string[],
  indexOf: ReadonlyMap<string, number>,
  report: Report,
): ReadEdge | undefined {
  const fields = isRecord(target) ? target : { to: target };
  for (const key of Object.keys(fields)) {
    if (key !== 'to' && key !== 'queueSize') {
      report(
        'unknown-option',
        `${path}.${key}`,
        () => `there is no such option of an edge.${suggestion(key, ['to', 'queueSize'])}`,
      );
    }
  }
  const { to, queueSize } = readOptionsOfEdge(fields, path, report);
  if (to === undefined) return undefined;
  const index = indexOf.get(to);
  if (index === undefined) {
    report('unknown-node', path, () => `there is no node ${quoted(to)}.${suggestion(to, names)}`);
    return undefined;
  }
  return { to: index, toName: to, queueSize, path };
}

function readOptionsOfEdge(
  fields: Readonly<Record<string, unknown>>,
  path: string,
  report: Report,
): { to: string | undefined; queueSize: number | undefined } {
  const { to, queueSize } = fields;
  if (typeof to !== 'string') {
    report('not-an-edge', path, `leads to ${shown(to)}, must be a node name or { to: a node name }`);
    return { to: undefined, queueSize: undefined };
  }
  const size = readOptions({ queueSize }, (option) => `${path}.${option}`, [], {}, report).queueSize;
  return { to, queueSize: size };
}

/** What each node is, now that the edges are known, and its options with the defaults that can apply. */
function resolveKinds(
  read: readonly ReadNode[],
  edges: readonly EdgeDraft[],
  defaults: ReadOptions,
  report: Report,
): NodeDraft[] {
  const inputs: EdgeDraft[][] = read.map(() => []);
  const outputs: EdgeDraft[][] = read.map(() => []);
  for (const edge of edges) {
    inputs[edge.to]?.push(edge);
    outputs[edge.from]?.push(edge);
  }
  return read.map(({ name, isInlet, run, options: own, source }, index) => {
    const into = inputs[index] as EdgeDraft[];
    const out = outputs[index] as EdgeDraft[];
    const kind: NodeKind = isInlet ? 'inlet' : into.length === 0 ? 'source' : 'transform';
    const pathOf = (option: string): string => `nodes.${name}.${source?.pathOf(option) ?? option}`;
    if (isInlet && into.length > 0) {
      const from = into.map((edge) => quoted(read[edge.from]?.name ?? '')).join(', ');
      report('inlet-with-input', `nodes.${name}`, `is an inlet, fed from outside, but ${from} lead to it`);
    }
    const ignored = source?.lenientQueueSize && kind === 'source' ? { queueSize: undefined } : {};
    const written = { ...own, ...ignored } as ReadOptions;
    checkApplicable(written, kind, out.length === 0, pathOf, report);
    const options = withDefaults(written, defaults, kind, out.length === 0);
    const generates = run !== undefined && isGeneratorFunction(run);
    if (own.many === false && generates && kind === 'transform') {
      report(
        'bad-option',
        pathOf('many'),
        'is false, but the function is a generator function, which always gives many',
      );
    }
    const many = kind === 'transform' && (generates || options.many === true);
    const fanIn: FanIn = into.length < 2 ? 'single' : fanInOf(options.aggregateInputs);
    const order = options.order ?? 'input';
    return {
      ...{ name, kind, fanIn, run, many, order, inputs: into, outputs: out },
      setup: options.setup,
      teardown: options.teardown,
      args: Object.freeze({ ...options.args }),
      concurrency: options.concurrency ?? 1,
      onError: options.onError ?? 'fail',
      queueSize: options.queueSize ?? DEFAULT_QUEUE_SIZE,
      startsLane: kind !== 'transform' || many || fanIn === 'merge' || order === 'completion',
    };
  });
}

function fanInOf(aggregateInputs: ReadOptions['aggregateInputs'] = true): FanIn {
  if (aggregateInputs === 'partial') return 'partial-join';
  return aggregateInputs ? 'join' : 'merge';
}

function isGeneratorFunction(run: AnyFunction): boolean {
  return /^\[object (Async)?GeneratorFunction\]$/.test(Object.prototype.toString.call(run));
}
