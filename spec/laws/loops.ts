import fc from 'fast-check';
import type { Definition } from 'sluice';
import { hops, turn } from '../support/turns.ts';
import { at, type Delay } from './graph.ts';

/** A message of a loop: it grows old at every node, so that every loop comes to an end. */
export interface Item {
  readonly path: string;
  readonly left: number;
}

interface LoopNode {
  readonly name: string;
  readonly from: readonly { readonly node: string; readonly queueSize: number }[];
  /** Where messages come back from. */
  readonly back: readonly { readonly node: string; readonly queueSize: number }[];
  /** How many messages it makes of one, round and round by what it is given. */
  readonly makes: readonly number[];
  readonly delays: readonly Delay[];
  readonly concurrency: number;
  readonly order: 'input' | 'completion';
  /** How many messages are worked on together, at most. */
  readonly batch: number | undefined;
}

/** A graph of merges with loops in it, as data. */
export interface LoopGraph {
  readonly isCalled: boolean;
  readonly items: readonly number[];
  readonly nodes: readonly LoopNode[];
}

interface Features {
  /** Sizes of the queues that lead back. */
  readonly backSizes: readonly number[];
  readonly makes: readonly number[];
  /** Whether several nodes may take what one sends. */
  readonly fansOut: boolean;
}

const nearby = fc.record({ by: fc.nat(3), queueSize: fc.constantFrom(1, 2, 3, 16) });

/** Random graphs with at least one loop. */
export function loopGraphs({ backSizes, makes, fansOut }: Features): fc.Arbitrary<LoopGraph> {
  const draft = fc.record({
    picks: fc.array(nearby, { minLength: 1, maxLength: fansOut ? 2 : 1 }),
    backs: fc.array(fc.record({ by: fc.nat(4), queueSize: fc.constantFrom(...backSizes) }), { maxLength: 2 }),
    makes: fc.array(fc.constantFrom(...makes), { minLength: 1, maxLength: 3 }),
    delays: fc.array(fc.constantFrom<Delay>(0, 0, 1, 2, 'turn'), { minLength: 1, maxLength: 3 }),
    concurrency: fc.constantFrom(1, 1, 2, 3),
    order: fc.constantFrom('input' as const, 'completion' as const),
    batch: fc.constantFrom(undefined, undefined, 1, 2, 5),
  });
  return fc
    .record({
      isCalled: fc.boolean(),
      items: fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 8 }),
      drafts: fc.array(draft, { minLength: 1, maxLength: 5 }),
    })
    .map(({ drafts, ...rest }) => {
      const names = drafts.map((_, i) => 'fghij'[i] as string);
      const nodes = drafts.map(({ picks, backs, ...options }, i): LoopNode => {
        // In a chain, nothing that goes round can be in two places.
        const chosen = fansOut ? picks : picks.map((pick) => ({ ...pick, by: 0 }));
        const from = new Map(
          chosen.map(({ by, queueSize }) => [['A', ...names][Math.max(0, i - by)] as string, queueSize]),
        );
        const back = new Map(
          backs.map(({ by, queueSize }) => [names[Math.min(drafts.length - 1, i + by)] as string, queueSize]),
        );
        const edges = (map: Map<string, number>) =>
          [...map].map(([node, queueSize]) => ({ node, queueSize }));
        return { name: names[i] as string, from: edges(from), back: edges(back), ...options };
      });
      return { ...rest, nodes: fansOut ? nodes.map((node) => closing(node, nodes)) : onceBack(nodes) };
    });
}

/** Without what leads back from where no path leads to. */
function closing(node: LoopNode, nodes: readonly LoopNode[]): LoopNode {
  const reached = new Set([node.name]);
  for (const name of reached) {
    for (const next of nodes) if (next.from.some((input) => input.node === name)) reached.add(next.name);
  }
  return { ...node, back: node.back.filter((input) => reached.has(input.node)) };
}

