import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import {
  DEFAULT_LIMITS,
  type Definition,
  fromModule,
  GraphError,
  inlet,
  type Limits,
  Plumber,
  type PlumberOptions,
  type Problem,
  parseDefinition,
} from 'sluice';
import { describe, expect, it, vi } from 'vitest';
import { attacks, registry } from './attacks.ts';

type Given = PlumberOptions['limits'] | undefined;

/** What is wrong with it; nothing if it is let in. Any other error is not caught. */
function refusal(document: unknown, limits: Given = true, more: PlumberOptions = {}): GraphError | undefined {
  try {
    new Plumber(document as Definition, { registry, ...(limits !== undefined && { limits }), ...more });
    return undefined;
  } catch (error) {
    if (error instanceof GraphError) return error;
    throw error;
  }
}

const problems = (document: unknown, limits?: Given, more?: PlumberOptions): readonly Problem[] =>
  refusal(document, limits, more)?.problems ?? [];
/** What is wrong with it for those who ask for no limits. */
const unlimited = (document: unknown, limits: Given): readonly Problem[] => {
  try {
    new Plumber(document as Definition, { ...most, ...(limits !== undefined && { limits }) });
    return [];
  } catch (error) {
    return (error as GraphError).problems;
  }
};
const faults = (document: unknown, limits?: Given, more?: PlumberOptions): string[] =>
  problems(document, limits, more).map(({ code, path }) => `${code} ${path}`);

const node = (x: object, edge: unknown = 'x') => ({
  nodes: { n: { inlet: true }, x: { run: 'f', ...x } },
  graph: { n: [edge] },
});
const named = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`n${i}`, 'many']));
const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
const part = (count: number) =>
  new Plumber({
    nodes: {
      in: { inlet: true },
      ...Object.fromEntries(Array.from({ length: count - 1 }, (_, i) => [`x${i}`, (x: unknown) => x])),
    },
    graph: {
      in: ['x0'],
      ...Object.fromEntries(Array.from({ length: count - 2 }, (_, i) => [`x${i}`, [`x${i + 1}`]])),
    },
  } as Definition);
const laps = { nodes: { n: { inlet: true }, x: { run: 'f', aggregateInputs: false } } };

