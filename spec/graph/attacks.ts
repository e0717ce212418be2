import type { Registry } from 'sluice';
import { Plumber } from 'sluice';
import * as z from 'zod';

const part = new Plumber({
  nodes: { in: { inlet: true }, a: (value: unknown) => value, b: (value: unknown) => value },
  graph: { in: ['a'], a: ['b'] },
});

/** What a stranger's definition may name. */
export const registry: Registry = {
  f: (value: unknown) => value,
  many: function* () {
    yield 1;
  },
  isTrue: () => true,
  greet: { run: (name: unknown) => name, args: z.strictObject({ greeting: z.string().max(100).optional() }) },
  text: z.string(),
  part,
  // A long list of names to compare with.
  ...Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${'x'.repeat(40)}${i}`, () => 1])),
};

/** A document made to cost much, to get at what it should not, or to be let in with too much. */
export interface Attack {
  readonly title: string;
  readonly document: () => unknown;
  /** Codes among its problems; `undefined`: it does no harm, and is let in. */
  readonly codes?: readonly string[];
}

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
const named = (count: number, make: (index: number) => unknown): Record<string, unknown> =>
  Object.fromEntries(times(count, (i) => [`n${i}`, make(i)]));
const json = (text: string) => (): unknown => JSON.parse(text);
const merge = { run: 'f', aggregateInputs: false };
const between = (node: unknown, edge: unknown = 'x', more: object = {}) => ({
  nodes: { n: { inlet: true }, x: node },
  graph: { n: [edge] },
  ...more,
});
/** As dense as the limits allow. */
const dense = (make: (index: number) => unknown): unknown => ({
  nodes: named(64, (i) => (i < 2 ? { inlet: true } : make(i))),
  graph: named(62, (i) => times(4, (k) => `n${i + 2 + k}`).filter((name) => Number(name.slice(1)) < 64)),
});

const wide: readonly Attack[] = [
  { title: '1e5 nodes', document: () => ({ nodes: named(1e5, () => 'f') }), codes: ['limit'] },
  {
    title: '1e5 edges from one node',
    document: () => ({ nodes: { n: { inlet: true }, x: 'f' }, graph: { n: Array(1e5).fill('x') } }),
    codes: ['limit'],
  },
  {
    title: '1e5 edges to one node',
    document: () => ({ nodes: named(1e5, () => 'f'), graph: named(1e5, () => ['n0']) }),
    codes: ['limit'],
  },
  {
    title: 'the same edge as often as it goes',
    document: () => between('f', 'x', { graph: { n: Array(256).fill('x') } }),
    codes: ['duplicate-edge'],
  },
  { title: 'an array for nodes', document: () => ({ nodes: Array(1e6).fill('f') }), codes: ['limit'] },
  { title: 'an array for the definition', document: () => Array(1e6).fill({}), codes: ['limit'] },
  { title: 'a text for the definition', document: () => 'x'.repeat(1e7), codes: ['limit'] },
  {
    title: 'all room taken by args',
    document: () => ({ nodes: named(4, () => ({ run: 'many', args: { x: Array(4000).fill(0) } })) }),
  },
  {
    title: 'args for all nodes',
    document: () => ({ nodes: named(64, () => 'many'), defaults: { args: named(900, () => 1) } }),
  },
  {
    title: 'args for all nodes, that fit none',
    document: () => ({ nodes: named(64, () => 'greet'), defaults: { args: named(900, () => 1) } }),
    codes: ['bad-args'],
  },
  {
    title: 'args of 1e6 elements',
    document: () => between({ run: 'f', args: { x: Array(1e6).fill(0) } }),
    codes: ['limit'],
  },
  {
    title: 'args of a long text',
    document: () => between({ run: 'f', args: { x: 'x'.repeat(1e7) } }),
    codes: ['limit'],
  },
  {
    title: 'args of a text that grows when it is written',
    document: () => between({ run: 'f', args: { x: '\u0000'.repeat(8000) } }),
    codes: ['limit'],
  },
  {
    title: 'args with 1e4 mistakes',
    document: () => between({ run: 'greet', args: named(700, () => 1) }),
    codes: ['bad-args'],
  },
  {
    title: 'as many unknown options as there is room for',
    document: () => between(named(2000, () => 1)),
    codes: ['unknown-option', 'not-a-node'],
  },
  {
    title: 'as many unknown keys as there is room for',
    document: () => named(3000, () => 1),
    codes: ['unknown-option'],
  },
  {
    title: 'nodes that are graphs',
    document: () => ({ nodes: { n: { inlet: true }, ...named(60, () => 'part') } }),
    codes: ['limit', 'bad-subgraph'],
  },
];

const deep: readonly Attack[] = [
  {
    title: 'arrays 4000 deep',
    document: json(`{"nodes":${'['.repeat(4000)}${']'.repeat(4000)}}`),
    codes: ['limit'],
  },
  { title: 'an edge in arrays', document: () => between('f', [[[[[['x']]]]]]), codes: ['not-an-edge'] },
  {
    title: 'a path through all nodes',
    document: () => ({
      nodes: named(64, (i) => (i ? 'f' : { inlet: true })),
      graph: named(63, (i) => [`n${i + 1}`]),
    }),
    codes: ['limit'],
  },
];

const graphs: readonly Attack[] = [
  { title: 'a dense graph of joins', document: () => dense(() => 'f'), codes: ['limit'] },
  { title: 'a dense graph of merges', document: () => dense(() => merge) },
  {
    title: 'a ladder of diamonds, which has 2^20 paths',
    document: () => ({
      nodes: named(61, (i) => (i ? 'f' : { inlet: true })),
      graph: named(60, (i) => (i % 3 === 0 ? [`n${i + 1}`, `n${i + 2}`] : [`n${i - (i % 3) + 3}`])),
    }),
    codes: ['limit'],
  },
  {
    title: 'a ladder of diamonds, each of which starts lanes',
    document: () => ({
      nodes: named(31, (i) => (i === 0 ? { inlet: true } : i % 3 === 1 ? { run: 'f', many: true } : 'f')),
      graph: named(30, (i) => (i % 3 === 0 ? [`n${i + 1}`, `n${i + 2}`] : [`n${i - (i % 3) + 3}`])),
    }),
    codes: ['unpairable-lanes'],
  },
  {
    title: 'joins of everything with everything',
    document: () => ({
      nodes: named(64, (i) => (i < 8 ? { inlet: true } : i < 36 ? { run: 'f', order: 'completion' } : 'f')),
      graph: { ...named(8, () => times(28, (k) => `n${8 + k}`)) },
    }),
  },
  {
    title: 'a cycle through all nodes',
    document: () => ({ nodes: named(64, () => 'f'), graph: named(64, (i) => [`n${(i + 1) % 64}`]) }),
    codes: ['cycle'],
  },
  {
    title: 'cycles in pairs, with a way between them',
    document: () => ({
      nodes: named(64, () => 'f'),
      graph: named(64, (i) => [...new Set([`n${i ^ 1}`, `n${(i + 2) % 64}`])]),
    }),
    codes: ['cycle'],
  },
  {
    title: 'feedback from everywhere to everywhere',
    document: () => ({
      nodes: named(30, (i) => (i ? merge : { inlet: true })),
      graph: named(30, (i) => [
        ...(i < 29 ? [`n${i + 1}`] : []),
        ...times(Math.min(i, 8), (k) => ({ to: `n${i - k}`, feedback: true })),
      ]),
    }),
  },
  {
    title: 'a loop without a bound',
    document: () => ({
      nodes: { n: { inlet: true }, x: merge },
      graph: { n: ['x'], x: [{ to: 'x', feedback: true, queueSize: Number.POSITIVE_INFINITY }] },
    }),
    codes: ['limit'],
  },
  {
    title: 'inlets that all lead into batches',
    document: () => ({
      nodes: named(64, (i) => (i < 32 ? { inlet: true } : { ...merge, batch: { size: 2 } })),
      graph: named(63, (i) =>
        i < 32 ? ['n32'] : times(4, (k) => `n${i + 1 + k}`).filter((name) => Number(name.slice(1)) < 64),
      ),
    }),
    codes: ['limit'],
  },
  {
    title: 'dead letters from everywhere',
    document: () => ({
      nodes: named(64, (i) => (i ? { run: 'f', onError: 'dead-letter' } : { inlet: true })),
      graph: { n0: times(60, (i) => `n${i + 1}`) },
      deadLetter: 'n63',
    }),
    codes: ['option-not-applicable'],
  },
];

const names: readonly Attack[] = [
  {
    title: 'a name of 1e6 letters',
    document: () => ({ nodes: { ['x'.repeat(1e6)]: 'f' } }),
    codes: ['limit'],
  },
  {
    title: 'an end of an edge of 1e4 letters',
    document: () => between('f', 'x'.repeat(1e4)),
    codes: ['limit'],
  },
  { title: 'a function of 1e4 letters', document: () => between('x'.repeat(1e4)), codes: ['limit'] },
  {
    title: 'long names that are almost right, among as many',
    document: () => ({
      nodes: { n: { inlet: true }, ...Object.fromEntries(times(60, (i) => [`${'x'.repeat(50)}${i}`, 'f'])) },
      graph: { n: times(250, (i) => `${'y'.repeat(1 + (i % 17))}${'x'.repeat(40)}${i}`) },
    }),
    codes: ['unknown-node'],
  },
  {
    title: 'functions that are almost right',
    document: () => ({ nodes: named(64, (i) => `${'y'.repeat(i % 13)}${'x'.repeat(40)}`) }),
    codes: ['unknown-function'],
  },
  { title: 'a name that looks like another', document: () => between('f', 'х'), codes: ['unknown-node'] },
  {
    title: 'names out of half characters',
    document: () => ({ nodes: { '\ud800': 'f', 'a\u202e': 'f', 'e\u0301': 'f', '\u0000': 'f' } }),
    codes: ['bad-name'],
  },
  {
    title: 'a name in which a line ends',
    document: () => ({ nodes: { 'a\nnodes.b: fine': 'f' } }),
    codes: ['bad-name'],
  },
  {
    title: 'the same key twice, of which JSON keeps the last',
    document: json('{"nodes":{"n":{"inlet":true},"x":"f","x":"constructor"},"graph":{"n":["x"]}}'),
    codes: ['unknown-function'],
  },
];

const numbers: readonly Attack[] = [
  ...[1e9, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE].map((size) => ({
    title: `a queue for ${size}`,
    document: () => between({ run: 'f', queueSize: size }),
    codes: [Number.isSafeInteger(size) ? 'limit' : 'bad-option'],
  })),
  {
    title: '1e400, which JSON reads as Infinity',
    document: json('{"nodes":{"n":{"inlet":true},"x":{"run":"f","timeout":1e400}},"graph":{"n":["x"]}}'),
    codes: ['limit'],
  },
  {
    title: 'a number in a text',
    document: () => between({ run: 'f', queueSize: '16' }),
    codes: ['bad-option'],
  },
  { title: 'NaN', document: () => between({ run: 'f', concurrency: Number.NaN }), codes: ['bad-option'] },
  { title: 'less than nothing', document: () => between({ run: 'f', queueSize: -1 }), codes: ['bad-option'] },
  { title: '1e9 calls at once', document: () => between({ run: 'f', concurrency: 1e9 }), codes: ['limit'] },
  {
    title: 'batches of 1e9',
    document: () => between({ run: 'f', batch: { size: 1e9, within: 1 } }),
    codes: ['limit'],
  },
  {
    title: '1e9 attempts',
    document: () => between({ run: 'f', retry: { attempts: 1e9 } }),
    codes: ['limit'],
  },
  {
    title: 'delays that grow without end',
    document: () =>
      between({ run: 'f', retry: { attempts: 10, delay: 1, factor: 1e300, maxDelay: 2 ** 31 - 1 } }),
    codes: ['limit'],
  },
  {
    title: 'to be served before all others',
    document: () => between({ run: 'f', pool: { name: 'db', priority: 1e308 } }),
    codes: ['limit'],
  },
  {
    title: 'everything as large as it may be',
    document: () => ({
      nodes: named(60, (i) =>
        i ? { run: 'f', queueSize: 256, concurrency: 16, keyBy: 'f' } : { inlet: true },
      ),
      graph: { n0: times(59, (i) => `n${i + 1}`) },
    }),
    codes: ['limit'],
  },
  {
    title: 'the same by defaults',
    document: () => ({
      nodes: named(60, (i) => (i ? 'f' : { inlet: true })),
      graph: { n0: times(59, (i) => `n${i + 1}`) },
      defaults: { queueSize: 256, concurrency: 16 },
    }),
    codes: ['limit'],
  },
  {
    title: 'waiting rooms at all inlets',
    document: () => ({
      nodes: named(32, () => ({ inlet: true, overflow: 'drop-oldest', queueSize: 256 })),
    }),
    codes: ['limit'],
  },
  {
    title: 'the same in the words of the ancestor',
    document: () => between({ coro: 'f', args: { queue_size: 1e9 } }),
    codes: ['limit'],
  },
];

const prototypes: readonly Attack[] = [
  {
    title: '__proto__ among the nodes',
    document: json('{"nodes":{"__proto__":{"inlet":true},"x":"f"}}'),
    codes: ['bad-name'],
  },
  {
    title: '__proto__ for the definition',
    document: json('{"__proto__":{"nodes":{"x":"f"}}}'),
    codes: ['bad-name'],
  },
  {
    title: '__proto__ deep in args',
    document: json('{"nodes":{"x":{"run":"many","args":{"a":[{"__proto__":{"isAdmin":true}}]}}}}'),
    codes: ['bad-name'],
  },
  {
    title: 'constructor in args',
    document: json('{"nodes":{"x":{"run":"many","args":{"constructor":{"prototype":{"isAdmin":true}}}}}}'),
    codes: ['bad-name'],
  },
  {
    title: '__proto__ for an option',
    document: json('{"nodes":{"x":{"run":"many","__proto__":{"queueSize":1e9}}}}'),
    codes: ['bad-name'],
  },
  {
    title: 'constructor for a function',
    document: () => between('constructor'),
    codes: ['unknown-function'],
  },
  {
    title: '__proto__ for a function',
    document: () => between({ run: '__proto__' }),
    codes: ['unknown-function'],
  },
  {
    title: 'toString for a function of an edge',
    document: () => between('f', { to: 'x', when: 'toString' }),
    codes: ['unknown-function'],
  },
  {
    title: 'valueOf for a schema',
    document: () => between({ run: 'f', input: 'valueOf' }),
    codes: ['unknown-schema'],
  },
  {
    title: 'hasOwnProperty for a pool',
    document: () => between({ run: 'f', pool: 'hasOwnProperty' }),
    codes: ['unknown-pool'],
  },
  {
    title: 'toString for what to do on errors',
    document: () => between({ run: 'f', onError: 'toString' }),
    codes: ['bad-option'],
  },
  {
    title: 'constructor for the dead-letter node',
    document: () => between('f', 'x', { deadLetter: 'constructor' }),
    codes: ['unknown-node'],
  },
  {
    title: 'registered functions where any may stand',
    document: () =>
      between(
        {
          run: 'f',
          keyBy: 'f',
          onError: 'f',
          setup: 'f',
          teardown: 'f',
          retry: { attempts: 2, if: 'isTrue' },
        },
        { to: 'x', when: 'isTrue' },
      ),
  },
  {
    title: 'a schema where a function stands',
    document: () => between({ run: 'f', keyBy: 'text' }),
    codes: ['unknown-function'],
  },
  {
    title: 'a graph where a function stands',
    document: () => between({ run: 'f', setup: 'part' }),
    codes: ['unknown-function'],
  },
];

const foreign: readonly Attack[] = [
  {
    title: 'args 1e5 deep',
    document: () => {
      let args: unknown = {};
      for (let i = 0; i < 1e5; i++) args = { x: args };
      return between({ run: 'f', args });
    },
    codes: ['limit'],
  },
  {
    title: 'an array with holes for nodes',
    document: () => ({ nodes: new Array(2 ** 32 - 1) }),
    codes: ['limit'],
  },
  { title: 'a function of its own', document: () => between(() => 1), codes: ['not-json'] },
  { title: 'a Plumber of its own', document: () => between(part), codes: ['not-json'] },
  {
    title: 'a getter',
    document: () => between(Object.defineProperty({}, 'run', { enumerable: true, get: () => 'f' })),
    codes: ['not-json'],
  },
  {
    title: 'inherited nodes',
    document: () => Object.create({ nodes: { x: 'f' } }),
    codes: ['not-json'],
  },
  { title: 'toJSON', document: () => ({ toJSON: () => between('f') }), codes: ['not-json'] },
  {
    title: 'an inherited toJSON',
    document: () => between({ run: 'f', args: { at: new Date(0) } }),
    codes: ['not-json'],
  },
  { title: 'a Map', document: () => ({ nodes: new Map([['x', 'f']]) }), codes: ['not-json'] },
  { title: 'a text that is an object', document: () => between(Object('f')), codes: ['not-json'] },
  { title: '1n', document: () => between({ run: 'f', queueSize: 1n }), codes: ['not-json'] },
  { title: 'a symbol', document: () => between(Symbol('f')), codes: ['not-json'] },
  {
    title: 'a proxy that throws',
    document: () =>
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('x'.repeat(1e6));
          },
        },
      ),
    codes: ['not-json'],
  },
  {
    title: 'a proxy that was revoked',
    document: () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return { nodes: proxy };
    },
    codes: ['not-json'],
  },
  {
    title: 'a proxy that has no end',
    document: () => {
      const endless: object = new Proxy(
        {},
        {
          ownKeys: () => ['x'],
          getOwnPropertyDescriptor: () => ({ value: endless, enumerable: true, configurable: true }),
        },
      );
      return endless;
    },
    codes: ['limit'],
  },
  {
    title: 'an object that holds itself',
    document: () => {
      const nodes: Record<string, unknown> = {};
      nodes.x = { run: 'f', args: nodes };
      return { nodes };
    },
    codes: ['limit'],
  },
  {
    title: 'a billion laughs: ten of ten of ten of one shared object',
    document: () => {
      let laugh: unknown = 'ha';
      for (let i = 0; i < 9; i++) laugh = Array(10).fill(laugh);
      return between({ run: 'f', args: { laugh } });
    },
    codes: ['limit'],
  },
];

/** Those that can come over the wire. */
export const attacksInJson: readonly Attack[] = [
  ...wide,
  ...deep,
  ...graphs,
  ...names,
  ...numbers,
  ...prototypes,
];

export const attacks: readonly Attack[] = [...attacksInJson, ...foreign];