/** From each node at most one edge leads back, and no loop crosses another. */
function onceBack(nodes: readonly LoopNode[]): LoopNode[] {
  let last = -1;
  const isFree = (node: LoopNode, i: number): boolean => {
    const end = nodes.findIndex(({ name }) => name === node.back[0]?.node);
    if (end < 0 || i <= last) return false;
    last = end;
    return true;
  };
  return nodes.map((node, i) => ({ ...node, back: isFree(node, i) ? node.back.slice(0, 1) : [] }));
}

export function toDefinition({ isCalled, items, nodes }: LoopGraph, onStep: () => void): Definition {
  const outputs = (name: string) =>
    nodes.flatMap((node) => {
      const ahead = node.from.filter((input) => input.node === name);
      const back = node.back.filter((input) => input.node === name);
      return [
        ...ahead.map(({ queueSize }) => ({ to: node.name, queueSize, feedback: false })),
        ...back.map(({ queueSize }) => ({ to: node.name, queueSize, feedback: true })),
      ].filter((edge, i) => i === 0 || !edge.feedback || ahead.length === 0);
    });
  const source = function* (): Generator<Item> {
    yield* itemsOf(items);
  };
  return {
    nodes: {
      A: isCalled ? { inlet: true } : source,
      ...Object.fromEntries(
        nodes.map((node) => {
          const { makes, delays, concurrency, order } = node;
          let calls = 0;
          const slowly = <T>(make: () => T): T | Promise<T> => {
            onStep();
            const delay = at(delays, calls++);
            const made = make();
            if (delay === 0) return made;
            return (delay === 'turn' ? turn() : hops(delay)).then(() => made);
          };
          const isMany = makes.some((count) => count > 1);
          const run = isMany
            ? (item: Item) => slowly(() => respond(node, item))
            : (item: Item) => slowly(() => respond(node, item)[0] ?? null);
          const spec = { run, concurrency, order, aggregateInputs: false };
          // No call can pass a batch that gives many.
          if (node.batch === undefined || (isMany && isCalled))
            return [node.name, isMany ? { ...spec, many: true } : spec];
          // Nobody waits that long: it is begun when nothing can fill it any more.
          const batch = { size: node.batch, scatter: !isMany, ...(isCalled && { within: 600_000 }) };
          const gathered = isMany
            ? (items: readonly Item[]) => slowly(() => items.flatMap((item) => respond(node, item)))
            : (items: readonly Item[]) => slowly(() => items.map((item) => respond(node, item)[0] ?? null));
          return [node.name, { ...spec, run: gathered, batch, ...(isMany && { many: true }) }];
        }),
      ),
    },
    graph: Object.fromEntries(['A', ...nodes.map(({ name }) => name)].map((name) => [name, outputs(name)])),
  } as Definition;
}

export function itemsOf(items: readonly number[]): Item[] {
  return items.map((left, i) => ({ path: `A${i}`, left }));
}

function respond({ name, makes }: LoopNode, { path, left }: Item): Item[] {
  if (left === 0) return [];
  const count = at(makes, path.length);
  return Array.from({ length: count }, (_, i) => ({ path: `${path}${name}${i}`, left: left - 1 }));
}

/** What the sinks return for some items, sorted: worked out one message after the other. */
export function interpret({ nodes }: LoopGraph, items: readonly Item[]): string[] {
  const found: string[] = [];
  const takers = (name: string): LoopNode[] =>
    nodes.flatMap((node) => [
      ...new Set([...node.from, ...node.back].filter((input) => input.node === name).map(() => node)),
    ]);
  const waiting = items.flatMap((item) => takers('A').map((node) => ({ node, item })));
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const followers = takers(next.node.name);
    for (const item of respond(next.node, next.item)) {
      if (followers.length === 0) found.push(item.path);
      else waiting.push(...followers.map((node) => ({ node, item })));
    }
  }
  return found.sort();
}