type Row = readonly [
  name: keyof Limits,
  limit: number,
  path: string,
  documentOf: (much: number) => unknown,
  others?: Partial<Limits>,
];
/** For each limit a document that asks for as much as it is told, and where. */
const each: readonly Row[] = [
  [
    'size',
    500,
    'definition',
    (much) => node({ args: { x: 'x'.repeat(much - JSON.stringify(node({ args: { x: '' } })).length) } }),
  ],
  ['nesting', 7, 'nodes.x.args.x[0][0][0]', (much) => node({ args: { x: nested(much - 4) } })],
  ['nameLength', 9, 'nodes', (much) => ({ nodes: { ['x'.repeat(much)]: 'many' } })],
  ['nameLength', 9, 'nodes.x', (much) => ({ nodes: { x: 'y'.repeat(much) } })],
  ['argsSize', 100, 'nodes.x.args', (much) => node({ args: { x: 'x'.repeat(much - 8) } })],
  [
    'argsSize',
    100,
    'defaults.args',
    (much) => ({ ...node({}), defaults: { args: { x: 'x'.repeat(much - 8) } } }),
  ],
  ['nodes', 5, 'nodes', (much) => ({ nodes: named(much) })],
  ['nodes', 5, 'nodes', (much) => node({ run: `part${much - 1}` })],
  [
    'edges',
    2,
    'graph',
    (much) => ({
      nodes: { n: { inlet: true }, a: 'f', b: 'f', c: 'f' },
      graph: { n: ['a', 'b', 'c'].slice(0, much) },
    }),
  ],
  ['edges', 4, 'graph', (much) => node({ run: `part${much}` })],
  ['depth', 4, 'graph', (much) => node({ run: `part${much - 1}` })],
  ['queueSize', 20, 'nodes.x.queueSize', (queueSize) => node({ queueSize })],
  ['queueSize', 20, 'graph.n[0].queueSize', (queueSize) => node({}, { to: 'x', queueSize })],
  ['queueSize', 20, 'defaults.queueSize', (queueSize) => ({ ...node({}), defaults: { queueSize } })],
  [
    'queueSize',
    20,
    'nodes.x.args.queue_size',
    (much) => ({
      ...laps,
      nodes: { n: { inlet: true }, x: { coro: 'f', args: { queue_size: much } } },
      graph: { n: ['x'] },
    }),
  ],
  [
    'queueSize',
    20,
    'graph.x[0].queueSize',
    (queueSize) => ({ ...laps, graph: { n: ['x'], x: [{ to: 'x', feedback: true, queueSize }] } }),
  ],
  ['concurrency', 3, 'nodes.x.concurrency', (concurrency) => node({ concurrency })],
  ['concurrency', 3, 'defaults.concurrency', (concurrency) => ({ ...node({}), defaults: { concurrency } })],
  ['batchSize', 3, 'nodes.x.batch.size', (size) => node({ batch: { size, within: 1 } })],
  ['batchWithin', 3, 'nodes.x.batch.within', (within) => node({ batch: { size: 2, within } })],
  ['retryAttempts', 3, 'nodes.x.retry.attempts', (attempts) => node({ retry: { attempts } })],
  ['retryDelay', 300, 'nodes.x.retry', (delay) => node({ retry: { attempts: 2, delay } })],
  [
    'retryDelay',
    300,
    'nodes.x.retry',
    (maxDelay) => node({ retry: { attempts: 5, delay: 100, factor: 10, maxDelay } }),
  ],
  ['timeout', 300, 'nodes.x.timeout', (timeout) => node({ timeout })],
  ['priority', 3, 'nodes.x.pool.priority', (priority) => node({ pool: { name: 'db', priority } })],
  ['messages', 19, 'definition', (much) => node({ queueSize: much - 3 })],
  [
    'messages',
    21,
    'definition',
    (much) => node({ queueSize: 10, concurrency: (much - 11) / 2 }),
    { concurrency: 50 },
  ],
  [
    'messages',
    40,
    'definition',
    (queueSize) => ({ nodes: { n: { inlet: true, overflow: 'drop-oldest', queueSize: queueSize - 1 } } }),
  ],
];
const parts = Object.fromEntries([3, 4, 5].map((count) => [`part${count}`, part(count)]));
const most = {
  registry: { ...registry, ...parts, y: () => [], yyyyyyyyy: () => [], yyyyyyyyyy: () => [] },
  pools: { db: {} },
} as PlumberOptions;

describe.each(each.map((row) => ({ title: `a limit on ${row[0]} of ${row[1]}`, row })))(
  '$title',
  ({ row }) => {
    const [name, limit, path, documentOf, others = {}] = row;
    const step = others.concurrency === undefined ? 1 : 2;

    it(`lets in as much at ${path}`, () => {
      expect(problems(documentOf(limit), { [name]: limit, ...others }, most)).toEqual([]);
    });

    it('refuses more, and says where, what was found, and what the limit is', () => {
      const [problem, ...rest] = problems(documentOf(limit + step), { [name]: limit, ...others }, most);

      expect(problem).toMatchObject({ code: 'limit', path, limit });
      expect(problem?.value).toBeGreaterThan(limit);
      expect(problem?.message).toContain(`must be at most ${limit} (limits.${name})`);
      expect(rest).toEqual([]);
    });

    it.each([undefined, false])('is none for those who do not ask for it: %s', (limits) => {
      expect(unlimited(documentOf(limit + step), limits)).toEqual([]);
    });
  },
);

