import { GraphError } from '../error/graph-error.ts';
import type { Definition } from '../graph/definition.ts';
import { Plumber } from '../pipeline/plumber.ts';
import { type Arbitrary, type FastCheck, fastCheck } from '../support/fast-check.ts';
import { definitionOf } from './graph-definition.ts';
import {
  closed,
  type LoopDraft,
  type OptionFeatures,
  optionsDrawn,
  partsDrawn,
  settling,
  withLoops,
} from './graph-drawing.ts';
import type {
  Delay,
  Dropping,
  Graph,
  GraphNode,
  InletNode,
  NodeInput,
  Outcome,
  SourceNode,
  TransformNode,
  Verdict,
} from './graph-model.ts';
import { plumberOptionsOf } from './graph-options.ts';
import { RandomGraph } from './random-graph.ts';

/** What may stand in a random graph, beside plain transforms and joins. */
export interface GraphFeatures extends OptionFeatures {
  /** Where its data come from; `'push'` is an inlet like a fed one, for tests that push. @default ['source', 'fed'] */
  readonly roots?: readonly ('source' | 'push' | 'fed')[];
  /** What inlets are fed from, as a hint for tests with streams. @default ['iterable', 'async iterable'] */
  readonly feeds?: readonly Exclude<InletNode['feed'], 'push'>[];
  /** Sources and inlets, at most; not more than 5. @default 3 */
  readonly mostRoots?: number;
  /** Other nodes, at most; not more than 20. @default 7 */
  readonly mostNodes?: number;
  /** Items of one source or inlet, at most. @default 20 */
  readonly mostItems?: number;
  /** One-to-many nodes. @default true */
  readonly many?: boolean;
  /** Nodes with `aggregateInputs: false`, behind which the order of outputs depends on the schedule. @default true */
  readonly merges?: boolean;
  /** Nodes with `order: 'completion'`: the same. @default true */
  readonly completion?: boolean;
  /** Nodes with `aggregateInputs: 'partial'`. @default true */
  readonly partial?: boolean;
  /** Nodes with `keyBy`. @default true */
  readonly keys?: boolean;
  /**
   * Nodes with `batch`, with and (if there may be one-to-many nodes) without `scatter`; `'scatter'`: only with. Without it
   * no `call` passes, and what a node makes of its inputs depends on which of them are worked on together; that is said by
   * `size` alone, but for what a `stop` cuts short.
   * @default true
   */
  readonly batches?: boolean | 'scatter';
  /** Edges with `when`, which throws if functions do. @default true */
  readonly conditions?: boolean;
  /** What full queues do if they do not block, on edges and on inlets that are pushed to. @default [] */
  readonly overflows?: readonly Dropping[];
  /**
   * What functions do with an input; one that is named more often is done more often. Only what is named here is done, so
   * `'never'` only if it is. @default ['pass', 'pass', 'pass', 'skip', 'throw', 'reject']
   */
  readonly outcomes?: readonly Outcome[];
  /** Of every node; where it is `'fail'`, failures end the pipeline. @default 'skip' */
  readonly onError?: 'fail' | 'skip';
  /** How long functions take: microtasks, or a turn of the event loop. @default [0, 0, 0, 1, 2, 3, 'turn'] */
  readonly delays?: readonly Delay[];
}

/**
 * An arbitrary of fast-check, which has to be installed: valid definitions with functions that return values, skip, fail,
 * are slow or give several values, with random options, joins and merges. What a function does depends on its input alone.
 * A failing graph shrinks to a small one, and prints its nodes, edges and options.
 *
 * @example
 * import fc from 'fast-check';
 * import { Plumber } from 'sluice';
 * import { graphs, simulate } from 'sluice/testing';
 *
 * await fc.assert(
 *   fc.asyncProperty(graphs({ merges: false, completion: false }), async ({ definition, inputs }) => {
 *     const plumber = new Plumber(definition);
 *     const pipeline = plumber.createPipeline({ inputs });
 *     const outputs: unknown[] = [];
 *     for await (const value of pipeline) outputs.push(value);
 *     const expected = Object.values(await simulate(plumber, inputs)).flat();
 *     return outputs.sort().join() === expected.sort().join();
 *   }),
 * );
 *
 * @throws Error if fast-check is not installed
 */
