import { describe, expect, it } from 'vitest';
import {
  type Context,
  createPipeline,
  type Definition,
  inlet,
  Plumber,
  type TracedCall,
  type TracedMessage,
} from '../../lib/index.ts';
import { virtualClock } from '../../lib/testing/index.ts';
import { schemaOf } from '../support/schema.ts';

function traced(keep?: number) {
  const clock = virtualClock();
  const after = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, ms));
  const plumber = new Plumber(
    {
      nodes: {
        n: inlet<number>(),
        slow: async (n: number) => {
          await after(10);
          return n + 1;
        },
        odd: (n: number) => (n % 2 === 1 ? n : null),
        both: async ({ slow, odd }: { slow: number; odd: number }) => {
          await after(5);
          if (slow > 5) throw new Error('too much');
          return slow * odd;
        },
      },
      graph: { n: ['slow', 'odd'], slow: ['both'], odd: ['both'] },
    },
    { clock },
  );
  return { clock, pipeline: plumber.createPipeline({ trace: keep === undefined ? true : { keep } }) };
}

describe('a trace', () => {
  it('is the tree of one input, with the time that its messages waited and functions took', async () => {
    const { clock, pipeline } = traced();
    const ids: string[] = [];
    pipeline.on('message', ({ node, message }) => {
      if (node === 'n' || node === 'both') ids.push(message.id);
    });
    const calls = Promise.all([pipeline.call(1), pipeline.call(3)]);
    await clock.runAll();
    await calls;
    const [first, second, made] = ids;
    expect(pipeline.trace(second as string)?.input).toMatchObject({
      id: second,
      node: 'n',
      calls: [
        {
          node: 'odd',
          outcome: 'returned',
          waited: 0,
          ran: 0,
          sent: [{ node: 'odd', calls: [{ node: 'both', waited: 20, ran: 5 }] }],
        },
        {
          node: 'slow',
          outcome: 'returned',
          waited: 10,
          ran: 10,
          sent: [{ node: 'slow', calls: [{ node: 'both', waited: 0, ran: 5, sent: [{ calls: [] }] }] }],
        },
      ],
    });
    expect(pipeline.trace(made as string)?.input.id).toBe(first);
    // Nothing follows from the join.
    expect(String(pipeline.trace(made as string))).not.toContain('see above');
    expect(pipeline.trace('another')).toBeUndefined();
    await pipeline.stop();
  });

  it('tells what runs, skips and failures alike, as text and as a diagram', async () => {
    const { clock, pipeline } = traced();
    const ids: string[] = [];
    pipeline.on('message', ({ node, message }) => {
      if (node === 'n') ids.push(message.id);
    });
    const calls = [pipeline.call(2), pipeline.call(5)].map((call) => call.catch(() => {}));
    await clock.advance(4);
    expect(
      String(pipeline.trace(ids[0] as string))
        .split('\n')
        .sort(),
    ).toEqual([
      '-> odd: waited 0.0 ms, ran 0.0 ms, sent 0',
      '-> slow: waited 0.0 ms, running for 4.0 ms',
      `n ${ids[0]}`,
    ]);
    await clock.runAll();
    await Promise.all(calls);
    expect(String(pipeline.trace(ids[1] as string))).toContain('-> both: waited 20.0 ms, ran 5.0 ms, failed');
    const diagram = pipeline.trace(ids[1] as string)?.toMermaid();
    expect(diagram).toContain('c0(["n"])');
    expect(diagram?.split('-->')).toHaveLength(5);
    await pipeline.stop();
  });

  it('tells of a function that throws that it failed, as of one that rejects', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          throws: { run: fail, onError: 'skip' },
          rejects: { run: async () => fail(), onError: 'skip' },
        },
        graph: { n: ['throws', 'rejects'] },
      },
      { trace: true },
    );
    const ids: string[] = [];
    pipeline.on('message', ({ message }) => ids.push(message.id));

    await pipeline.call(1);

    expect(pipeline.trace(ids[0] as string)?.input.calls).toMatchObject([
      { node: 'throws', outcome: 'failed', sent: [] },
      { node: 'rejects', outcome: 'failed', sent: [] },
    ]);
    await pipeline.stop();
  });

  it.for([
    ['hands on what comes in', inlet<number>()],
    ['has it validated', inlet({ input: schemaOf<number>((value) => ({ value: Number(value) })) })],
  ] as const)('goes on inside a subgraph, whose inlet %s', async ([, inp]) => {
    const inner = new Plumber({ nodes: { inp, twice: (n: number) => 2 * n }, graph: { inp: ['twice'] } });
    const pipeline = createPipeline(
      { nodes: { n: inlet<number>(), inner }, graph: { n: ['inner'] } },
      { trace: true },
    );
    const ids: string[] = [];
    pipeline.on('message', ({ message }) => ids.push(message.id));

    expect(await pipeline.call(1)).toEqual({ inner: [2] });

    expect(pipeline.trace(ids[0] as string)?.input).toMatchObject({
      node: 'n',
      calls: [
        {
          node: 'inner.inp',
          outcome: 'returned',
          sent: [{ calls: [{ node: 'inner.twice', outcome: 'returned', sent: [{ calls: [] }] }] }],
        },
      ],
    });
    await pipeline.stop();
  });

  it('is drawn as text and as a diagram, what follows from a join once', async () => {
    const clock = virtualClock();
    const wait = (ms: number): Promise<void> => new Promise((resolve) => clock.setTimeout(resolve, ms));
    const nodes = {
      n: inlet<number>(),
      slow: (n: number) => wait(10).then(() => n + 1),
      quick: (n: number) => n,
      both: (row: object) => row,
      fails: () => wait(5).then(() => Promise.reject(new Error('no'))),
      runs: () => wait(50),
    };
    const graph = { n: ['slow', 'quick'], slow: ['both'], quick: ['both'], both: ['fails', 'runs'] };
    const definition: Definition = { nodes, graph };
    const pipeline = createPipeline(definition, { clock, trace: true, ids: (number) => `id ${number}` });
    const call = pipeline.call(1).catch(() => {});

    await clock.advance(20);
    const trace = pipeline.trace('id 0');
    await clock.runAll();
    await call;

    expect(String(trace)).toBe(
      [
        'n id 0',
        '-> slow: waited 0.0 ms, ran 10.0 ms, sent 1',
        '   -> both: waited 0.0 ms, ran 0.0 ms, sent 1',
        '      -> fails: waited 0.0 ms, ran 5.0 ms, failed',
        '      -> runs: waited 0.0 ms, running for 10.0 ms',
        '-> quick: waited 0.0 ms, ran 0.0 ms, sent 1',
        '   -> both: waited 10.0 ms, ran 0.0 ms, sent 1',
        '      -> fails, runs: see above',
      ].join('\n'),
    );
    expect(trace?.toMermaid()).toBe(
      [
        'flowchart LR',
        '  c0(["n"])',
        '  c1["slow<br>waited 0.0 ms, ran 10.0 ms, sent 1"]',
        '  c0 --> c1',
        '  c3["both<br>waited 0.0 ms, ran 0.0 ms, sent 1"]',
        '  c1 --> c3',
        '  c4["fails<br>waited 0.0 ms, ran 5.0 ms, failed"]',
        '  c3 --> c4',
        '  c5["runs<br>waited 0.0 ms, running for 10.0 ms"]',
        '  c3 --> c5',
        '  c2["quick<br>waited 0.0 ms, ran 0.0 ms, sent 1"]',
        '  c0 --> c2',
        '  c6["both<br>waited 10.0 ms, ran 0.0 ms, sent 1"]',
        '  c2 --> c6',
        '  c6 --> c4',
        '  c6 --> c5',
        '',
      ].join('\n'),
    );
    await pipeline.stop();
  });

  it('is kept of the latest inputs', async () => {
    const { clock, pipeline } = traced(1);
    const ids: string[] = [];
    pipeline.on('message', ({ node, message }) => {
      if (node === 'n') ids.push(message.id);
    });
    const calls = Promise.all([pipeline.call(1), pipeline.call(3)]);
    await clock.runAll();
    await calls;
    expect(ids.map((id) => pipeline.trace(id)?.input.id)).toEqual([undefined, ids[1]]);
    await pipeline.stop();
  });

  it('has times finer than the clock of the machine, which counts whole ms', async () => {
    const pipeline = createPipeline(
      {
        nodes: { n: inlet<number>(), id: (_: number, { message }: Context) => message.roots },
        graph: { n: ['id'] },
      },
      { trace: true },
    );
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) ids.push(...((await pipeline.call(n)).id[0] ?? []));

    const times = ids.flatMap((id) =>
      pipeline.trace(id)?.input.calls.flatMap(({ waited, ran }) => [waited, ran]),
    );

    expect(times).toHaveLength(20);
    expect(times.every((time) => Number(time) >= 0)).toBe(true);
    expect(times.some((time) => !Number.isInteger(time))).toBe(true);
    await pipeline.stop();
  });

  it('must be asked for, and reasonably', async () => {
    const definition = { nodes: { n: inlet<number>() }, graph: {} };
    const pipeline = createPipeline(definition);
    expect(() => pipeline.trace('id')).toThrow(
      expect.objectContaining({
        problems: [{ code: 'no-tracing', path: 'trace', message: expect.stringContaining('trace: true') }],
      }),
    );
    await pipeline.stop();
    for (const [trace, code, path, right] of [
      [{ keep: 0 }, 'bad-option', 'options.trace.keep', 'from 1 on'],
      [{ keep: 1.5 }, 'bad-option', 'options.trace.keep', 'a whole number'],
      [{ kept: 5 }, 'unknown-option', 'options.trace.kept', '`keep`'],
      ['yes', 'bad-option', 'options.trace', 'true, false or { keep }'],
    ] as const) {
      expect(() => createPipeline(definition, { trace: trace as never })).toThrow(
        expect.objectContaining({ problems: [{ code, path, message: expect.stringContaining(right) }] }),
      );
    }
    for (const trace of [undefined, false]) {
      const untraced = createPipeline(definition, { trace } as object);
      expect(() => untraced.trace('id')).toThrow();
      await untraced.stop();
    }
  });

  it('shows of a batch what was made of this input, and how long it waited for others', async () => {
    const clock = virtualClock();
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<number>(),
          twice: function* (n: number) {
            yield* [n, -n];
          },
          each: {
            run: (ns: readonly number[]) => ns.map((n) => n * 10),
            batch: { size: 3, within: 8, scatter: true },
          },
        },
        graph: { n: ['twice'], twice: ['each'] },
      },
      { clock, trace: true },
    );
    const ids: string[] = [];
    pipeline.on('message', ({ node, message }) => {
      if (node === 'n') ids.push(message.id);
    });
    const called = pipeline.call(1);
    await clock.advance(8);
    await called;

    const worked = {
      node: 'each',
      outcome: 'returned',
      waited: 8,
      ran: 0,
      sent: [{ node: 'each', calls: [] }],
    };
    expect(pipeline.trace(ids[0] as string)?.input).toMatchObject({
      calls: [
        {
          node: 'twice',
          sent: [
            { node: 'twice', calls: [worked] },
            { node: 'twice', calls: [worked] },
          ],
        },
      ],
    });
    await pipeline.stop();
  });

  it('tells what a join made once, and grows no faster than its messages where joins follow each other', async () => {
    const joins = 8;
    const pipeline = createPipeline(diamonds(joins), { trace: true });
    const outputs = (await pipeline.call(1)) as Record<string, readonly string[]>;
    const trace = pipeline.trace(outputs.end?.[0] as string);
    await pipeline.stop();
    if (trace === undefined) throw new Error('there is no trace');

    const { messages, calls } = partsOf(trace.input);
    // The input, three messages for each join, and what the end sent.
    expect(messages.size).toBe(1 + 3 * joins + 1);
    // Of each join two calls, one for either branch, which waited for different times.
    expect(calls.size).toBe(4 * joins + 1);

    const lines = String(trace).split('\n');
    expect(lines.filter((line) => line.includes('see above'))).toHaveLength(joins);
    expect(lines).toHaveLength(1 + 4 * joins + 1 + joins);
    // The second call of a join leads to the same boxes as the first.
    const diagram = trace.toMermaid();
    expect(diagram.match(/\["/g)).toHaveLength(1 + calls.size);
    expect(diagram.match(/-->/g)).toHaveLength(2 + 2 * joins + 4 * (joins - 1) + 2);
  });
});

/** Two branches that are joined, over and over; at the end, the id of the input. */
function diamonds(count: number): Definition {
  const nodes: Record<string, Definition['nodes'][string]> = { join0: inlet() };
  const graph: Record<string, readonly string[]> = {};
  for (let i = 0; i < count; i++) {
    Object.assign(nodes, { [`a${i}`]: () => 1, [`b${i}`]: () => 2, [`join${i + 1}`]: () => 3 });
    Object.assign(graph, { [`join${i}`]: [`a${i}`, `b${i}`] });
    Object.assign(graph, { [`a${i}`]: [`join${i + 1}`], [`b${i}`]: [`join${i + 1}`] });
  }
  nodes.end = (_: unknown, { message }: Context) => message.roots[0];
  graph[`join${count}`] = ['end'];
  return { nodes, graph };
}

/** All that can be reached, each once. */
function partsOf(input: TracedMessage): { messages: Set<TracedMessage>; calls: Set<TracedCall> } {
  const [messages, calls] = [new Set<TracedMessage>([input]), new Set<TracedCall>()];
  for (const message of messages) {
    for (const call of message.calls) {
      calls.add(call);
      for (const sent of call.sent) messages.add(sent);
    }
  }
  return { messages, calls };
}