describe('limits', () => {
  it('are known in one frozen object, each of them tried above', () => {
    expect(Object.isFrozen(DEFAULT_LIMITS)).toBe(true);
    expect(new Set(each.map(([name]) => name))).toEqual(new Set(Object.keys(DEFAULT_LIMITS)));
  });

  it('are those that are not overridden', () => {
    const document = { ...node({ concurrency: 1000 }), defaults: { queueSize: 1000 } };

    expect(faults(document, { queueSize: 1000 })).toEqual(['limit nodes.x.concurrency']);
    expect(faults(document, { queueSize: 1000, concurrency: undefined } as never)).toEqual([
      'limit nodes.x.concurrency',
    ]);
    expect(faults(document, { queueSize: Number.POSITIVE_INFINITY, concurrency: 1000 })).toEqual([]);
  });

  it('are checked by the shorthand for both steps, too', async () => {
    const { createPipeline } = await import('sluice');

    expect(() => createPipeline(node({ queueSize: 1e9 }) as Definition, { registry, limits: true })).toThrow(
      GraphError,
    );
  });

  it.each([
    [7, 'options.limits'],
    ['true', 'options.limits'],
    [[], 'options.limits'],
    [{ node: 7 }, 'options.limits.node'],
    [{ nodes: '7' }, 'options.limits.nodes'],
    [{ nodes: -1 }, 'options.limits.nodes'],
    [{ nodes: Number.NaN }, 'options.limits.nodes'],
    [{ nesting: 101 }, 'options.limits.nesting'],
  ])('are refused if they are none: %o', (limits, path) => {
    expect(problems(node({}), limits as never).map((problem) => problem.path)).toEqual([path]);
  });

  it('lower what holds where nothing is said', () => {
    const { maxMessages, nodes } = new Plumber(node({}) as Definition, {
      registry,
      limits: { queueSize: 3 },
    }).describe();

    expect(nodes[0]?.outputs).toEqual([{ to: 'x', queueSize: 3 }]);
    expect(maxMessages).toBe(6);
  });

  it('lower how many calls wait for worker threads', () => {
    const gzip = fromModule('node:zlib')('gzipSync');
    const document = node({ run: 'gzip', runIn: 'worker' }) as Definition;
    const options = { registry: { gzip }, workers: { threads: 4 } };
    const concurrencyOf = (limits: Given): unknown =>
      new Plumber(document, { ...options, limits: limits ?? false }).describe().nodes[1]?.concurrency;

    expect(concurrencyOf({ concurrency: 3 })).toBe(3);
    expect(concurrencyOf(false)).toBe(8);
  });

  it('count what may wait at inlets that shed load, also by defaults', () => {
    const inlets = Object.fromEntries(Array.from({ length: 32 }, (_, i) => [`n${i}`, { inlet: true }]));
    const all = { nodes: inlets, defaults: { overflow: 'drop-oldest', queueSize: 256 } };

    expect(problems(all)).toMatchObject([{ code: 'limit', path: 'definition', value: 32 * 257 }]);
    expect(problems({ ...all, defaults: { queueSize: 256 } })).toEqual([]);
    expect(new Plumber(all as unknown as Definition).describe().maxMessages).toBe(32);
  });

  it('leave the defaults of the Plumber alone, but count them', () => {
    const defaults = { queueSize: 1000 };

    expect(problems(node({}), { queueSize: 3 }, { defaults })).toEqual([]);
    expect(faults(node({}), { messages: 500 }, { defaults })).toEqual(['limit definition']);
  });

  it('count a retry that never waits as one without delay', () => {
    expect(problems(node({ retry: { attempts: 1, delay: 1e6 } }), { retryDelay: 10 })).toEqual([]);
  });

  it('do not count what leads back as a longer path', () => {
    const merge = { run: 'f', aggregateInputs: false };
    const graph = { n: ['a'], a: ['b'], b: [{ to: 'a', feedback: true }] };

    expect(problems({ nodes: { n: { inlet: true }, a: merge, b: 'f' }, graph }, { depth: 3 })).toEqual([]);
  });

  it('name the one on size that is met first', () => {
    const document = node({ args: { x: 'x'.repeat(300) } });

    expect(faults(document, { size: 200, argsSize: 250 })).toEqual(['limit definition']);
    expect(faults(document, { size: 300, argsSize: 200 })).toEqual(['limit nodes.x.args']);
  });

  it('take the form of the ancestor', () => {
    const document = {
      nodes: {
        n: { coro: 'many', args: { queue_size: 7 } },
        x: { coro: 'f', properties: { aggregate_inputs: true } },
      },
      graph: { n: ['x'], x: null },
    };

    expect(problems(document)).toEqual([]);
  });
});

