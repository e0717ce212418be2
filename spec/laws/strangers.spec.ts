import fc from 'fast-check';
import {
  DEFAULT_LIMITS,
  type Definition,
  type Description,
  GraphError,
  type Limits,
  Plumber,
  parseDefinition,
} from 'sluice';
import { describe, expect, it } from 'vitest';
import { type Attack, attacks, attacksInJson, registry } from '../graph/attacks.ts';
import { runs } from './arbitrary.ts';

/** A few thousand documents among all checks, 200 000 in the long run. */
const isLong = runs >= 1000;
const documents = isLong ? runs * 100 : runs * 15;

/** In ms. On a machine that has other things to do, too. */
const PATIENCE = isLong ? 3_600_000 : 60_000;

const pools = { db: {} };
const hostile = ['__proto__', 'constructor', 'toString', 'toJSON', 'x'.repeat(70), 'n1', 'ñ', '\ud800', ''];
const works = fc.oneof(
  { weight: 15, arbitrary: fc.constantFrom('f', 'isTrue', 'greet') },
  { weight: 1, arbitrary: fc.constantFrom('many', 'part', 'nobody', ...hostile) },
);
const amounts = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 20 }) },
  fc.constantFrom(0, -1, 0.5, 256, 257, 1e6, 1e308, Number.POSITIVE_INFINITY, Number.NaN, '16', null),
);
const args = fc.oneof(
  fc.constantFrom({}, { greeting: 'hello' }, { greeting: 7 }, { queue_size: 3 }, { queue_size: 1e9 }),
  fc.object({ key: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom(...hostile)), maxDepth: 4 }),
  fc.nat(9000).map((length) => ({ text: 'x'.repeat(length) })),
  fc.nat(3000).map((length) => ({ list: Array(length).fill(0) })),
);
const retry = fc.record(
  { attempts: amounts, delay: amounts, maxDelay: amounts, factor: amounts, if: works },
  { requiredKeys: ['attempts'] },
);
const batch = fc.record(
  { size: amounts, within: amounts, scatter: fc.boolean() },
  { requiredKeys: ['size'] },
);
const options = {
  args,
  queueSize: amounts,
  concurrency: amounts,
  timeout: amounts,
  retry,
  batch,
  keyBy: works,
  onError: fc.constantFrom('skip', 'fail', 'dead-letter', 'f', 'constructor'),
  aggregateInputs: fc.constantFrom(true, false, 'partial'),
  many: fc.boolean(),
  order: fc.constantFrom('input', 'completion'),
  pool: fc.constantFrom('db', 'bd', { name: 'db', priority: 0 }, { name: 'db', priority: 7 }),
  setup: works,
  input: fc.constantFrom('text', 'f'),
};
const sparse = fc.record(options, { requiredKeys: [] }).map((all) => {
  // Three at most, or nothing would ever be let in.
  const names = Object.keys(all);
  return Object.fromEntries(Object.entries(all).filter((_, i) => i % Math.ceil(names.length / 3) === 0));
});
const specs = fc.oneof(
  { weight: 3, arbitrary: works },
  { weight: 2, arbitrary: fc.tuple(works, sparse).map(([run, more]) => ({ run, ...more })) },
  { weight: 1, arbitrary: fc.tuple(works, sparse).map(([coro, more]) => ({ coro, ...more })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({ inlet: true }, { inlet: true, queueSize: 3, overflow: 'error' }),
  },
);
const easy = fc.constantFrom<unknown>(
  'f',
  { run: 'f', aggregateInputs: false },
  { run: 'f', order: 'completion' },
  { run: 'f', many: true, aggregateInputs: false },
  { coro: 'f', properties: { aggregate_inputs: false } },
  { run: 'greet', args: { greeting: 'x' } },
);

const ends = fc.oneof(
  { weight: 5, arbitrary: fc.constant({ inlet: true }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      { inlet: true, queueSize: 3, overflow: 'error' },
      { inlet: true, queueSize: 256, overflow: 'drop-oldest' },
    ),
  },
);

/** A graph whose edges lead on, and back here and there; sound as far as its nodes are. */
function graphs(spec: fc.Arbitrary<unknown>, size: number): fc.Arbitrary<Record<string, unknown>> {
  const shape = fc.record({
    specs: fc.array(spec, { minLength: 1, maxLength: size, size: 'max' }),
    edges: fc.array(fc.tuple(fc.nat(), fc.nat(6), fc.nat(40)), {
      maxLength: 4 * size,
      size: 'max',
    }),
    ends: fc.array(ends, { minLength: 1, maxLength: 3 }),
  });
  return shape.map(({ specs, edges, ends }) => {
    const inlets = ends.length;
    const names = Array.from({ length: specs.length + inlets }, (_, i) => `n${i}`);
    const graph: Record<string, unknown[]> = Object.fromEntries(names.map((name) => [name, []]));
    for (const i of specs.keys()) graph[`n${i % (i + inlets)}`]?.push(`n${i + inlets}`);
    const isMerge = (node: number): boolean =>
      /aggregate_?inputs":false/i.test(JSON.stringify(specs[node - inlets]));
    const seen = new Set(
      Object.entries(graph).flatMap(([from, targets]) => targets.map((to) => `${from} ${to}`)),
    );
    for (const [start, over, kind] of edges) {
      const one = start % names.length;
      const other = one + over + (kind === 0 ? 0 : 1);
      const isBack = kind === 0 && one >= inlets && isMerge(one);
      const [from, to] = isBack ? [other, one] : [one, other];
      const key = `n${from} n${to}`;
      if (from >= names.length || to >= names.length || to < inlets || (seen.has(key) && kind < 40)) continue;
      seen.add(key);
      const name = `n${to}`;
      graph[`n${from}`]?.push(
        isBack
          ? { to: name, feedback: true }
          : kind === 1
            ? { to: name, when: 'isTrue', queueSize: 3 }
            : name,
      );
    }
    const nodes = Object.fromEntries(
      names.map((name, i) => [name, i < inlets ? ends[i] : specs[i - inlets]]),
    );
    return { nodes, graph };
  });
}

const sound = fc.oneof(
  { weight: 3, arbitrary: graphs(easy, 6) },
  { weight: 1, arbitrary: graphs(easy, 62) },
  { weight: 2, arbitrary: graphs(specs, 4) },
  { weight: 1, arbitrary: graphs(specs, 30) },
);

/** What may stand anywhere, once somebody has had his hands on a document. */
const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(...hostile, null, [], {}, 1e308, Number.POSITIVE_INFINITY, [[[[[[[[]]]]]]]]),
  fc.constantFrom(JSON.parse('{"__proto__":{"polluted":1}}'), {
    constructor: { prototype: { polluted: 1 } },
  }),
  fc.nat(400).map((count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 'f']))),
  fc.nat(400).map((count) => Array.from({ length: count }, (_, i) => `n${i % 7}`)),
  fc.nat(40).map((depth) => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}` || 'null')),
  fc.nat(20_000).map((length) => 'y'.repeat(length)),
);

interface Mutation {
  readonly steps: readonly number[];
  readonly kind: number;
  readonly value: unknown;
}

/** A copy in which something lies elsewhere, is gone, or is something else; the steps lead to where. */
function mutated(document: unknown, { steps, kind, value }: Mutation): unknown {
  if (typeof document !== 'object' || document === null || steps.length === 0) return value;
  const [step = 0, ...rest] = steps;
  const keys = Object.keys(document);
  const copy: Record<string, unknown> = (Array.isArray(document) ? [...document] : { ...document }) as never;
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return value;
  if (rest.length > 0) copy[key] = mutated(copy[key], { steps: rest, kind, value });
  else if (kind === 0) delete copy[key];
  else if (kind === 1) copy[String(value).slice(0, 80)] = copy[key];
  else if (kind === 2) copy[key] = { ...Object(copy[key]), ...Object(value) };
  else copy[key] = value;
  return copy;
}

const mutations = fc.array(
  fc.record({ steps: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }), kind: fc.nat(4), value: junk }),
  { maxLength: 3 },
);
const anything = fc.oneof(
  { weight: 3, arbitrary: sound },
  {
    weight: 6,
    arbitrary: fc.tuple(sound, mutations).map(([document, all]) => all.reduce<unknown>(mutated, document)),
  },
  { weight: 1, arbitrary: junk },
  {
    weight: 1,
    arbitrary: fc.record(
      { nodes: junk, graph: junk, defaults: fc.oneof(sparse, junk), deadLetter: works },
      { requiredKeys: [] },
    ),
  },
);
const lower: { readonly [Name in keyof Limits]: fc.Arbitrary<number> } = {
  size: fc.nat(5000),
  nesting: fc.integer({ min: 3, max: 10 }),
  nameLength: fc.integer({ min: 2, max: 20 }),
  argsSize: fc.nat(200),
  nodes: fc.integer({ min: 1, max: 20 }),
  edges: fc.nat(30),
  depth: fc.integer({ min: 1, max: 20 }),
  queueSize: fc.integer({ min: 1, max: 20 }),
  concurrency: fc.integer({ min: 1, max: 9 }),
  batchSize: fc.nat(9),
  batchWithin: fc.nat(9),
  retryAttempts: fc.nat(9),
  retryDelay: fc.nat(200),
  timeout: fc.nat(20),
  priority: fc.integer({ min: 0, max: 9 }),
  messages: fc.nat(500),
};
const limitNames = Object.keys(lower) as (keyof Limits)[];
const limitsArbitrary: fc.Arbitrary<true | Partial<Limits>> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<true>(true) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...limitNames).chain((name) => lower[name].map((most) => ({ [name]: most }))),
  },
  { weight: 1, arbitrary: fc.record(lower, { requiredKeys: [] }) },
);

/** What was let in, or why it was not; any other error is thrown on. */
function outcome(document: unknown, limits: true | Partial<Limits>): Plumber | GraphError {
  try {
    return new Plumber(document as Definition, { registry, pools, limits });
  } catch (error) {
    if (error instanceof GraphError && error.problems.length > 0) return error;
    throw error;
  }
}

/** What a graph that was let in asks for, as far as it is told. */
function asksFor(
  { order, nodes, maxMessages }: Description,
  document: unknown,
): Partial<Record<keyof Limits, number>> {
  const edges = nodes.flatMap(({ outputs }) => outputs);
  // What is inside of a registered Plumber is not the stranger's.
  const outer = (name: string): string => name.replace(/\..*/, '.');
  const own = nodes.flatMap(({ name, outputs }) =>
    outputs.filter(({ to }) => !to.includes('.') || outer(name) !== outer(to)),
  );
  const depths = new Map<string, number>(order.map((name) => [name, 1]));
  for (const { name, outputs } of nodes) {
    for (const { to, feedback } of outputs) {
      if (!feedback) depths.set(to, Math.max(depths.get(to) ?? 1, (depths.get(name) ?? 1) + 1));
    }
  }
  const numbers = (all: readonly (number | 'unbounded' | undefined)[]): number[] =>
    all.map((value) => (value === 'unbounded' ? Number.POSITIVE_INFINITY : (value ?? 0)));
  return {
    nodes: nodes.length,
    edges: edges.length,
    depth: Math.max(...depths.values()),
    nameLength: Math.max(...order.map((name) => name.split('.')[0]?.length ?? 0)),
    queueSize: Math.max(0, ...numbers(own.map(({ queueSize }) => queueSize))),
    concurrency: Math.max(...nodes.map(({ name, concurrency }) => (name.includes('.') ? 0 : concurrency))),
    batchSize: Math.max(...nodes.map(({ batch }) => batch?.size ?? 0)),
    batchWithin: Math.max(...nodes.map(({ batch }) => batch?.within ?? 0)),
    messages: (numbers([maxMessages])[0] as number) + waiting(document),
  };
}

/** How many messages may wait at inlets that shed load, as far as the document itself says how many. */
function waiting(document: unknown): number {
  const { nodes, defaults } = document as Record<'nodes' | 'defaults', Record<string, unknown> | undefined>;
  return Object.values(nodes ?? {}).reduce<number>((sum, spec) => {
    const { inlet, overflow = 'block', queueSize = 1 } = { ...defaults, ...Object(spec) };
    return inlet === true && overflow !== 'block' ? sum + queueSize : sum;
  }, 0);
}

/** The documents that cost most, each as the least of several tries: the machine has other things to do, too. */
class Costliest {
  #found: { readonly ms: number; readonly title: () => string; readonly again: () => unknown }[] = [];

  note(first: number, title: () => string, again: () => unknown): void {
    const least = this.#found.length < 10 ? 0 : (this.#found.at(-1)?.ms ?? 0);
    let ms = first;
    for (let tries = 0; tries < 5 && ms > least; tries++) ms = Math.min(ms, timed(again));
    if (ms <= least) return;
    this.#found = [...this.#found, { ms, title, again }].sort((one, other) => other.ms - one.ms).slice(0, 10);
  }

  print(what: string): void {
    const tried = this.#found.map(({ title, again }) => ({
      title,
      ms: Math.min(...Array.from({ length: 30 }, () => timed(again))),
    }));
    tried.sort((one, other) => other.ms - one.ms);
    for (const { ms, title } of tried.slice(0, 3))
      console.log(`${what}: ${ms.toFixed(2)} ms: ${title().slice(0, 300)}`);
  }
}

function timed(work: () => unknown): number {
  const before = performance.now();
  work();
  return performance.now() - before;
}

/** What attacks cost, as texts from the wire or as what somebody else has parsed. */
function costsOf(all: readonly Attack[], read: (document: unknown) => () => unknown): Costliest {
  const costliest = new Costliest();
  for (const { title, document } of all) {
    const again = read(document());
    for (let warm = 0; warm < 20; warm++) again();
    costliest.note(timed(again), () => title, again);
  }
  return costliest;
}

/** As it is done with a text. */
function answered(text: string): unknown {
  try {
    return outcome(parseDefinition(text, true), true);
  } catch (error) {
    return error;
  }
}

describe('a definition from a stranger', () => {
  it(
    'becomes a Plumber that keeps to every limit, or is refused in few words',
    () => {
      const costliest = new Costliest();
      const seen = { in: 0, out: 0 };

      fc.assert(
        fc.property(anything, limitsArbitrary, (document, limits) => {
          const before = performance.now();
          const result = outcome(document, limits);
          const spent = performance.now() - before;
          const again = (): unknown => outcome(document, limits);
          if (isLong) costliest.note(spent, () => String(JSON.stringify(document)), again);

          if (result instanceof GraphError) {
            seen.out++;
            expect(result.problems.length).toBeLessThanOrEqual(100);
            expect(result.message.length).toBeLessThan(50_000);
            for (const { code, value, limit } of result.problems) {
              if (code === 'limit') expect(value).toBeGreaterThan(limit as number);
            }
          } else {
            seen.in++;
            const allowed = limits === true ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...limits };
            for (const [name, value] of Object.entries(asksFor(result.describe(), document))) {
              expect([name, value <= allowed[name as keyof Limits], value]).toEqual([name, true, value]);
            }
            expect(JSON.stringify(document).length).toBeLessThanOrEqual(allowed.size);
          }
          expect(Object.keys(Object.prototype)).toEqual([]);
          expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
        }),
        { numRuns: documents, endOnFailure: isLong },
      );

      // Were all of them refused, it would be a test of nothing else.
      expect(Math.min(seen.in, seen.out) / documents).toBeGreaterThan(0.03);
      if (isLong) {
        console.log(`${documents} documents: ${seen.in} let in, ${seen.out} refused`);
        costliest.print('costliest of them');
        const asText = (document: unknown) => {
          const text = JSON.stringify(document);
          return () => answered(text);
        };
        costsOf(attacksInJson, asText).print('costliest attack, from its text');
        costsOf(attacks, (document) => () => outcome(document, true)).print(
          'costliest attack, once it is parsed',
        );
      }
    },
    PATIENCE,
  );
});