export function graphs(features: GraphFeatures = {}): Arbitrary<RandomGraph> {
  const fc = fastCheck('graphs()');
  const { roots = ['source', 'fed'], mostRoots = 3, mostNodes = 7 } = features;
  const root = fc.oneof(...roots.map((kind) => rootOf(kind, features, fc)));
  return fc
    .record({
      roots: fc.oneof(
        toFirst,
        fc.array(root, { minLength: 1, maxLength: 1 }),
        fc.array(root, { minLength: 1, maxLength: Math.min(mostRoots, ROOT_NAMES.length) }),
      ),
      transforms: fc.array(transformOf(features, fc), {
        ...{ minLength: 1, maxLength: Math.min(mostNodes, OTHER_NAMES.length) },
        size: 'max',
      }),
      isReversed: fc.boolean(),
      readDelays: delaysOf(features, fc),
      ...partsDrawn(features, fc),
    })
    .map(({ roots, transforms, ...rest }) => new RandomGraph(pairable(assemble(roots, transforms, rest))));
}

const ROOT_NAMES = 'ABCDE';
const OTHER_NAMES = 'fghijklmnopqrstuvwxy';

/** Where one of several ways was taken, the first is tried when it shrinks. */
const toFirst = { withCrossShrink: true } as const;

/** Keeps little, so that long runs of holes come of it. */
const filter: readonly Outcome[] = ['skip', 'skip', 'skip', 'skip', 'pass'];

function delaysOf(
  { delays = [0, 0, 0, 1, 2, 3, 'turn'] }: GraphFeatures,
  fc: FastCheck,
): Arbitrary<readonly Delay[]> {
  return fc.array(fc.constantFrom(...delays), { minLength: 1, maxLength: 3 });
}

type Root = Omit<SourceNode, 'name'> | Omit<InletNode, 'name'>;

function rootOf(kind: 'source' | 'push' | 'fed', features: GraphFeatures, fc: FastCheck): Arbitrary<Root> {
  const { mostItems = 20, feeds = ['iterable', 'async iterable'], overflows = [] } = features;
  const item = fc.nat(9).map((n) => n > 0);
  const common = {
    items: fc.array(item, { maxLength: mostItems, size: 'max' }),
    delays: delaysOf(features, fc),
  };
  if (kind === 'source') {
    const style = fc.constantFrom('generator' as const, 'async generator' as const, 'emit' as const);
    return fc.record({ kind: fc.constant('source' as const), style, ...common });
  }
  const feed = kind === 'push' ? fc.constant('push' as const) : fc.constantFrom(...feeds);
  const isShedding = kind === 'push' && overflows.length > 0;
  const sheds = isShedding
    ? fc.option(fc.record({ queueSize: fc.constantFrom(1, 2, 3), overflow: fc.constantFrom(...overflows) }), {
        nil: undefined,
      })
    : fc.constant(undefined);
  return fc.record({ kind: fc.constant('inlet' as const), feed, sheds, ...common });
}

interface Pick extends Omit<NodeInput, 'node'> {
  /** How many nodes back. */
  readonly back: number;
}
interface Draft extends Omit<TransformNode, 'name' | 'from' | 'back'> {
  readonly loop: LoopDraft | undefined;
  readonly picks: readonly Pick[];
  /** fast-check shortens arrays at one end only: one in the middle can be left out nevertheless. */
  readonly isLeftOut: boolean;
}