describe('a definition under limits', () => {
  it('must be JSON', () => {
    let calls = 0;
    const document = {
      nodes: {
        a: () => calls++,
        get b() {
          return calls++;
        },
        c: { run: 'many', args: { d: new Date(), e: [Symbol('e')] } },
        f: inlet(),
      },
    };

    expect(faults(document)).toEqual([
      'not-json nodes.a',
      'not-json nodes.b',
      'not-json nodes.c.args.d',
      'not-json nodes.c.args.e[0]',
    ]);
    expect(calls).toBe(0);
  });

  it('may be JSON of another realm, and have keys without a value', () => {
    expect(problems({ ...node({ queueSize: undefined }), defaults: undefined })).toEqual([]);
    expect(problems(runInNewContext('({ nodes: { x: { run: "many", args: { a: [{}] } } } })'))).toEqual([]);
  });

  it('gives args that are ordinary objects', () => {
    let found: unknown;
    const own = {
      look: ({ args }: { args: unknown }) => {
        found = args;
        return [];
      },
    };
    const plumber = new Plumber(
      { nodes: { x: { run: 'look', args: { a: { b: 1 } } } }, graph: {} } as Definition,
      { registry: own as never, limits: true },
    );

    const { done } = plumber.createPipeline();

    return done.then(() => {
      expect(found).toEqual({ a: { b: 1 } });
      expect(Object.getPrototypeOf((found as { a: object }).a)).toBe(Object.prototype);
    });
  });

  it('is copied: what becomes of it afterwards changes nothing', () => {
    const args = { list: [1] };
    let found: unknown;
    const own = {
      look: (context: { args: unknown }) => {
        found = context.args;
        return [];
      },
    };
    const plumber = new Plumber({ nodes: { x: { run: 'look', args } }, graph: {} } as Definition, {
      registry: own as never,
      limits: true,
    });
    args.list.push(2);

    return plumber.createPipeline().done.then(() => expect(found).toEqual({ list: [1] }));
  });

  it('is read in one pass that ends at the first limit on size', () => {
    let reads = 0;
    const counting = <T extends object>(target: T): T =>
      new Proxy(target, {
        getOwnPropertyDescriptor: (object, key) => {
          reads++;
          return Reflect.getOwnPropertyDescriptor(object, key);
        },
      });
    const list = counting(Array(1e6).fill(0));
    const wide = counting(named(1000));

    expect(faults({ nodes: { x: { run: 'f', args: { list } } } })).toEqual(['limit nodes.x.args']);
    expect(faults({ nodes: wide, graph: 7 })).toEqual(['limit nodes']);
    // Listing the keys of a proxy asks for each of them once.
    expect(reads).toBe(1000);
  });
});

describe('what cannot fit any more', () => {
  const readsOf = (target: object): number => {
    let reads = 0;
    const list = new Proxy(target, {
      getOwnPropertyDescriptor: (object, key) => {
        reads++;
        return Reflect.getOwnPropertyDescriptor(object, key);
      },
    });
    expect(faults(node({ args: { list } }), { argsSize: 100 })).toEqual(['limit nodes.x.args']);
    return reads;
  };

  it('is not read: neither the elements of an array, nor the fields of an object once they are listed', () => {
    expect(readsOf(Array(60).fill(0))).toBe(0);
    expect(readsOf(named(30))).toBe(30);
  });

  it('is not written: a long text', () => {
    const write = vi.spyOn(JSON, 'stringify');

    const found = faults(node({ args: { text: 'x'.repeat(1e6) } }));

    const longest = Math.max(...write.mock.calls.map(([text]) => String(text).length));
    write.mockRestore();
    expect(found).toEqual(['limit nodes.x.args']);
    expect(longest).toBeLessThan(100);
  });
});

