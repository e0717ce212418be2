import fc from 'fast-check';
import { GraphError, Plumber } from 'sluice';
import { toDefinition } from './definition.ts';
import type { Delay, Graph, GraphNode, InletNode, Outcome, SourceNode, TransformNode } from './graph.ts';

/** How many graphs each law is tried on: a few hundred among all checks, thousands in the long run. */
export const runs: number = Number(process.env.LAWS_RUNS ?? 200);

/** What may stand in a graph, beside sources, transforms and joins. */
export interface Features {
  readonly roots?: readonly ('source' | 'push' | 'fed')[];
  readonly mostRoots?: number;
  readonly mostItems?: number;
  readonly many?: boolean;
  readonly merges?: boolean;
  readonly completion?: boolean;
  readonly partial?: boolean;
  readonly outcomes?: readonly Outcome[];
  readonly onError?: 'fail' | 'skip';
  readonly delays?: readonly Delay[];
}

export const everything: Features = { merges: true, completion: true };

export function graphs(features: Features = {}): fc.Arbitrary<Graph> {
  const { roots = ['source', 'push', 'fed'], mostRoots = 3 } = features;
  const root = fc.oneof(...roots.map((kind) => rootOf(kind, features)));
  return fc
    .record({
      roots: fc.oneof(
        fc.array(root, { minLength: 1, maxLength: 1 }),
        fc.array(root, { minLength: 1, maxLength: mostRoots }),
      ),
      transforms: fc.array(transformOf(features), { minLength: 1, maxLength: 7, size: 'max' }),
      isReversed: fc.boolean(),
      readDelays: delaysOf(features),
    })
    .map(({ roots, transforms, ...rest }) => pairable(assemble(roots, transforms, rest)))
    .map((graph) => ({ ...graph, [fc.toStringMethod]: () => print(graph) }));
}

/** Keeps little, so that long runs of holes come of it. */
const filter: readonly Outcome[] = ['skip', 'skip', 'skip', 'skip', 'pass'];

const size = fc.option(fc.constantFrom(1, 2, 3, 4), { nil: undefined, freq: 3 });

function delaysOf({ delays = [0, 0, 0, 1, 2, 3, 'turn'] }: Features): fc.Arbitrary<readonly Delay[]> {
  return fc.array(fc.constantFrom(...delays), { minLength: 1, maxLength: 3 });
}

type Root = Omit<SourceNode, 'name'> | Omit<InletNode, 'name'>;

function rootOf(kind: 'source' | 'push' | 'fed', features: Features): fc.Arbitrary<Root> {
  const { mostItems = 20 } = features;
  const item = fc.nat(9).map((n) => n > 0);
  const common = { items: fc.array(item, { maxLength: mostItems, size: 'max' }), delays: delaysOf(features) };
  if (kind === 'source') {
    const style = fc.constantFrom('generator' as const, 'async generator' as const, 'emit' as const);
    return fc.record({ kind: fc.constant('source' as const), style, ...common });
  }
  const feed =
    kind === 'push'
      ? fc.constant('push' as const)
      : fc.constantFrom(
          'iterable' as const,
          'async iterable' as const,
          'readable' as const,
          'web stream' as const,
        );
  return fc.record({ kind: fc.constant('inlet' as const), feed, ...common });
}

interface Pick {
  /** How many nodes back. */
  readonly back: number;
  readonly queueSize: number | undefined;
}
type Draft = Omit<TransformNode, 'name' | 'from'> & { readonly picks: readonly Pick[] };

function transformOf(features: Features): fc.Arbitrary<Draft> {
  const { many = true, merges = false, completion = false, partial = true, onError = 'skip' } = features;
  const { outcomes = ['pass', 'pass', 'pass', 'skip', 'throw', 'reject'] } = features;
  const fanIns = [true, true, ...(partial ? ['partial' as const] : []), ...(merges ? [false] : [])] as const;
  const unrolled = fc.record({
    as: fc.constantFrom('generator' as const, 'async generator' as const, 'array' as const),
    counts: fc.array(fc.nat(3), { minLength: 1, maxLength: 3 }),
  });
  // Near ones are picked more often: what parts from one node meets again.
  const pick = fc.record({ back: fc.oneof(fc.nat(2), fc.nat(9)), queueSize: size });
  return fc.record({
    kind: fc.constant('transform' as const),
    picks: fc.array(pick, { minLength: 1, maxLength: 3 }),
    aggregateInputs: fc.constantFrom(...fanIns),
    does: fc.oneof(
      { weight: 3, arbitrary: fc.constant(['pass' as const]) },
      { weight: 3, arbitrary: fc.array(fc.constantFrom(...outcomes), { minLength: 1, maxLength: 4 }) },
      { weight: outcomes.includes('skip') ? 1 : 0, arbitrary: fc.constant(filter) },
    ),
    many: fc.oneof(
      { weight: 7, arbitrary: fc.constant(undefined) },
      { weight: many ? 1 : 0, arbitrary: unrolled },
    ),
    delays: delaysOf(features),
    concurrency: fc.constantFrom(1, 1, 1, 2, 3, 5),
    order: fc.constantFrom(
      ...(completion ? (['input', 'input', 'completion'] as const) : (['input'] as const)),
    ),
    queueSize: size,
    onError: fc.constant(onError),
  });
}

function assemble(roots: readonly Root[], drafts: readonly Draft[], rest: Omit<Graph, 'nodes'>): Graph {
  const nodes: GraphNode[] = roots.map((root, i) => ({ name: 'ABC'[i] as string, ...root }));
  for (const [i, { picks, ...draft }] of drafts.entries()) {
    const from = new Map(
      picks.map(({ back, queueSize }) => [nodes.at(-1 - (back % nodes.length))?.name as string, queueSize]),
    );
    nodes.push({
      name: 'fghijkl'[i] as string,
      ...draft,
      from: [...from].map(([node, queueSize]) => ({ node, queueSize })),
    });
  }
  return { nodes, ...rest };
}

/** Takes from joins that cannot be all their inputs but the first, until every join can be paired. */
function pairable(graph: Graph): Graph {
  const join = unpairableJoin(graph);
  if (join === undefined) return graph;
  const nodes = graph.nodes.map((node) =>
    node.name === join && node.kind === 'transform' ? { ...node, from: node.from.slice(0, 1) } : node,
  );
  return pairable({ ...graph, nodes });
}

function unpairableJoin(graph: Graph): string | undefined {
  try {
    new Plumber(toDefinition(graph));
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

function print({ nodes, isReversed, readDelays }: Graph): string {
  const lines = nodes.map((node) => {
    if (node.kind !== 'transform') return `${node.name}: ${JSON.stringify({ ...node, name: undefined })}`;
    const { name, kind, from, aggregateInputs, ...options } = node;
    const inputs = from.map(({ node, queueSize }) =>
      queueSize === undefined ? node : `${node}/${queueSize}`,
    );
    const fanIn = from.length > 1 ? ` aggregateInputs ${aggregateInputs}` : '';
    return `${name} <- ${inputs.join(', ')}${fanIn} ${JSON.stringify(options)}`;
  });
  return `\n  ${lines.join('\n  ')}\n  keys ${isReversed ? 'reversed' : 'in order'}, readers ${JSON.stringify(readDelays)}\n`;
}
