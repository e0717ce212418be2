import { type Definition, type Edge, inlet, type NodeSpec, Plumber, type When } from 'sluice';
import { at } from './graph.ts';

/** Nodes that can be cut out of a graph: only `entry` sends into them, and only `exit` sends or returns anything to outside. */
interface Segment {
  readonly entry: string;
  readonly exit: string;
  readonly nodes: ReadonlySet<string>;
}

/**
 * The same graph with a segment of it made a Plumber, for each number one more: segments of segments, too. The Plumber has
 * the name of its exit, and its inlet that of its entry, so that every join sees the keys it saw before.
 */
export function nest(definition: Definition, picks: readonly number[]): Definition {
  return picks.reduce((nested: Definition, pick) => {
    const segments = segmentsOf(nested);
    return segments.length === 0 ? nested : cut(nested, at(segments, pick));
  }, definition);
}

/**
 * The names that nodes had before, by those they have now. In topological order the first of a last part is the node; the
 * others are the inlets that stand for it.
 */
export function flatNames(order: readonly string[]): Map<string, string> {
  const flat = new Map<string, string>();
  const found = new Set<string>();
  for (const name of order) {
    const last = lastPart(name);
    if (!found.has(last)) flat.set(name, last);
    found.add(last);
  }
  return flat;
}

/** What is known of nodes, in topological order, under the names they had before. */
export function unnest<T>(known: Readonly<Record<string, T>>): Record<string, T> {
  const names = flatNames(Object.keys(known));
  return Object.fromEntries([...names].map(([name, flat]) => [flat, known[name] as T]));
}

export function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function segmentsOf({ nodes, graph }: Definition): Segment[] {
  const names = Object.keys(nodes);
  const after = new Map(names.map((name) => [name, (graph[name] ?? []).map(target)]));
  const before = new Map(
    names.map((name) => [name, names.filter((other) => after.get(other)?.includes(name))]),
  );
  return names
    .flatMap((exit) => {
      const above = reach(exit, before);
      return [...above].flatMap((entry) => {
        const below = reach(entry, after);
        const between = [...above, exit].filter((name) => below.has(name));
        const aboveEntry = reach(entry, before);
        // With sources of its own, and without.
        const all = [...above, exit].filter((name) => name !== entry && !aboveEntry.has(name));
        return [all, between].map((list) => ({ entry, exit, nodes: new Set(list) }));
      });
    })
    .filter(
      ({ entry, exit, nodes: inside }) =>
        !inside.has(entry) &&
        hasOneSender(graph[entry]?.filter((edge) => inside.has(target(edge))) ?? []) &&
        [...inside].every(
          (name) =>
            !isInlet(nodes[name]) &&
            before.get(name)?.every((from) => from === entry || inside.has(from)) &&
            (name === exit || after.get(name)?.every((to) => inside.has(to))),
        ),
    );
}

function cut({ nodes, graph, ...rest }: Definition, { entry, exit, nodes: inside }: Segment): Definition {
  const isInside = (edge: Edge): boolean => inside.has(target(edge));
  const edgesOf = (name: string): readonly Edge[] => graph[name] ?? [];
  const [when] = edgesOf(entry).filter(isInside).flatMap(conditionOf);
  const intoInner = when === undefined ? exit : { to: exit, when };
  const keep = <T>(record: Readonly<Record<string, T>>, wanted: (name: string) => boolean) =>
    Object.entries(record).filter(([name]) => wanted(name));
  const inner = new Plumber({
    ...rest,
    nodes: Object.fromEntries<NodeSpec>([[entry, inlet()], ...keep(nodes, (name) => inside.has(name))]),
    graph: Object.fromEntries(
      keep(graph, (name) => name === entry || inside.has(name)).map(([name]) => [
        name,
        edgesOf(name)
          .filter(isInside)
          .map(name === entry ? withoutCondition : (edge) => edge),
      ]),
    ),
  });
  return {
    nodes: Object.fromEntries<NodeSpec>([...keep(nodes, (name) => !inside.has(name)), [exit, inner]]),
    graph: Object.fromEntries(
      keep(graph, (name) => name === exit || !inside.has(name)).map(([name, edges]) => [
        name,
        name === entry ? [...edgesOf(name).filter((edge) => !isInside(edge)), intoInner] : edges,
      ]),
    ),
  };
}

function reach(start: string, next: ReadonlyMap<string, readonly string[]>): Set<string> {
  const reached = new Set(next.get(start));
  for (const name of reached) for (const other of next.get(name) ?? []) reached.add(other);
  return reached;
}

function target(edge: Edge): string {
  return typeof edge === 'string' ? edge : edge.to;
}

/**
 * Whether the edges into a segment mean the same when its inlet sends along them: a condition that throws is a failure of
 * whoever sends, so that of one edge goes with the edge to the Plumber, and several have no place to go.
 */
function hasOneSender(edges: readonly Edge[]): boolean {
  return edges.length === 1 || edges.flatMap(conditionOf).length === 0;
}

function conditionOf(edge: Edge): When[] {
  return typeof edge === 'string' || typeof edge.when !== 'function' ? [] : [edge.when];
}

function withoutCondition(edge: Edge): Edge {
  if (typeof edge === 'string') return edge;
  const { when: _, ...rest } = edge;
  return rest;
}

function isInlet(spec: NodeSpec | undefined): boolean {
  return typeof spec === 'object' && 'inlet' in spec;
}