describe('what is told of a hostile document', () => {
  it('is up to 100 problems, and how many more there are', () => {
    const document = {
      nodes: {
        x: { run: 'many', ...Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`k${i}`, 1])) },
      },
    };

    const error = refusal(document) as GraphError;

    expect(error.problems).toHaveLength(100);
    expect(error.omitted).toBe(1900);
    expect(error.message).toMatch(/^2000 problems\n/);
    expect(error.message).toMatch(/and 1900 more$/);
  });

  it('is fewer if they are long', () => {
    const long = 'x'.repeat(60);
    const nodes = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${long}${i}`, { inlet: true }]));
    const into = Array.from({ length: 59 }, (_, i) => `${long}${i}`);

    const error = refusal(
      {
        nodes,
        graph: Object.fromEntries(into.map((name, i) => [name, into.slice(i + 1)])),
      },
      { edges: 1e4, size: 1e6 },
    ) as GraphError;

    expect(error.problems.length).toBeLessThan(58);
    expect(error.problems.length + error.omitted).toBe(58);
    expect(error.message.length).toBeLessThan(30_000);
  });
});

describe('an attack', () => {
  it.each(attacks)('fails: $title', ({ document, codes }) => {
    const error = refusal(document(), true, { pools: { db: {} } });

    expect(new Set(error?.problems.map(({ code }) => code))).toEqual(new Set(codes));
    expect(JSON.stringify(error?.problems ?? []).length).toBeLessThan(60_000);
    expect((error?.message ?? '').length).toBeLessThan(50_000);
    expect(({} as { isAdmin?: unknown }).isAdmin).toBeUndefined();
  });

  it.each(attacks)('is refused in less than the blink of an eye: $title', ({ document }) => {
    const hostile = document();
    const least = Math.min(
      ...Array.from({ length: 10 }, () => {
        const before = performance.now();
        refusal(hostile, true, { pools: { db: {} } });
        return performance.now() - before;
      }),
    );

    // A guard against what grows faster than the document: it is a hundredth of that where it is right.
    expect(least).toBeLessThan(500);
  });
});

describe('a text', () => {
  it('is as long as the definition in it, however it is indented', () => {
    const indents = fc.oneof(fc.nat(10), fc.constantFrom('\t', '\n', '\r\n', ' \t'));
    const values = fc.oneof(fc.jsonValue(), fc.string({ unit: fc.constantFrom('"', '\\', ' ', '\n', '{') }));
    const isTooLong = (work: () => unknown): boolean => {
      try {
        work();
        return false;
      } catch (error) {
        return (error as GraphError).problems.some(({ message }) => message.includes('limits.size'));
      }
    };
    const verdicts = new Set<boolean>();

    fc.assert(
      fc.property(fc.array(values, { maxLength: 5 }), indents, fc.nat(60), (list, indent, size) => {
        const document = { nodes: { x: { run: 'many', args: { list } } } };
        const text = ` ${JSON.stringify(document, null, indent)}\n`;
        const limits = { size: JSON.stringify(document).length - 30 + size, nesting: 100, argsSize: 1e6 };
        // Not all that is JSON may be args.
        const isRefused = isTooLong(() => parseDefinition(text, limits));

        expect(isRefused).toBe(size < 30);
        expect(isTooLong(() => new Plumber(JSON.parse(text), { registry, limits }))).toBe(isRefused);
        verdicts.add(isRefused);
      }),
    );
    expect(verdicts.size).toBe(2);
  });

  it('that is no JSON is told in the words of the parser, few of them, on one line', () => {
    const wordsOf = (text: string): string => {
      try {
        parseDefinition(text, { size: 1e6 });
        return '';
      } catch (error) {
        return (error as GraphError).message;
      }
    };

    expect(wordsOf('{"nodes": {"x": "f",}}')).toMatch(/is a text that is no JSON: .*(position|line|"f",)/);
    expect(wordsOf('{"a\u2028":1,\nx\n\nnodes.b: fine}')).not.toMatch(/[\n\u2028]/);
    expect(wordsOf(`{${'x'.repeat(1e5)}`).length).toBeLessThan(200);
  });

  it('is parsed if it is short enough', () => {
    expect(parseDefinition('{"nodes":{"x":"f"}}', true)).toEqual({ nodes: { x: 'f' } });
    expect(parseDefinition('{"nodes":{"x":"f"}}', { size: 19 })).toEqual({ nodes: { x: 'f' } });
  });

  it.each([
    [
      'too long',
      '{"nodes":{"x":"f"}}',
      { size: 18 },
      { code: 'limit', path: 'definition', value: 19, limit: 18 },
    ],
    [
      'too long, however much white space there is',
      '{ "nodes" : { "x \\" y" : "f" } }',
      { size: 23 },
      { code: 'limit', path: 'definition', value: 24, limit: 23 },
    ],
    ['no JSON', '{nodes}', true, { code: 'not-json', path: 'definition' }],
    ['no text', { nodes: {} }, true, { code: 'not-json', path: 'definition' }],
    ['parsed without limits', '{}', 7, { code: 'bad-option', path: 'limits' }],
  ] as const)('is refused if it is %s', (_, text, limits, problem) => {
    expect.assertions(2);
    try {
      parseDefinition(text as string, limits as never);
    } catch (error) {
      expect((error as GraphError).problems).toEqual([expect.objectContaining(problem)]);
      expect((error as GraphError).message.length).toBeLessThan(200);
    }
  });
});
