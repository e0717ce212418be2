import type { ProblemCode } from '../error/graph-error.ts';
import { type Arbitrary, fastCheck } from '../support/fast-check.ts';
import { graphs } from './graphs.ts';
import { printedAs, show } from './show.ts';

/** A definition with one fault. */
export interface InvalidGraph {
  /** Typed as nothing in particular: the compiler would refuse it. */
  readonly definition: unknown;
  /** What a Plumber reports of it. */
  readonly code: ProblemCode;
  /** Where. */
  readonly path: string;
}

/** A definition that is taken apart: the parts may be replaced. */
interface Parts {
  readonly nodes: Record<string, unknown>;
  readonly graph: Record<string, unknown[]>;
  /** Some edge of it: from `from`, the `place`-th in its list, to `to`. */
  readonly from: string;
  readonly to: string;
  readonly place: number;
  /** A source or an inlet. */
  readonly root: string;
}
type Plant = (parts: Parts) => { readonly definition?: unknown; readonly path: string };

const FAULTS: readonly (readonly [ProblemCode, Plant])[] = [
  ['not-a-definition', () => ({ definition: ['nodes', 'graph'], path: 'definition' })],
  ['not-a-definition', ({ graph }) => ({ definition: { nodes: 'nodes', graph }, path: 'nodes' })],
  ['no-nodes', () => ({ definition: { nodes: {}, graph: {} }, path: 'nodes' })],
  ['unknown-option', (parts) => inNode(parts, { concurency: 2 }, 'concurency')],
  ['bad-option', (parts) => inNode(parts, { concurrency: 0 }, 'concurrency')],
  ['bad-option', (parts) => inNode(parts, { onError: 'ignore' }, 'onError')],
  ['unknown-function', (parts) => inNode(parts, { run: 'noSuchFunction' }, 'run')],
  ['unknown-schema', (parts) => inNode(parts, { output: 'noSuchSchema' }, 'output')],
  ['bad-option', (parts) => inNode(parts, { output: () => true }, 'output')],
  ['not-a-node', (parts) => inNode(parts, { run: 42 }, 'run')],
  [
    'not-a-node',
    ({ nodes, to }) => {
      nodes[to] = null;
      return { path: `nodes.${to}` };
    },
  ],
  [
    'option-not-applicable',
    ({ nodes, graph }) => {
      nodes.planted = { run: () => [], concurrency: 2 };
      graph.planted = [];
      return { path: 'nodes.planted.concurrency' };
    },
  ],
  [
    'option-not-applicable',
    ({ nodes, graph, root }) => {
      nodes.planted = { run: (values: unknown) => values, keyBy: String, batch: { size: 2, within: 1 } };
      graph[root]?.push('planted');
      return { path: 'nodes.planted.batch' };
    },
  ],
  [
    'batch-needs-within',
    ({ nodes, graph }) => {
      Object.assign(nodes, { fed: { inlet: true }, planted: { run: String, batch: { size: 2 } } });
      graph.fed = ['planted'];
      return { path: 'nodes.planted.batch' };
    },
  ],
  [
    'bad-name',
    ({ nodes }) => {
      nodes['1st'] = () => [];
      return { path: 'nodes.1st' };
    },
  ],
  ['unknown-node', (parts) => anotherEdge(parts, 'noSuchNode')],
  ['not-an-edge', (parts) => anotherEdge(parts, 7)],
  ['not-an-edge', (parts) => anotherEdge(parts, {})],
  ['self-edge', (parts) => anotherEdge(parts, parts.from)],
  ['duplicate-edge', (parts) => anotherEdge(parts, { to: parts.to })],
  ['unknown-option', (parts) => onEdge(parts, { size: 2 }, '.size')],
  ['bad-option', (parts) => onEdge(parts, { queueSize: 0.5 }, '.queueSize')],
  [
    'bad-feedback',
    (parts) => {
      // All that leads to a loop leads back: nothing can enter it.
      parts.nodes.planted = { run: (value: unknown) => value, aggregateInputs: false };
      anotherEdge(parts, { to: 'planted', feedback: true });
      return { path: `graph.${parts.from}` };
    },
  ],
  [
    'inlet-with-input',
    ({ nodes, graph, from }) => {
      nodes.planted = { inlet: true };
      graph[from]?.push('planted');
      return { path: 'nodes.planted' };
    },
  ],
  [
    'cycle',
    ({ nodes, graph, from }) => {
      const same = (value: unknown): unknown => value;
      Object.assign(nodes, { first: same, second: same });
      graph[from]?.push('first');
      graph.first = ['second'];
      graph.second = ['first'];
      return { path: 'graph.first' };
    },
  ],
  [
    'unpairable-lanes',
    ({ nodes, graph, root }) => {
      nodes.several = { run: (value: unknown) => [value, value], many: true };
      nodes.joined = (row: unknown) => row;
      graph[root]?.push('several', 'joined');
      graph.several = ['joined'];
      return { path: 'nodes.joined' };
    },
  ],
];

/**
 * An arbitrary of fast-check, which has to be installed: definitions that are valid but for one fault, with the code and
 * the path that the GraphError must report, and no other. It shrinks to the fault in a small graph.
 *
 * @example
 * import fc from 'fast-check';
 * import { type GraphError, Plumber } from 'sluice';
 * import { invalidGraphs } from 'sluice/testing';
 *
 * fc.assert(
 *   fc.property(invalidGraphs(), ({ definition, code }) => {
 *     try {
 *       new Plumber(definition as never);
 *       return false;
 *     } catch (error) {
 *       return (error as GraphError).problems.every((problem) => problem.code === code);
 *     }
 *   }),
 * );
 *
 * @throws Error if fast-check is not installed
 */
export function invalidGraphs(): Arbitrary<InvalidGraph> {
  const fc = fastCheck('invalidGraphs()');
  return fc
    .record({
      graph: graphs({ mostItems: 1, batches: false, deadLetters: false }),
      fault: fc.constantFrom(...FAULTS),
      pick: fc.nat(),
    })
    .map(({ graph: { nodes, definition }, fault: [code, plant], pick }) => {
      const edges = Object.entries(definition.graph).flatMap(([from, list]) =>
        (list ?? []).map((edge, place) => ({ from, place, to: typeof edge === 'string' ? edge : edge.to })),
      );
      const edge = edges[pick % edges.length] as (typeof edges)[number];
      const lists = Object.entries(definition.graph).map(([from, list]) => [from, [...(list ?? [])]]);
      const parts: Parts = {
        nodes: { ...definition.nodes },
        graph: Object.fromEntries(lists) as Record<string, unknown[]>,
        root: nodes[0]?.name as string,
        ...edge,
      };
      const { path, definition: whole = { nodes: parts.nodes, graph: parts.graph } } = plant(parts);
      const words = (): string => `${code} at ${path} in ${show(whole)}`;
      return printedAs({ definition: whole, code, path }, words);
    });
}

/** Changes a node that has inputs. */
function inNode({ nodes, to }: Parts, fields: object, option: string): { path: string } {
  nodes[to] = { ...(nodes[to] as object), ...fields };
  return { path: `nodes.${to}.${option}` };
}

function anotherEdge({ graph, from }: Parts, edge: unknown): { path: string } {
  const list = graph[from] as unknown[];
  list.push(edge);
  return { path: `graph.${from}[${list.length - 1}]` };
}

function onEdge({ graph, from, to, place }: Parts, fields: object, end: string): { path: string } {
  const list = graph[from] as unknown[];
  list[place] = { to, ...fields };
  return { path: `graph.${from}[${place}]${end}` };
}
