import {
  type Context,
  createPipeline,
  type DeadLetter,
  type Definition,
  inlet,
  Plumber,
  type ProcessorError,
  type StandardSchema,
} from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { hops, turn, turns } from '../support/turns.ts';

const reverse = (word: string): string => [...word].reverse().join('');

const pair = new Plumber({
  nodes: {
    word: inlet<string>(),
    reversed: async (word: string) => {
      await turn();
      return reverse(word);
    },
    pair: ({ word, reversed }: { word: string; reversed: string }) => `${word} ${reversed}`,
  },
  graph: { word: ['reversed', 'pair'], reversed: ['pair'] },
});

describe('five nodes with themselves as a node, three levels deep', () => {
  const nodes = {
    n1: reverse,
    n2: async (word: string) => {
      await hops(3);
      return word.toUpperCase();
    },
    n3: ({ n1 }: { n1: string }) => n1.toLowerCase(),
    n4: { run: (word: string) => word, aggregateInputs: false },
  } as const;
  const graph = { inp: ['n1'], n1: ['n2', 'n3'], n2: ['n3', 'n4'], n3: ['n4'] } as const;

  /** The four nodes behind what the level below sends. */
  function level(inner: Plumber | undefined): Plumber {
    const definition: Definition =
      inner === undefined
        ? { nodes: { inp: inlet(), ...nodes }, graph }
        : { nodes: { inp: inlet(), inner, ...nodes }, graph: { ...graph, inp: ['inner'], inner: ['n1'] } };
    return new Plumber(definition);
  }
  const nested = level(level(level(undefined)));
  const flat = new Plumber({
    nodes: Object.fromEntries([
      ['inp', inlet()],
      ...['a', 'b', 'c'].flatMap((name) => [
        [`${name}1`, nodes.n1],
        [`${name}2`, nodes.n2],
        [`${name}3`, (row: Record<string, string>) => row[`${name}1`]?.toLowerCase()],
        [`${name}4`, nodes.n4],
      ]),
    ]),
    graph: Object.fromEntries(
      ['inp', 'a4', 'b4'].flatMap((before, i) => {
        const name = 'abc'[i];
        return [
          [before, [`${name}1`]],
          [`${name}1`, [`${name}2`, `${name}3`]],
          [`${name}2`, [`${name}3`, `${name}4`]],
          [`${name}3`, [`${name}4`]],
        ];
      }),
    ),
  } as Definition);
  const words = ['abc', 'def', 'ghi'];

  it('give the same outputs as the flat graph', async () => {
    await withoutLeaks(async () => {
      const outputs = await collect(nested.createPipeline({ inputs: { inp: words } }));

      expect(outputs).toHaveLength(24);
      expect(outputs.toSorted()).toEqual(
        (await collect(flat.createPipeline({ inputs: { inp: words } }))).toSorted(),
      );
    });
  });

  it('give a caller the outputs of its own input, and count under nested names', async () => {
    await withoutLeaks(async () => {
      const pipeline = nested.createPipeline();

      const outputs = await Promise.all(words.map((word) => pipeline.call(word)));
      const summary = await pipeline.stop();

      expect(outputs.map(({ n4 }) => n4?.toSorted())).toEqual(
        ['CBA cba', 'FED fed', 'IHG ihg'].map((two) => {
          const [upper, lower] = two.split(' ');
          return [...Array(4).fill(upper), ...Array(4).fill(lower)];
        }),
      );
      expect(summary.nodes['inner.inner.n1']).toMatchObject({ received: 3, sent: 3 });
      expect(summary.nodes['inner.inner.n4']).toMatchObject({ received: 6, sent: 6 });
      expect(summary.nodes.n4).toMatchObject({ received: 24, sent: 24 });
    });
  });
});