function transformOf(features: GraphFeatures, fc: FastCheck): Arbitrary<Draft> {
  const size = fc.option(fc.constantFrom(1, 2, 3, 4), { nil: undefined, freq: 3 });
  const { many = true, merges = true, completion = true, partial = true, onError = 'skip' } = features;
  const { keys = true, batches = true, timeouts = false } = features;
  const sizes = fc.constantFrom(1, 2, 3, 5);
  const { outcomes: some = ['pass', 'pass', 'pass', 'skip', 'throw', 'reject'] } = features;
  const outcomes: readonly Outcome[] = timeouts ? [...some, 'never'] : some;
  const batchOf = (scatter: boolean) => fc.record({ size: sizes, scatter: fc.constant(scatter) });
  const fanIns = [true, true, ...(partial ? ['partial' as const] : []), ...(merges ? [false] : [])] as const;
  const unrolled = fc.record({
    as: fc.constantFrom('generator' as const, 'async generator' as const, 'array' as const),
    counts: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
  });
  // Near ones are picked more often: what parts from one node meets again.
  const { conditions = true, overflows = [] } = features;
  const fails = outcomes.includes('throw') ? (['throw'] as const) : [];
  const verdict = fc.constantFrom<Verdict[]>('take', 'take', 'take', 'pass', 'pass', ...fails);
  const pick = fc.record({
    back: fc.oneof(fc.nat(2), fc.nat(9)),
    queueSize: size,
    when: fc.oneof(
      toFirst,
      { weight: 5, arbitrary: fc.constant(undefined) },
      { weight: conditions ? 1 : 0, arbitrary: fc.array(verdict, { minLength: 1, maxLength: 4 }) },
    ),
    overflow: fc.constantFrom(...[undefined, undefined, ...overflows]),
  });
  const draft = fc.record({
    kind: fc.constant('transform' as const),
    isLeftOut: fc.nat(9).map((n) => n === 0),
    picks: fc.array(pick, { minLength: 1, maxLength: 3 }),
    aggregateInputs: fc.constantFrom(...fanIns),
    does: fc.oneof(
      toFirst,
      { weight: 3, arbitrary: fc.constant(['pass' as const]) },
      { weight: 3, arbitrary: fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 4 }) },
      { weight: outcomes.includes('skip') ? 1 : 0, arbitrary: fc.constant(filter) },
    ),
    many: fc.oneof(
      toFirst,
      { weight: 7, arbitrary: fc.constant(undefined) },
      { weight: many ? 1 : 0, arbitrary: unrolled },
    ),
    delays: delaysOf(features, fc),
    concurrency: fc.constantFrom(1, 1, 1, 2, 3, 5),
    keys: fc.constantFrom(undefined, undefined, ...(keys ? [1, 2, 3] : [])),
    batch: fc.oneof(
      toFirst,
      { weight: 7, arbitrary: fc.constant(undefined) },
      { weight: batches === false ? 0 : 1, arbitrary: batchOf(true) },
      { weight: batches === true && many ? 1 : 0, arbitrary: batchOf(false) },
    ),
    order: fc.constantFrom(
      ...(completion ? (['input', 'input', 'completion'] as const) : (['input'] as const)),
    ),
    queueSize: size,
    onError: fc.constant(onError),
    ...optionsDrawn(features, fc),
  });
  const fitting = draft.map(withoutConflict);
  return timeouts ? fitting.map(settling) : fitting;
}

function assemble(roots: readonly Root[], drafts: readonly Draft[], rest: Omit<Graph, 'nodes'>): Graph {
  const nodes: GraphNode[] = roots.map((root, i) => ({ name: ROOT_NAMES[i] as string, ...root }));
  const kept = drafts.filter(({ isLeftOut }) => !isLeftOut);
  const loops = new Map<string, LoopDraft | undefined>();
  for (const [i, { picks, isLeftOut: _, loop, ...draft }] of (kept[0]
    ? kept
    : drafts.slice(0, 1)
  ).entries()) {
    const from = new Map(
      picks.map(({ back, ...options }) => {
        const { kind, name } = nodes.at(-1 - (back % nodes.length)) as GraphNode;
        // One that a source fails on would be the end of the run.
        const calm = (verdict: Verdict): Verdict =>
          verdict === 'throw' && kind !== 'transform' ? 'pass' : verdict;
        return [name, { ...options, when: options.when?.map(calm) }] as const;
      }),
    );
    const name = OTHER_NAMES[i] as string;
    loops.set(name, loop);
    nodes.push({
      name,
      ...draft,
      from: [...from].map(([node, options]) => ({ node, ...options })),
    });
  }
  return { nodes: withLoops(nodes, loops), ...lettered(nodes, rest) };
}

/** A node for dead letters only where there may be any: it would be a source. */
function lettered(nodes: readonly GraphNode[], rest: Omit<Graph, 'nodes'>): Omit<Graph, 'nodes'> {
  const hasJudge = nodes.some((node) => node.kind === 'transform' && node.judges !== undefined);
  return hasJudge ? rest : { ...rest, deadLetter: undefined };
}

/** Not all options go together with a batch; of others, which inputs it had would decide. */
function withoutConflict<D extends Omit<TransformNode, 'name' | 'from'>>(draft: D): D {
  if (draft.batch === undefined) return draft;
  if (draft.batch.scatter && draft.many !== undefined) return { ...draft, batch: undefined };
  return { ...draft, keys: undefined, retry: undefined, timeout: undefined, isPooled: undefined };
}

/** Takes from joins that cannot be all their inputs but the first, until every join can be paired. */
function pairable(drawn: Graph): Graph {
  const graph = closed(drawn);
  const join = unpairableJoin(graph);
  if (join === undefined) return graph;
  const nodes = graph.nodes.map((node) =>
    node.name === join && node.kind === 'transform' ? { ...node, from: node.from.slice(0, 1) } : node,
  );
  return pairable({ ...graph, nodes });
}

function unpairableJoin(graph: Graph): string | undefined {
  try {
    new Plumber(definitionOf(graph) as Definition, plumberOptionsOf(graph));
    return undefined;
  } catch (error) {
    const found =
      error instanceof GraphError
        ? error.problems.find(({ code }) => code === 'unpairable-lanes')
        : undefined;
    if (found === undefined) throw error;
    return found.path.replace('nodes.', '');
  }
}
