import { type Definition, inlet, type ProcessorError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { collect, pass, start } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

/** A pipeline of some inputs, a node with these options, and a sink that hands on what it gets. */
const through = (inputs: readonly unknown[], node: object) =>
  start({
    nodes: { s: () => inputs, node, sink: pass },
    graph: { s: ['node'], node: ['sink'] },
  } as Definition);

const fail = (): never => {
  throw new Error('no');
};
/** A promise of somebody else. */
const thenable = (then: unknown): object => Object.fromEntries([['then', then]]);
const failOnTwo = (n: number): number => (n === 2 ? fail() : n);

describe('a function of a node', () => {
  it.for([
    ['a value', (n: number) => n * 10],
    ['a promise', async (n: number) => n * 10],
    [
      'a promise of somebody else',
      (n: number) => thenable((resolve: (value: number) => void) => resolve(n * 10)),
    ],
  ] as const)('sends what it returns: %s', async ([, run]) => {
    expect(await collect(through([1, 2], { run }))).toEqual([10, 20]);
  });

  it.for([
    ['null', (): null => null],
    ['undefined', (): undefined => undefined],
    ['a promise of nothing', async () => {}],
  ] as const)('skips what it returns %s for', async ([, run]) => {
    const pipeline = through([1, 2], { run });

    expect(await collect(pipeline)).toEqual([]);
    expect((await pipeline.done).nodes.node).toMatchObject({
      received: 2,
      skipped: 2,
      processed: 0,
      sent: 0,
    });
  });

  it('may return any other value, falsy ones included', async () => {
    const values = [0, '', false, Number.NaN];

    expect(await collect(through(values, { run: pass }))).toEqual(values);
  });

  it('runs as often at once as it may, and no oftener', async () => {
    const gates = [1, 2, 3, 4, 5].map(() => gate());
    let running = 0;
    const run = async (place: number): Promise<void> => {
      running++;
      await gates[place]?.opened;
      running--;
    };
    const pipeline = through([0, 1, 2, 3, 4], { run, concurrency: 3 });
    await turns(10);
    const before = running;

    gates[0]?.open();
    await turns(10);

    expect([before, running]).toEqual([3, 3]);
    for (const { open } of gates) open();
    await pipeline.done;
  });

  it.for([
    ['input', ['c', 'b', 'a'], ['a', 'b', 'c']],
    ['completion', ['c', 'b', 'a'], ['c', 'b', 'a']],
    ['completion', ['a', 'c', 'b'], ['a', 'c', 'b']],
    ['completion', ['b', 'a', 'c'], ['b', 'a', 'c']],
  ] as const)(
    'has its results leave in the order of %s, settled in that of %j',
    async ([order, settled, expected]) => {
      const gates: Record<string, ReturnType<typeof gate>> = { a: gate(), b: gate(), c: gate() };
      const run = async (name: string): Promise<string> => {
        await gates[name]?.opened;
        return name;
      };
      const values = collect(through(['a', 'b', 'c'], { run, concurrency: 3, order }));

      for (const name of settled) {
        gates[name]?.open();
        await turns(3);
      }

      expect(await values).toEqual(expected);
    },
  );

  it('has its holes leave in that order, too, behind what came before them', async () => {
    const inputs = Array.from({ length: 30 }, (_, n) => n);
    const gates = inputs.map(() => gate());
    const slow = (n: number): unknown => gates[n]?.opened.then(() => n);
    const pipeline = start({
      nodes: {
        s: () => inputs,
        few: (n: number) => (n % 3 === 0 ? n : null),
        slow: { run: slow, concurrency: 4 },
        join: pass,
      },
      graph: { s: ['few', 'join'], few: ['slow'], slow: ['join'] },
    });
    const rows = collect(pipeline);
    for (const { open } of gates.toReversed()) {
      await turns(1);
      open();
    }

    expect(await rows).toEqual(inputs.filter((n) => n % 3 === 0).map((n) => ({ s: n, slow: n })));
  });
});

describe('a function of a sink', () => {
  const answers = [undefined, null, 'value'];

  it.for([
    ['returns', (n: number) => answers[n]],
    ['resolves to', async (n: number) => answers[n]],
  ] as const)(
    'has done its work when it %s undefined, and had none to do when it is null',
    async ([, run]) => {
      const pipeline = start({ nodes: { s: () => [0, 1, 2], sink: run }, graph: { s: ['sink'] } });

      expect(await collect(pipeline)).toEqual(['value']);
      expect((await pipeline.done).nodes.sink).toMatchObject({ processed: 2, skipped: 1, sent: 1 });
    },
  );
});

describe('a function that fails', () => {
  it.for([
    ['throws', failOnTwo],
    ['rejects', async (n: number) => failOnTwo(n)],
    ['gives a promise that throws', (n: number) => (n === 2 ? thenable(fail) : n)],
    [
      'gives what throws when it is looked at',
      (n: number) => (n === 2 ? Object.defineProperty({}, 'then', { get: fail }) : n),
    ],
  ] as const)('fails the pipeline when it %s, with the node and the message', async ([, run]) => {
    const error = await rejectionOf(through([1, 2, 3], { run }).done);

    expect(error).toMatchObject({ code: 'PROCESSOR', node: 'node', phase: 'run', cause: { message: 'no' } });
    expect((error as ProcessorError<{ payload: number }>).input?.payload).toBe(2);
  });

  it('is told in words that name the node and the reason', async () => {
    const error = await rejectionOf(through([1], { run: fail }).done);

    expect((error as Error).message).toBe('node node: run failed: no');
  });

  it("leaves a hole under onError: 'skip', so that rows behind it stay paired", async () => {
    const pipeline = start({
      nodes: { s: () => [1, 2, 3], node: { run: failOnTwo, onError: 'skip' }, join: pass },
      graph: { s: ['node', 'join'], node: ['join'] },
    });

    expect(await collect(pipeline)).toEqual([
      { s: 1, node: 1 },
      { s: 3, node: 3 },
    ]);
    expect((await pipeline.done).nodes.node).toMatchObject({ received: 3, processed: 2, failed: 1 });
  });

  it('fails the call it works for, and neither its neighbours nor the pipeline', async () => {
    const pipeline = start({
      nodes: { n: inlet(), node: { run: failOnTwo, concurrency: 2 } },
      graph: { n: ['node'] },
    });

    const [one, two, three] = [1, 2, 3].map((n) => pipeline.call(n));

    expect(await rejectionOf(two as Promise<unknown>)).toMatchObject({ code: 'PROCESSOR', node: 'node' });
    expect([await one, await three]).toEqual([{ node: [1] }, { node: [3] }]);
    await pipeline.stop();
    expect((await pipeline.done).nodes.node).toMatchObject({ failed: 1, processed: 2 });
  });

  it('fails all the calls whose inputs met in a row', async () => {
    const pipeline = start({
      nodes: { a: inlet(), b: inlet(), join: fail },
      graph: { a: ['join'], b: ['join'] },
    });

    const calls = [pipeline.inlet('a').call(1), pipeline.inlet('b').call(2)];

    const errors = await Promise.all(calls.map(rejectionOf));
    expect(errors[0]).toBe(errors[1]);
    expect(errors[0]).toMatchObject({ code: 'PROCESSOR', node: 'join' });
    await pipeline.stop();
  });

  it('is of no interest any more when the pipeline was aborted before', async () => {
    const { opened, open } = gate();
    const pipeline = through([1], { run: () => opened.then(fail) });
    const heard: unknown[] = [];
    pipeline.on('error', (event) => heard.push(event));
    await turns(5);

    pipeline.abort('enough');
    open();

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED' });
    expect(heard).toEqual([]);
  });
});

describe('what a function gives once nobody takes it any more', () => {
  const kinds: Record<string, (until: () => unknown) => (n: number) => unknown> = {
    'returns at once': (until) => (n) => {
      until();
      return n;
    },
    'resolves to': (until) => async (n) => {
      await until();
      return n;
    },
    'yields at once': (until) =>
      function* (n) {
        until();
        yield n;
      },
    'yields later': (until) =>
      async function* (n) {
        await until();
        yield n;
      },
  };
  /** One call of such a function, before a join with a second inlet, which ends as soon as that is closed. */
  const beforeJoin = (run: unknown) =>
    start({
      nodes: { n: inlet(), node: { run, concurrency: 2 }, short: inlet(), join: pass },
      graph: { n: ['node'], node: ['join'], short: ['join'] },
    } as Definition);
  const sentOf = (pipeline: ReturnType<typeof beforeJoin>) => {
    const { received, sent, inFlight } = pipeline.metrics().nodes.node ?? {};
    return { received, sent, inFlight };
  };

  it.for(Object.entries(kinds))(
    'is not sent when it aborts the pipeline itself: what it %s',
    async ([, kind]) => {
      const pipeline = beforeJoin(kind(() => pipeline.abort()));
      const told: unknown[] = [];
      pipeline.on('message', ({ node }) => told.push(node));
      void pipeline.inlet('n').push(1);

      expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });

      expect(sentOf(pipeline)).toMatchObject({ received: 1, sent: 0 });
      expect(told).toEqual(['n']);
    },
  );

  it('counts as processed all the same, where the function returns at once', async () => {
    const pipeline = beforeJoin((n: number) => {
      pipeline.abort();
      return n;
    });
    void pipeline.inlet('n').push(1);
    await rejectionOf(pipeline.done);

    const { nodes } = pipeline.metrics();
    expect(nodes.node).toMatchObject({ received: 1, processed: 1, sent: 0, inFlight: 0 });
  });

  it.for([
    ['resolves to', 'abort'],
    ['yields later', 'abort'],
    ['resolves to', 'close'],
    ['yields later', 'close'],
  ] as const)('is not sent: what it %s after %s', async ([kind, end]) => {
    const { opened, open } = gate();
    const pipeline = beforeJoin(kinds[kind]?.(() => opened));
    await pipeline.inlet('n').push(1);
    await turns(3);

    if (end === 'abort') pipeline.abort();
    else pipeline.inlet('short').close();
    await turns(3);
    open();
    await pipeline.done.catch(() => {});

    expect(sentOf(pipeline)).toMatchObject({ received: 1, sent: 0 });
  });
});

describe('a node whose successors are gone', () => {
  it('stops taking, has its sources return, and awaits what it has begun', async () => {
    const { opened, open } = gate();
    let hasReturned = false;
    const endless = function* (): Generator<number> {
      try {
        for (let n = 0; ; n++) yield n;
      } finally {
        hasReturned = true;
      }
    };
    const pipeline = start({
      nodes: { short: () => [1], endless, slow: { run: () => opened, concurrency: 2 }, join: pass },
      graph: { short: ['join'], endless: ['slow'], slow: ['join'] },
    });
    await turns(5);

    open();
    const summary = await pipeline.done;

    expect(hasReturned).toBe(true);
    expect(summary.nodes.slow).toMatchObject({ inFlight: 0 });
    const { accepted = 0, taken = 0, ...edge } = summary.edges.find(({ to }) => to === 'slow') ?? {};
    expect(edge).toMatchObject({ queued: 0, discarded: 0, unpaired: accepted - taken });
    expect(accepted).toBeGreaterThan(taken);
  });
});