describe('a Plumber as a node', () => {
  it('hands on what comes in however many stand in a row, one inside the other or one after the other', async () => {
    const next = (n: number): number => n + 1;
    const wrapped = (inner: Plumber): Plumber =>
      new Plumber({
        nodes: { inp: inlet(), inner, next },
        graph: { inp: ['inner'], inner: ['next'] },
      } as Definition);
    let nested = new Plumber({ nodes: { inp: inlet(), next }, graph: { inp: ['next'] } } as Definition);
    for (let depth = 1; depth < 12; depth++) nested = wrapped(nested);
    const names = Array.from({ length: 12 }, (_, i) => `p${i}`);
    const pipeline = createPipeline({
      nodes: { n: inlet(), ...Object.fromEntries(names.map((name) => [name, nested])) },
      graph: Object.fromEntries(['n', ...names.slice(0, -1)].map((name, i) => [name, [names[i]]])),
    } as Definition);

    expect(await Promise.all([1, 2, 3].map((n) => pipeline.call(n)))).toEqual(
      [1, 2, 3].map((n) => ({ p11: [n + 144] })),
    );
    const { nodes: counters } = await pipeline.stop();
    for (const { received, processed, sent, inFlight } of Object.values(counters))
      expect({ received, processed, sent, inFlight }).toEqual({
        received: 3,
        processed: 3,
        sent: 3,
        inFlight: 0,
      });
  });

  it('is what a join finds its outputs under, and may stand in a graph twice, and run alone', async () => {
    const pipeline = createPipeline({
      nodes: {
        text: inlet<string>(),
        one: pair,
        two: { run: pair, queueSize: 1 },
        both: (row: { one: string; two: string }) => row,
      },
      graph: { text: ['one'], one: ['two', 'both'], two: ['both'] },
    });
    const alone = pair.createPipeline();

    expect(await pipeline.call('ab')).toEqual({ both: [{ one: 'ab ba', two: 'ab ba ab ba' }] });
    expect(await alone.call('ab')).toEqual({ pair: ['ab ba'] });
    await Promise.all([pipeline.stop(), alone.stop()]);
  });

  it('is a sink under its own name, to callers and readers, and its messages tell the node within', async () => {
    const plumber = new Plumber({ nodes: { text: inlet<string>(), pair }, graph: { text: ['pair'] } });
    const called = plumber.createPipeline();
    const read = plumber.createPipeline({ inputs: { text: ['ab'] } });
    const [outputs, messages] = [read.outputs('pair'), read.messages('pair')];

    expect(await called.call('ab')).toEqual({ pair: ['ab ba'] });
    expect((await outputs.next()).value).toBe('ab ba');
    expect((await messages.next()).value).toMatchObject({ node: 'pair.pair', payload: 'ab ba' });
    expect(() => read.outputs('pair.pair' as 'pair')).toThrow(expect.objectContaining({ code: 'GRAPH' }));
    await Promise.all([called.stop(), read.stop()]);
  });

  it('stands in a document by a registry name', async () => {
    const document = JSON.parse(
      '{ "nodes": { "text": { "inlet": true }, "p": "words.pair", "q": { "run": "words.pair" } }, "graph": { "text": ["p"], "p": ["q"] } }',
    ) as Definition;
    const pipeline = createPipeline(document, { registry: { 'words.pair': pair } });

    expect(await pipeline.call('ab')).toEqual({ q: ['ab ba ab ba'] });
    await pipeline.stop();
  });

  it('joins or merges what leads to it, as its options say', async () => {
    const keys = new Plumber({
      nodes: { in: inlet<unknown>(), text: (value: unknown) => JSON.stringify(value) },
      graph: { in: ['text'] },
    });
    const pipeline = createPipeline({
      nodes: {
        a: inlet<number>(),
        b: (a: number) => (a > 1 ? -a : null),
        rows: keys,
        some: { run: keys, aggregateInputs: 'partial' },
        each: { run: keys, aggregateInputs: false },
      },
      graph: { a: ['b', 'rows', 'some', 'each'], b: ['rows', 'some', 'each'] },
    });

    const outputs = await Promise.all([pipeline.call(1), pipeline.call(2)]);

    expect(outputs.map(({ each, ...rest }) => ({ ...rest, each: each.toSorted() }))).toEqual([
      { rows: [], some: ['{"a":1}'], each: ['1'] },
      { rows: ['{"a":2,"b":-2}'], some: ['{"a":2,"b":-2}'], each: ['-2', '2'] },
    ]);
    await pipeline.stop();
  });

  it('has its nodes work with the env of the pipeline, and their own args and state, set up once for each pipeline and place', async () => {
    const log: string[] = [];
    const tag = new Plumber(
      {
        nodes: {
          in: inlet<string>(),
          tag: {
            run: (text: string, { env, args, state, node }: Context) => [text, env, args.tag, state, node],
            args: { tag: 'inner' },
            setup: ({ node }) => `state of ${node}`,
            teardown: ({ node, state }) => log.push(`${node}: ${state}`),
          },
        },
        graph: { in: ['tag'] },
      },
      { env: 'of the inner Plumber' },
    );
    const pipeline = createPipeline(
      { nodes: { in: inlet<string>(), a: tag, b: tag }, graph: { in: ['a', 'b'] } },
      { env: 'request' },
    );

    expect(await pipeline.call('x')).toEqual({
      a: [['x', 'request', 'inner', 'state of a.tag', 'a.tag']],
      b: [['x', 'request', 'inner', 'state of b.tag', 'b.tag']],
    });
    await pipeline.stop();
    expect(log).toEqual(['b.tag: state of b.tag', 'a.tag: state of a.tag']);
  });

  it('names the node that failed, and fails its caller alone', async () => {
    const parse = new Plumber({
      nodes: { text: inlet<string>(), json: (text: string) => JSON.parse(text) as unknown },
      graph: { text: ['json'] },
    });
    const pipeline = createPipeline({ nodes: { in: inlet<string>(), parse }, graph: { in: ['parse'] } });

    const [bad, good] = await Promise.all([rejectionOf(pipeline.call('oops')), pipeline.call('[1]')]);

    expect(bad).toMatchObject({ code: 'PROCESSOR', node: 'parse.json' });
    expect((bad as ProcessorError).message).toContain('parse.json');
    expect(good).toEqual({ parse: [[1]] });
    await pipeline.stop();
  });

  it('passes on what its inlet would, be it a generator that nobody is to unroll', async () => {
    const kinds = new Plumber({
      nodes: { in: inlet<object>(), kind: (value: object) => Object.prototype.toString.call(value) },
      graph: { in: ['kind'] },
    });
    const pipeline = createPipeline({ nodes: { in: inlet<object>(), kinds }, graph: { in: ['kinds'] } });
    function* generate(): Generator<number> {
      yield 1;
    }

    expect(await pipeline.call(generate())).toEqual({ kinds: ['[object Generator]'] });
    expect(await pipeline.call([generate()])).toEqual({ kinds: ['[object Array]'] });
    await pipeline.stop();
  });

  describe('whose inlet validates what it is given', () => {
    const odd: StandardSchema<number, number> = {
      '~standard': {
        version: 1,
        vendor: 'none',
        validate: (value) =>
          Number(value) % 2 === 1 ? { value: Number(value) } : { issues: [{ message: 'even' }] },
      },
    };
    const skipping = new Plumber({
      nodes: { in: { ...inlet({ input: odd }), onError: 'skip' }, same: (n: number) => n },
      graph: { in: ['same'] },
    });
    const repairing = new Plumber({
      nodes: {
        in: { ...inlet({ input: odd }), onError: 'dead-letter' },
        repair: ({ input }: DeadLetter<number>) => -input,
        all: { run: (n: number) => n, aggregateInputs: false },
      },
      graph: { in: ['all'], repair: ['all'] },
      deadLetter: 'repair',
    });

    it('skips what does not fit, or sends it to its dead-letter node, as its inlet says', async () => {
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), skipping, repairing },
        graph: { n: ['skipping', 'repairing'] },
      });

      const outputs = await Promise.all([1, 2, 3].map((n) => pipeline.call(n)));
      const { nodes } = await pipeline.stop();

      expect(outputs).toEqual([
        { skipping: [1], repairing: [1] },
        { skipping: [], repairing: [-2] },
        { skipping: [3], repairing: [3] },
      ]);
      expect(nodes['skipping.in']).toMatchObject({ received: 3, sent: 2, failed: 1 });
    });

    it.for([
      ['skips', skipping],
      ['repairs', repairing],
    ] as const)('tells whoever hands it in when it runs alone, even where it %s', async ([, plumber]) => {
      const pipeline = plumber.createPipeline();

      expect(await rejectionOf(pipeline.push(2))).toMatchObject({ code: 'VALIDATION' });
      expect(Object.values(await pipeline.call(3))).toEqual([[3]]);
      expect((await pipeline.stop()).nodes.in).toMatchObject({ sent: 1 });
      const fed = plumber.createPipeline({ inputs: { in: [1, 2, 3] } });
      expect(await rejectionOf(fed.done)).toMatchObject({ code: 'PROCESSOR', node: 'in' });
    });
  });

  it('looks as far ahead for another key as its sink would by itself', async () => {
    const begun: number[] = [];
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const keyed = new Plumber({
      nodes: {
        in: inlet<number>(),
        k: {
          keyBy: (n: number) => (n < 30 ? 'busy' : 'other'),
          ...{ concurrency: 2, queueSize: 50 },
          run: async (n: number) => {
            begun.push(n);
            if (n === 0) await released;
            return n;
          },
        },
      },
      graph: { in: ['k'] },
    });
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), keyed: { run: keyed, queueSize: 1 } },
      graph: { n: ['keyed'] },
    });
    const calls = Promise.all(Array.from({ length: 31 }, (_, n) => pipeline.call(n)));
    await turns(3);
    const early = [...begun];
    release();
    await calls;
    await pipeline.stop();

    expect(early).toEqual([0, 30]);
  });

  it('holds its sender back like any node: what waits at its inlet counts against the bound', async () => {
    let sent = 0;
    const slow = new Plumber({
      nodes: { in: inlet<number>(), slow: { run: () => new Promise<never>(() => {}), queueSize: 2 } },
      graph: { in: ['slow'] },
    });
    const plumber = new Plumber({
      nodes: {
        *numbers() {
          while (true) yield ++sent;
        },
        slow: { run: slow, queueSize: 3 },
      },
      graph: { numbers: ['slow'] },
    });
    const pipeline = plumber.createPipeline({ grace: 0 });
    await turn();
    await turn();

    // One worked on, two queued for it, one at the inlet, three queued there, one at the source.
    expect(sent).toBe(8);
    expect(plumber.describe().maxMessages).toBeGreaterThanOrEqual(sent);
    pipeline.abort();
    await rejectionOf(pipeline.done);
  });

  it('is found though another copy of the package made it', async () => {
    const copy = {
      [Symbol.for('sluice.graph')]: (pair as unknown as Record<symbol, unknown>)[Symbol.for('sluice.graph')],
    };
    const pipeline = createPipeline({
      nodes: { text: inlet(), copy },
      graph: { text: ['copy'] },
    } as unknown as Definition);

    expect(await pipeline.call('ab')).toEqual({ copy: ['ab ba'] });
    await pipeline.stop();
  });
});

async function collect(values: AsyncIterable<unknown>): Promise<unknown[]> {
  const collected: unknown[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
