import { type Batch, type Definition, inlet, type Message, type NodeOptions, Plumber } from 'sluice';
import { atRest, virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';

type Inputs = readonly number[];

const sum = (inputs: Inputs): number => inputs.reduce((total, n) => total + n, 0);
const tenfold = (inputs: Inputs): number[] => inputs.map((n) => n * 10);
const fail = (): never => {
  throw new Error('no');
};
const range = (count: number): number[] => [...Array(count).keys()];

/** A source of these values, before a node `b` with this batch; what it is given is noted. */
function gathering(values: Iterable<unknown>, batch: Batch, options: NodeOptions & { run?: unknown } = {}) {
  const given: Inputs[] = [];
  const { run = sum, ...rest } = options;
  const noting = (inputs: Inputs, context: unknown): unknown => {
    given.push(inputs);
    return (run as (inputs: Inputs, context: unknown) => unknown)(inputs, context);
  };
  const definition = {
    nodes: { s: () => values, b: { run: noting, batch, ...rest }, sink: pass },
    graph: { s: ['b'], b: ['sink'] },
  } as Definition;
  return { given, definition };
}

/** An inlet `n` before such a node, at a clock of its own. */
function fed(batch: Batch, options: NodeOptions & { run?: unknown } = {}) {
  const clock = virtualClock();
  const { given, definition } = gathering([], batch, options);
  const { s: _, ...nodes } = definition.nodes;
  const graph = { n: ['b'], b: ['sink'] };
  const pipeline = start({ nodes: { n: inlet(), ...nodes }, graph } as Definition, { clock });
  return { clock, given, pipeline };
}

describe('a batch', () => {
  it('is begun when it is full, and the last one at the end of the inputs', async () => {
    const { given, definition } = gathering(range(7), { size: 3 });

    expect(await collect(start(definition))).toEqual([3, 12, 6]);
    expect(given).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
  });

  it.for([0, 3, 6])('is never empty: of %i inputs', async (count) => {
    const { given, definition } = gathering(range(count), { size: 3 });

    await start(definition).done;

    expect(given).toEqual(
      [
        [0, 1, 2],
        [3, 4, 5],
      ].slice(0, count / 3),
    );
  });

  it('sets no timer, if it has no time', async () => {
    const timers: number[] = [];
    const clock = {
      ...{ now: () => 0, clearTimeout: () => {} },
      setTimeout: (_: () => void, ms: number) => timers.push(ms),
    };
    const { definition } = gathering(range(7), { size: 3 });

    await start(definition, { clock }).done;

    expect(timers).toEqual([]);
  });

  it('is begun so many ms after its first input, and not a moment sooner', async () => {
    const { clock, given, pipeline } = fed({ size: 10, within: 50 });
    const outputs = collect(pipeline);
    await pipeline.push(1);
    await clock.advance(30);
    await pipeline.push(2);
    await clock.advance(19);
    const before = [...given];
    await clock.advance(1);
    const after = [...given];
    await pipeline.push(3);
    await clock.advance(49);
    const again = [...given];
    await clock.advance(1);

    expect([before, after, again, given]).toEqual([[], [[1, 2]], [[1, 2]], [[1, 2], [3]]]);
    expect(clock.pending).toBe(0);
    pipeline.close();
    expect(await outputs).toEqual([3, 3]);
  });

  it('that is full leaves no timer', async () => {
    const { clock, given, pipeline } = fed({ size: 2, within: 50 });
    await pipeline.push(1);
    await turns(2);
    const waiting = clock.pending;
    await pipeline.push(2);
    await turns(2);

    expect([waiting, clock.pending, given]).toEqual([1, 0, [[1, 2]]]);
    await pipeline.stop();
  });

  it('is begun at once when the pipeline stops, though a source does not', async () => {
    const { opened, open } = gate();
    const deaf = async function* (): AsyncGenerator<number> {
      yield* [1, 2];
      await opened;
      yield 3;
    };
    const { given, definition } = gathering(deaf() as never, { size: 10 });
    const pipeline = start(definition);
    await turns(5);
    const before = [...given];

    const stopped = pipeline.stop();
    await turns(5);
    const after = [...given];
    open();

    expect([before, after]).toEqual([[], [[1, 2]]]);
    expect((await stopped).nodes.b).toMatchObject({ processed: 3 });
    expect(given).toEqual([[1, 2], [3]]);
  });

  it('gathers all that is there when the pipeline stops', async () => {
    const { given, pipeline } = fed({ size: 40, within: 1000 }, { queueSize: 2 });
    for (const n of range(100)) void pipeline.push(n);

    await pipeline.stop();

    expect(given.map(({ length }) => length)).toEqual([40, 40, 20]);
  });

  it('in a loop is begun when nothing outside of it can fill it', async () => {
    const given: Inputs[] = [];
    const pipeline = start({
      nodes: {
        s: () => [5, 3],
        b: {
          run: (inputs: Inputs) => {
            given.push(inputs);
            return inputs.map((n) => n - 1);
          },
          aggregateInputs: false,
          many: true,
          batch: { size: 4 },
        },
        again: (n: number) => (n > 0 ? n : null),
        out: (n: number) => (n > 0 ? null : n),
      },
      graph: { s: ['b'], b: ['again', 'out'], again: [{ to: 'b', feedback: true }] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([0, 0]);
    expect(given).toEqual([[5, 3], [4, 2], [3, 1], [2], [1]]);
  });

  it('between branches that wait for each other is begun before they stall', async () => {
    const pipeline = start({
      nodes: {
        s: () => range(5),
        b: { run: tenfold, batch: { size: 4, scatter: true } },
        j: ({ s, b }: { s: number; b: number }) => s + b,
      },
      graph: { s: [{ to: 'j', queueSize: 1 }, 'b'], b: ['j'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([0, 11, 22, 33, 44]);
  });

  it('waits for a function that may still bring it something', async () => {
    const { opened, open } = gate();
    const given: Inputs[] = [];
    const pipeline = start({
      nodes: {
        s: () => [1, 2],
        slow: { run: (n: number) => (n === 2 ? opened.then(() => n) : n) },
        b: { run: (inputs: Inputs) => void given.push(inputs), batch: { size: 3 } },
      },
      graph: { s: ['slow'], slow: ['b'] },
    } as Definition);
    await turns(10);
    const before = [...given];
    open();
    await pipeline.done;

    expect([before, given]).toEqual([[], [[1, 2]]]);
  });

  it('is shown by explain(), with what it waits for', async () => {
    const { pipeline } = fed({ size: 10, within: 50 });
    await pipeline.push(1);
    await pipeline.push(2);
    await turns(5);

    const explanation = pipeline.explain();
    expect(explanation.nodes.b).toEqual({
      state: 'waiting',
      running: 0,
      waiting: 0,
      waits: [{ node: 'b', from: 'n', to: 'b', for: 'batch', queued: 2, queueSize: 10 }],
    });
    expect(`${explanation}`).toContain('b waits: n -> b is empty, and its batch not full (2/10)');
    await pipeline.stop();
  });

  it('is gathered while others are worked on, and begun when one of them has come to its end', async () => {
    const gates = [gate(), gate(), gate()];
    let begun = 0;
    const { given, definition } = gathering(
      range(6),
      { size: 2 },
      {
        run: async (inputs: Inputs) => {
          await gates[begun++]?.opened;
          return inputs;
        },
        concurrency: 2,
      },
    );
    const pipeline = start(definition);
    const outputs = collect(pipeline);
    await turns(5);
    const atFirst = given.length;
    const { received, inFlight } = pipeline.metrics().nodes.b ?? {};
    gates[1]?.open();
    await turns(5);
    const stillFirst = given.length;
    gates[0]?.open();
    gates[2]?.open();

    expect([atFirst, received, inFlight, stillFirst]).toEqual([2, 6, 6, 3]);
    expect(await outputs).toEqual([
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
  });
});

describe('a batch that is not full', () => {
  it.for([1, 2, 16])(
    'is left to be filled where another goes on first, with a queue of %i behind',
    async (queueSize) => {
      const pipeline = start({
        nodes: {
          *source() {
            yield* [0, 1, 2];
          },
          all: { run: (inputs: Inputs) => inputs.join('+'), batch: { size: 3 } },
          each: { run: (inputs: Inputs) => inputs, batch: { size: 3, scatter: true } },
          join: { run: pass, queueSize },
        },
        graph: { source: ['all', 'each', 'join'], each: ['join'] },
      });

      expect(await collect(pipeline.outputs('all'))).toEqual(['0+1+2']);
    },
  );

  it('waits for its turn, is filled up to its size meanwhile, and no further', async () => {
    const gates = range(9).map(() => gate());
    let begun = 0;
    const run = async (inputs: Inputs): Promise<Inputs> => {
      await gates[begun++]?.opened;
      return inputs;
    };
    const batch = { size: 3, within: 50, scatter: true };
    const { clock, given, pipeline } = fed(batch, { run, concurrency: 2 });
    const push = async (n: number): Promise<void> => {
      await pipeline.push(n);
      await clock.advance(50);
    };
    for (const n of [1, 2, 3, 4, 5, 6]) await push(n);
    const atFirst = [...given];
    gates[0]?.open();
    await turns(5);
    const then = [...given];
    for (const { open } of gates) open();
    await turns(5);
    await clock.advance(50);

    expect([atFirst, then, given]).toEqual([
      [[1], [2]],
      [[1], [2], [3, 4, 5]],
      [[1], [2], [3, 4, 5], [6]],
    ]);
    await pipeline.stop();
  });
});

describe('a batch with one answer', () => {
  it('counts each of its inputs', async () => {
    const run = (inputs: Inputs): unknown => (inputs.includes(3) ? null : sum(inputs));
    const { definition } = gathering(range(7), { size: 3 }, { run });

    expect((await start(definition).done).nodes.b).toMatchObject({
      ...{ received: 7, processed: 4, skipped: 3, failed: 0, inFlight: 0, sent: 2 },
    });
  });

  it('gives many, and counts its inputs when it has given all', async () => {
    const run = function* (inputs: Inputs): Generator<number> {
      for (const n of inputs) yield* [n, n];
    };
    const { definition } = gathering(range(3), { size: 2 }, { run, many: true });
    const pipeline = start(definition);

    expect(await collect(pipeline)).toEqual([0, 0, 1, 1, 2, 2]);
    expect((await pipeline.done).nodes.b).toMatchObject({ received: 3, processed: 3, sent: 6, inFlight: 0 });
  });

  it('starts a lane, in which each is one row, also when it gives nothing or fails', async () => {
    const run = (inputs: Inputs): unknown =>
      inputs.includes(2) ? null : inputs.includes(4) ? fail() : sum(inputs);
    const { definition } = gathering(range(8), { size: 2 }, { run, onError: 'skip' });
    const pipeline = start({
      nodes: {
        s: definition.nodes.s,
        b: definition.nodes.b,
        other: () => ['a', 'b', 'c', 'd', 'e'],
        j: {
          run: ({ b, other }: { b?: number; other: string }) => `${other}${b}`,
          aggregateInputs: 'partial',
        },
      },
      graph: { s: ['b'], b: ['j'], other: ['j'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual(['a1', 'bundefined', 'cundefined', 'd13']);
  });

  it('is made of all its inputs, of a join of all that its rows are made of', async () => {
    const seen: Message[] = [];
    const run = (inputs: unknown, { message }: { message: Message }): string => {
      seen.push(message);
      expect(message.payload).toBe(inputs);
      return 'all';
    };
    const pipeline = start({
      nodes: { s: () => [1, 2], x: pass, y: pass, b: { run, batch: { size: 2 } } },
      graph: { s: ['x', 'y'], x: ['b'], y: ['b'] },
    } as Definition);
    const sent: Record<string, string[]> = { s: [], x: [], y: [] };
    pipeline.on('message', ({ node, message }) => sent[node]?.push(message.id));
    const [output] = await collect(pipeline.messages());
    const [frame] = seen;

    expect(frame?.payload).toEqual([
      { x: 1, y: 1 },
      { x: 2, y: 2 },
    ]);
    expect([frame?.node, frame?.roots]).toEqual(['b', sent.s]);
    expect(new Set(frame?.parents)).toEqual(new Set([...(sent.x ?? []), ...(sent.y ?? [])]));
    expect([output?.roots, output?.parents]).toEqual([frame?.roots, frame?.parents]);
  });

  it('lets no call pass, and says where', async () => {
    const pipeline = start({
      nodes: { n: inlet(), m: inlet(), x: pass, b: { run: sum, batch: { size: 2, within: 5 } } },
      graph: { n: ['x'], x: ['b'] },
    } as Definition);

    expect(await rejectionOf(pipeline.inlet('n').call(1))).toMatchObject({
      code: 'GRAPH',
      problems: [
        {
          code: 'call-through-batch',
          path: 'nodes.b.batch',
          message: expect.stringMatching(/\(n -> x -> b\): set scatter: true here/),
        },
      ],
    });
    expect(await pipeline.inlet('m').call(1)).toMatchObject({ m: [1] });
    expect((await pipeline.stop()).nodes).toMatchObject({ n: { received: 0 } });
  });

  const failing: readonly (readonly [string, unknown, boolean])[] = [
    ['throws', fail, false],
    ['rejects', async () => fail(), false],
    [
      'fails while it gives many',
      function* () {
        yield 1;
        throw new Error('no');
      },
      true,
    ],
    ['gives no iterable where it should', () => 1, true],
  ];
  it.for(failing)('that %s has each of its inputs fail, each with a dead letter', async ([, run, many]) => {
    const { definition } = gathering([1, 2, 3], { size: 2 }, { run, many, onError: 'dead-letter' });
    const pipeline = start(definition);
    const letters = collect(pipeline.deadLetters());
    const sent: string[] = [];
    pipeline.on('message', ({ node, message }) => {
      if (node === 's') sent.push(message.id);
    });
    const summary = await pipeline.done;

    expect((await letters).map(({ input, message, error }) => [input, message.id, error.phase])).toEqual(
      [1, 2, 3].map((n, i) => [n, sent[i], 'run']),
    );
    expect(summary.nodes.b).toMatchObject({ received: 3, deadLettered: 3, processed: 0, inFlight: 0 });
  });

  it('that cannot be sent has each of its inputs fail', async () => {
    const { definition } = gathering([1, 2, 4], { size: 2 }, { onError: 'skip' });
    const graph = { ...definition.graph, b: [{ to: 'sink', when: (n: number) => n !== 3 || fail() }] };
    const pipeline = start({ ...definition, graph } as Definition);
    const failed: unknown[] = [];
    pipeline.on('error', ({ error }) => failed.push((error.input as Message).payload));

    const summary = await pipeline.done;

    expect(failed).toEqual([1, 2]);
    expect(summary.nodes.b).toMatchObject({ received: 3, processed: 1, failed: 2, sent: 1, inFlight: 0 });
  });

  it.for([false, true])(
    'that cannot be sent has each of its inputs go where onError says of it (many: %s)',
    async (many) => {
      const run = (inputs: Inputs): unknown => (many ? [sum(inputs)] : sum(inputs));
      const onError = (_: unknown, { payload }: Message): string => (payload === 2 ? 'skip' : 'dead-letter');
      const { definition } = gathering([1, 2, 3], { size: 3 }, { run, many, onError } as NodeOptions);
      const graph = { ...definition.graph, b: [{ to: 'sink', when: fail }] };
      const pipeline = start({ ...definition, graph } as Definition);
      const letters = collect(pipeline.deadLetters());

      const { nodes } = await pipeline.done;

      expect((await letters).map(({ input }) => input)).toEqual([1, 3]);
      expect(nodes.b).toMatchObject({ received: 3, processed: 0, failed: 1, deadLettered: 2, inFlight: 0 });
    },
  );

  it('that gives many and fails has no other rows than what it gave', async () => {
    const run = function* (inputs: Inputs): Generator<number> {
      yield sum(inputs);
      if (inputs.includes(1)) fail();
    };
    const { definition } = gathering(range(6), { size: 2 }, { run, many: true, onError: 'skip' });
    const { nodes, graph } = definition;
    const pipeline = start({
      nodes: { ...nodes, other: pass, join: (row: object) => row },
      graph: { ...graph, b: ['sink', 'other'], sink: ['join'], other: ['join'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([1, 5, 9].map((n) => ({ sink: n, other: n })));
    expect((await pipeline.done).nodes.join).toMatchObject({ received: 3, processed: 3 });
  });

  describe('that is giving many', () => {
    /** Stands between its first value and its second. */
    const halfway = () => {
      const { opened, open } = gate();
      const run = async function* (inputs: Inputs): AsyncGenerator<number> {
        yield sum(inputs);
        await opened;
        yield 0;
      };
      const pipeline = start({
        nodes: { s: () => [1, 2], b: { run, batch: { size: 2 } }, short: inlet(), join: pass },
        graph: { s: ['b'], b: ['join'], short: ['join'] },
      } as Definition);
      return { pipeline, open };
    };

    it('stays in flight when the pipeline is aborted, to be counted among what is left', async () => {
      const { pipeline, open } = halfway();
      await turns(5);

      pipeline.abort();
      open();
      await rejectionOf(pipeline.done);

      expect(pipeline.metrics()).toMatchObject({
        left: 3,
        nodes: { b: { received: 2, processed: 0, sent: 1, inFlight: 2 } },
      });
    });

    it('has done its work when nobody takes any more of it', async () => {
      const { pipeline, open } = halfway();
      await turns(5);

      pipeline.inlet('short').close();
      open();

      expect((await pipeline.done).nodes.b).toMatchObject({
        received: 2,
        processed: 2,
        sent: 1,
        inFlight: 0,
      });
    });
  });

  it.for([
    [false, 'input'],
    [true, 'input'],
    [false, 'completion'],
    [true, 'completion'],
  ] as const)(
    'that cannot be sent becomes one dead letter after the other (many: %s, order: %s)',
    async ([many, order]) => {
      const run = async (inputs: Inputs): Promise<unknown> => (many ? [sum(inputs), 'more'] : sum(inputs));
      const taken: unknown[] = [];
      const pipeline = start({
        nodes: {
          s: () => range(7),
          b: { run, many, batch: { size: 3 }, concurrency: 2, order, onError: 'dead-letter' },
          sink: pass,
          dead: {
            run: async ({ input }: { input: unknown }) => {
              await turns(1);
              taken.push(input);
            },
            queueSize: 1,
          },
        },
        graph: { s: ['b'], b: [{ to: 'sink', when: (value: unknown) => value === 6 || fail() }] },
        deadLetter: 'dead',
      } as Definition);

      const { nodes } = await pipeline.done;

      // As calls complete, those of one batch may come between those of another.
      expect(order === 'input' ? taken : taken.toSorted()).toEqual(many ? range(7) : range(6));
      expect(nodes).toMatchObject({
        b: { received: 7, processed: many ? 0 : 1, deadLettered: many ? 7 : 6, inFlight: 0 },
        dead: { received: many ? 7 : 6 },
      });
    },
  );
});

describe('a batch with scatter', () => {
  const scatter = { size: 3, within: 10, scatter: true } as const;

  it('gives each caller its own answer', async () => {
    const { given, pipeline } = fed(scatter, { run: async (inputs: Inputs) => tenfold(inputs) });

    const answers = await Promise.all(range(6).map((n) => pipeline.call(n)));

    expect(answers).toEqual(range(6).map((n) => ({ sink: [n * 10] })));
    expect(given).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
    await pipeline.stop();
  });

  it('keeps the lane of its inputs: what is skipped or fails leaves a hole', async () => {
    const run = (inputs: Inputs): unknown[] =>
      inputs.map((n) =>
        n === 1 ? null : n === 3 ? undefined : n === 4 ? Promise.reject(new Error('no')) : n * 10,
      );
    const { definition } = gathering(range(7), { size: 3, scatter: true }, { run, onError: 'skip' });
    const pipeline = start({
      nodes: {
        s: definition.nodes.s,
        b: definition.nodes.b,
        even: (n: number) => (n % 2 === 0 ? n : null),
        j: { run: (row: object) => JSON.stringify(row), aggregateInputs: 'partial' },
      },
      graph: { s: ['b', 'even'], b: ['j'], even: ['j'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([
      '{"b":0,"even":0}',
      '{"b":20,"even":2}',
      '{"even":4}',
      '{"b":50}',
      '{"b":60,"even":6}',
    ]);
    expect((await pipeline.done).nodes.b).toMatchObject({ received: 7, processed: 4, skipped: 2, failed: 1 });
  });

  it('passes by the holes among its inputs, which keep their rows', async () => {
    const even = (n: number): unknown => (n % 2 === 0 ? n : null);
    const pipeline = start({
      nodes: { s: () => range(6), even, b: { run: tenfold, batch: { size: 2, scatter: true } }, j: pass },
      graph: { s: ['even', 'j'], even: ['b'], b: ['j'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([0, 2, 4].map((n) => ({ s: n, b: n * 10 })));
  });

  it('awaits an element that is a promise, which fails its own caller only', async () => {
    const run = (inputs: Inputs): unknown[] => inputs.map(async (n) => (n === 1 ? fail() : n * 10));
    const { pipeline } = fed(scatter, { run });

    const answers = await Promise.allSettled([0, 1, 2].map((n) => pipeline.call(n)));

    expect(answers).toMatchObject([
      { value: { sink: [0] } },
      { reason: { code: 'PROCESSOR', node: 'b', input: { payload: 1 } } },
      { value: { sink: [20] } },
    ]);
    await pipeline.stop();
  });

  const wrong: readonly (readonly [string, unknown])[] = [
    ['too few', () => [1, 2]],
    ['too many', async () => [1, 2, 3, 4]],
    ['no array', () => new Set([1, 2, 3])],
    ['what is only like an array', () => ({ ...[1, 2, 3], length: 3 })],
    ['nothing', () => null],
    ['undefined', () => undefined],
    ['an error', fail],
  ];
  it.for(wrong)('fails all its inputs when it returns %s', async ([, run]) => {
    const { pipeline } = fed(scatter, { run });

    const answers = await Promise.allSettled([0, 1, 2].map((n) => pipeline.call(n)));

    expect(answers).toMatchObject(
      [0, 1, 2].map((payload) => ({ reason: { code: 'PROCESSOR', node: 'b', input: { payload } } })),
    );
    expect((await pipeline.stop()).nodes.b).toMatchObject({ received: 3, failed: 3, inFlight: 0 });
  });

  it('fails the caller of an element that cannot even be read, and no other', async () => {
    const run = (inputs: Inputs): unknown[] => Object.defineProperty([...inputs], 1, { get: fail });
    const { pipeline } = fed(scatter, { run });

    const answers = Promise.allSettled([0, 1, 2].map((n) => pipeline.call(n)));

    expect(await stateOf(answers)).toBe('resolved');
    expect(await answers).toMatchObject([
      { value: { sink: [0] } },
      { reason: { code: 'PROCESSOR', node: 'b', input: { payload: 1 } } },
      { value: { sink: [2] } },
    ]);
    await pipeline.stop();
  });

  it('that returned too few looks after promises among them, which nobody waits for', async () => {
    const unhandled = await unhandledDuring(async () => {
      const { pipeline } = fed(scatter, { run: () => [Promise.reject(new Error('no'))], onError: 'skip' });
      await Promise.all([0, 1, 2].map((n) => pipeline.call(n)));
      await pipeline.stop();
    });

    expect(unhandled).toEqual([]);
  });

  it('asks nothing for a caller who is gone, and nothing at all when all of them are', async () => {
    const { clock, given, pipeline } = fed({ size: 10, within: 10, scatter: true }, { run: tenfold });
    const controllers = range(5).map(() => new AbortController());
    const calls = controllers.map(({ signal }, n) => pipeline.call(n, { signal }));
    const settled = Promise.allSettled(calls);
    await turns(2);
    controllers[0]?.abort();
    controllers[3]?.abort();
    await clock.advance(10);

    expect((await settled).map(({ status }) => status)).toEqual([
      ...['rejected', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    ]);
    const late = new AbortController();
    const gone = rejectionOf(pipeline.call(9, { signal: late.signal }));
    await turns(2);
    late.abort();
    await clock.advance(10);
    await gone;
    expect(given).toEqual([[1, 2, 4]]);
    expect((await pipeline.stop()).nodes.b).toMatchObject({
      received: 6,
      processed: 3,
      discarded: 3,
      inFlight: 0,
    });
  });

  it('aborts its signal when all its callers are gone, and never for a value that was pushed', async () => {
    const signals: AbortSignal[] = [];
    const run = async (inputs: Inputs, { signal }: { signal: AbortSignal }): Promise<Inputs> => {
      signals.push(signal);
      await new Promise((resolve) => setImmediate(resolve));
      return inputs;
    };
    const { pipeline } = fed({ ...scatter, size: 2 }, { run, concurrency: 2 });
    const gone = new AbortController();
    const call = (): Promise<unknown> => pipeline.call(1, { signal: gone.signal }).catch(() => {});
    const calls = [call(), call(), call()];
    void pipeline.push(2);
    while (signals.length < 2) await turns(1);
    gone.abort();

    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
    await Promise.all(calls);
    await pipeline.stop();
  });

  it('makes each output of its own input alone', async () => {
    const { definition } = gathering([1, 2], { size: 2, scatter: true }, { run: tenfold });
    const pipeline = start(definition);
    const sent: Record<string, Message[]> = { s: [], b: [] };
    pipeline.on('message', ({ node, message }) => sent[node]?.push(message));
    await pipeline.done;

    expect(sent.b?.map(({ parents, roots }) => [parents, roots])).toEqual(
      sent.s?.map(({ id }) => [[id], [id]]),
    );
  });
});

describe('a batch and the options of its call', () => {
  const scatter = { size: 2, within: 10, scatter: true } as const;

  it('is tried again as a whole', async () => {
    let attempts = 0;
    const run = (inputs: Inputs): number[] => (attempts++ === 0 ? fail() : tenfold(inputs));
    const { clock, given, pipeline } = fed(scatter, { run, retry: { attempts: 2, delay: 5 } });

    const answers = Promise.all([1, 2].map((n) => pipeline.call(n)));
    await turns(3);
    await clock.advance(5);

    expect(await answers).toEqual([{ sink: [10] }, { sink: [20] }]);
    expect(given).toEqual([
      [1, 2],
      [1, 2],
    ]);
    await pipeline.stop();
  });

  it('fails each of its inputs when its time is up, and tells its signal', async () => {
    const signals: AbortSignal[] = [];
    const run = (_: unknown, { signal }: { signal: AbortSignal }): Promise<never> =>
      new Promise((_resolve, reject) => {
        signals.push(signal);
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    const { clock, pipeline } = fed(scatter, { run, timeout: 100 });
    const answers = Promise.allSettled([1, 2].map((n) => pipeline.call(n)));
    await turns(3);
    await clock.advance(100);

    expect(await answers).toMatchObject([1, 2].map(() => ({ reason: { cause: { code: 'TIMEOUT' } } })));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await pipeline.stop();
  });

  it('is not over before its elements are: their time is up with it', async () => {
    const signals: AbortSignal[] = [];
    const run = (inputs: Inputs, { signal }: { signal: AbortSignal }): unknown[] => {
      signals.push(signal);
      return inputs.map((n) => (n === 1 ? n : new Promise(() => {})));
    };
    const { clock, pipeline } = fed(scatter, { run, timeout: 100 });
    const answers = Promise.allSettled([1, 2].map((n) => pipeline.call(n)));
    await turns(3);
    await clock.advance(99);
    const before = await stateOf(answers);
    await clock.advance(1);

    expect([before, await stateOf(answers)]).toEqual(['pending', 'resolved']);
    expect(await answers).toMatchObject([1, 2].map(() => ({ reason: { cause: { code: 'TIMEOUT' } } })));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    pipeline.abort();
  });

  it('tells its elements, too, that all callers are gone', async () => {
    const signals: AbortSignal[] = [];
    const run = (inputs: Inputs, { signal }: { signal: AbortSignal }): unknown[] => {
      signals.push(signal);
      return inputs.map(
        () =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      );
    };
    const { clock, pipeline } = fed(scatter, { run, timeout: 100 });
    const gone = new AbortController();
    const answers = Promise.allSettled([1, 2].map((n) => pipeline.call(n, { signal: gone.signal })));
    await turns(3);
    gone.abort();
    await answers;

    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    await turns(3);
    expect(clock.pending).toBe(0);
    await pipeline.stop();
  });

  it('is tried again when its elements took too long', async () => {
    let attempts = 0;
    const run = (inputs: Inputs): unknown[] =>
      attempts++ === 0 ? inputs.map(() => new Promise(() => {})) : tenfold(inputs);
    const { clock, pipeline } = fed(scatter, { run, timeout: 100, retry: { attempts: 2, delay: 5 } });
    const answers = Promise.all([1, 2].map((n) => pipeline.call(n)));
    await turns(3);
    await clock.advance(105);

    expect([attempts, await stateOf(answers)]).toEqual([2, 'resolved']);
    expect(await answers).toEqual([{ sink: [10] }, { sink: [20] }]);
    pipeline.abort();
  });

  it.for([
    ['concurrency', { concurrency: 1 }],
    ['pool', { concurrency: 2, pool: 'one' }],
  ] as const)('takes its place of %s until its last element has settled', async ([, options]) => {
    const { opened, open } = gate();
    const given: Inputs[] = [];
    const run = (inputs: Inputs): unknown[] => {
      given.push(inputs);
      return inputs.map((n) => (n === 2 ? opened.then(() => n) : n));
    };
    const plumber = new Plumber(
      {
        nodes: { n: inlet(), b: { run, batch: scatter, ...options } },
        graph: { n: ['b'] },
      } as Definition,
      { pools: { one: { concurrency: 1 } } },
    );
    const pipeline = plumber.createPipeline();
    const answers = Promise.all([1, 2, 3, 4].map((n) => pipeline.call(n)));
    await turns(5);
    await atRest();
    const before = [...given];
    open();

    expect(await answers).toEqual([1, 2, 3, 4].map((n) => ({ b: [n] })));
    expect([before, given]).toEqual([
      [[1, 2]],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    await pipeline.stop();
  });

  it('is not tried again for an element that fails, which fails its own caller only', async () => {
    let attempts = 0;
    const run = (inputs: Inputs): unknown[] => {
      attempts++;
      return inputs.map(async (n) => (n === 1 ? fail() : n * 10));
    };
    const options = { run, timeout: 100, retry: { attempts: 3, delay: 5 } };
    const { clock, pipeline } = fed(scatter, options);

    expect(await Promise.allSettled([1, 2].map((n) => pipeline.call(n)))).toMatchObject([
      { reason: { code: 'PROCESSOR', input: { payload: 1 } } },
      { value: { sink: [20] } },
    ]);
    expect([attempts, clock.pending]).toEqual([1, 0]);
    await pipeline.stop();
  });

  it('is tried again when it returned too few', async () => {
    let attempts = 0;
    const run = (inputs: Inputs): number[] => tenfold(attempts++ === 0 ? inputs.slice(1) : inputs);
    const { clock, pipeline } = fed(scatter, { run, retry: { attempts: 2, delay: 5 } });
    const answers = Promise.all([1, 2].map((n) => pipeline.call(n)));
    answers.catch(() => {});
    await turns(3);
    await clock.advance(5);

    expect(await answers).toEqual([{ sink: [10] }, { sink: [20] }]);
    await pipeline.stop();
  });

  it('asks onError about each of its inputs', async () => {
    const { pipeline } = fed(scatter, {
      run: fail,
      onError: (_error, { payload }) => (payload === 1 ? 'skip' : 'fail'),
    });

    expect(await Promise.allSettled([1, 2].map((n) => pipeline.call(n)))).toMatchObject([
      { value: { sink: [] } },
      { reason: { input: { payload: 2 } } },
    ]);
    await pipeline.stop();
  });

  it('sends its answers in the order of the inputs, or as batches complete', async () => {
    const [first, second] = [gate(), gate()];
    const run = (inputs: Inputs): Promise<number[]> =>
      (inputs.includes(0) ? first : second).opened.then(() => tenfold(inputs));
    const outputsOf = async (order: 'input' | 'completion', size: number): Promise<unknown[]> => {
      const { definition } = gathering(range(4), { size, scatter: true }, { run, order, concurrency: 2 });
      const outputs = collect(start(definition));
      await turns(5);
      second.open();
      await turns(5);
      first.open();
      return outputs;
    };

    const completed = await outputsOf('completion', 2);

    expect(completed).toEqual([20, 30, 0, 10]);
    expect(await outputsOf('input', 2)).toEqual([0, 10, 20, 30]);
  });
});

describe('the end of a pipeline', () => {
  it('lets go of what waits for its batch when it is aborted, and leaves no timer', async () => {
    const { clock, given, pipeline } = fed({ size: 10, within: 50, scatter: true }, { run: tenfold });
    const call = rejectionOf(pipeline.call(1));
    await turns(2);
    const { done } = pipeline;
    pipeline.abort();
    await rejectionOf(done);

    expect(await call).toMatchObject({ code: 'ABORTED' });
    expect([clock.pending, given]).toEqual([0, []]);
    expect(pipeline.metrics()).toMatchObject({
      left: 1,
      nodes: { b: { received: 1, discarded: 1, inFlight: 0 } },
    });
  });

  it('does not come before a batch has been worked on', async () => {
    const { opened, open } = gate();
    const { definition } = gathering([1], { size: 2 }, { run: () => opened });
    const { done } = start(definition);

    expect(await stateOf(done)).toBe('pending');
    open();
    expect((await done).nodes.b).toMatchObject({ received: 1, inFlight: 0 });
  });
});
