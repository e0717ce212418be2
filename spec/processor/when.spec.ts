import { AsyncLocalStorage } from 'node:async_hooks';
import { type Definition, inlet, type Message } from 'sluice';
import { describe, expect, it } from 'vitest';
import { collect, pass, start } from '../pipeline/pipelines.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';

const upTo = (last: number) =>
  function* (): Generator<number> {
    for (let n = 1; n <= last; n++) yield n;
  };
const isEven = (n: number): boolean => n % 2 === 0;
const isOdd = (n: number): boolean => n % 2 === 1;
const label = (name: string) => (n: number) => `${name} ${n}`;

const edge = (edges: readonly { from: string; to: string }[], path: string) =>
  edges.find(({ from, to }) => `${from} -> ${to}` === path);

describe('an edge with a condition', () => {
  it('takes the messages for which it holds, and counts the others', async () => {
    const pipeline = start({
      nodes: { s: upTo(5), even: pass, odd: pass },
      graph: {
        s: [
          { to: 'even', when: isEven },
          { to: 'odd', when: isOdd },
        ],
      },
    });
    const outputs = Promise.all(['even', 'odd'].map((sink) => collect(pipeline.outputs(sink))));

    const { nodes, edges } = await pipeline.done;

    expect(await outputs).toEqual([
      [2, 4],
      [1, 3, 5],
    ]);
    expect(nodes.s).toMatchObject({ received: 5, processed: 5, sent: 5 });
    expect(edge(edges, 's -> even')).toMatchObject({ accepted: 2, taken: 2, passedBy: 3 });
    expect(edge(edges, 's -> odd')).toMatchObject({ accepted: 3, taken: 3, passedBy: 2 });
  });

  it('asks once for each message, in the order of sending, with the value and the message', async () => {
    const asked: [number, string, unknown][] = [];
    const when = (n: number, message: Message<number>): boolean => {
      asked.push([n, message.node, message.payload]);
      return true;
    };
    const pipeline = start({
      nodes: { s: upTo(3), slowly: { run: (n: number) => Promise.resolve(n * 10), concurrency: 3 }, t: pass },
      graph: { s: ['slowly'], slowly: [{ to: 't', when }] },
    });

    await pipeline.done;

    expect(asked).toEqual([10, 20, 30].map((n) => [n, 'slowly', n]));
  });

  it('that fails when it has aborted the pipeline is no more than a failed message', async () => {
    const when = (): never => {
      pipeline.abort();
      return raise('no');
    };
    const pipeline = start({
      nodes: { n: inlet(), f: { run: pass, onError: 'dead-letter' }, t: pass },
      graph: { n: ['f'], f: [{ to: 't', when }] },
    });
    const told: unknown[] = [];
    pipeline.on('error', (event) => told.push(event));
    pipeline.on('deadLetter', (event) => told.push(event));

    const unhandled = await unhandledDuring(async () => {
      await pipeline.push(1);
      expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'ABORTED', stragglers: [] });
    });

    expect([unhandled, told]).toEqual([[], []]);
    expect(pipeline.metrics().nodes.f).toMatchObject({
      received: 1,
      failed: 1,
      deadLettered: 0,
      inFlight: 0,
    });
  });

  it('lets the event loop turn while it takes its time over what an inlet is handed', async () => {
    let hasTurned = false;
    const asked: boolean[] = [];
    const when = (): boolean => {
      asked.push(hasTurned);
      // Longer than a time slice.
      for (const end = performance.now() + 6; performance.now() < end; );
      return false;
    };
    const pipeline = start({ nodes: { n: inlet(), t: pass }, graph: { n: [{ to: 't', when }] } });
    await turns(2);

    setImmediate(() => {
      hasTurned = true;
    });
    await Promise.all([1, 2, 3, 4].map((n) => pipeline.push(n)));

    expect(asked[0]).toBe(false);
    expect(asked.at(-1)).toBe(true);
    await pipeline.stop();
  });

  it('that fails makes no row of an item of a node that gives many', async () => {
    const when = (n: number): boolean => (n === 2 ? raise('no') : true);
    const pipeline = start({
      nodes: {
        s: () => [1],
        many: { run: () => [1, 2], many: true, onError: 'skip' },
        a: pass,
        b: pass,
        join: pass,
      },
      graph: { s: ['many'], many: [{ to: 'a', when }, 'b'], a: ['join'], b: ['join'] },
    } as Definition);

    expect(await collect(pipeline)).toEqual([{ a: 1, b: 1 }]);
    expect((await pipeline.done).nodes.join).toMatchObject({ received: 1, skipped: 0 });
  });

  it.each([1, 2, 16])(
    "keeps the rows of if and else in step, joined as 'partial', with queues of %i",
    async (queueSize) => {
      const pipeline = start({
        nodes: {
          s: upTo(9),
          even: label('even'),
          odd: async (n: number) => `odd ${n}`,
          join: { run: (row: object) => Object.values(row).join(), aggregateInputs: 'partial' },
        },
        graph: {
          s: [
            { to: 'even', when: isEven },
            { to: 'odd', when: isOdd },
          ],
          even: ['join'],
          odd: ['join'],
        },
        defaults: { queueSize },
      });

      const outputs = collect(pipeline.outputs('join'));
      await pipeline.done;

      expect(await outputs).toEqual(
        Array.from({ length: 9 }, (_, i) => `${isEven(i + 1) ? 'even' : 'odd'} ${i + 1}`),
      );
    },
  );

  it('pairs what one branch let through with the same row of the other', async () => {
    const pipeline = start({
      nodes: { s: upTo(6), third: pass, all: pass, join: pass },
      graph: {
        s: [{ to: 'third', when: (n: number) => n % 3 === 0 }, 'all'],
        third: ['join'],
        all: ['join'],
      },
    });

    const outputs = collect(pipeline.outputs('join'));
    const { nodes } = await pipeline.done;

    expect(await outputs).toEqual([
      { third: 3, all: 3 },
      { third: 6, all: 6 },
    ]);
    expect(nodes.join).toMatchObject({ received: 6, processed: 2, skipped: 4 });
  });

  it('settles the call of a message that takes no edge', async () => {
    const pipeline = start({
      nodes: { n: inlet<number>(), even: pass },
      graph: { n: [{ to: 'even', when: isEven }] },
    });

    const outputs = await Promise.all([pipeline.call(1), pipeline.call(2), pipeline.call(3)]);

    expect(outputs).toEqual([{ even: [] }, { even: [2] }, { even: [] }]);
    expect((await pipeline.stop()).edges[0]).toMatchObject({ accepted: 1, passedBy: 2 });
  });

  it('is asked also where nobody takes any more, and every other edge goes by its own', async () => {
    const asked: number[] = [];
    const when = (n: number): boolean => asked.push(n) > 0;
    const pipeline = start({
      nodes: { n: inlet(), f: pass, short: inlet(), join: pass, even: pass },
      graph: {
        n: ['f'],
        f: [
          { to: 'join', when },
          { to: 'even', when: isEven },
        ],
        short: ['join'],
      },
    });
    const read = collect(pipeline.outputs('even'));
    pipeline.inlet('short').close();
    await turns(3);

    for (const n of [1, 2, 3]) await pipeline.inlet('n').push(n);
    await pipeline.stop();

    expect(asked).toEqual([1, 2, 3]);
    expect(await read).toEqual([2]);
  });

  it('is found in the registry', async () => {
    const definition: Definition = JSON.parse(
      '{ "nodes": { "n": { "inlet": true }, "even": "pass" }, "graph": { "n": [{ "to": "even", "when": "isEven" }] } }',
    );
    const pipeline = start(definition, { registry: { pass, isEven } });

    expect(await pipeline.call(2)).toEqual({ even: [2] });
    expect(await pipeline.call(3)).toEqual({ even: [] });
    await pipeline.stop();
  });
});

describe('a condition that throws', () => {
  const failing = (n: number): boolean => {
    if (n === 2) throw new Error('not two');
    return true;
  };
  /** `b` has a condition that throws for 2, after one that holds. */
  const graph = { a: ['t'], t: ['all', { to: 'b', when: failing }] };

  it('is a failure of the node that sends, and the message takes no edge at all', async () => {
    const pipeline = start({ nodes: { a: inlet<number>(), t: pass, all: pass, b: pass }, graph });

    const [one, two, three] = await Promise.allSettled([1, 2, 3].map((n) => pipeline.call(n)));

    expect(one).toMatchObject({ value: { all: [1], b: [1] } });
    expect(three).toMatchObject({ value: { all: [3], b: [3] } });
    expect(two).toMatchObject({
      reason: { code: 'PROCESSOR', node: 't', phase: 'send', input: { payload: 2, node: 'a' } },
    });
    const { nodes, edges } = await pipeline.stop();
    expect(nodes.t).toMatchObject({ received: 3, processed: 2, failed: 1, sent: 2 });
    expect(edge(edges, 't -> all')).toMatchObject({ accepted: 2, passedBy: 0 });
  });

  it('fails the pipeline where there is no call', async () => {
    const pipeline = start({ nodes: { a: upTo(3), t: pass, all: pass, b: pass }, graph });

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'PROCESSOR', node: 't', phase: 'send' });
  });

  it("leaves a hole under onError: 'skip', in every branch", async () => {
    const errors: string[] = [];
    const pipeline = start({
      nodes: { a: upTo(4), t: { run: pass, onError: 'skip' }, all: pass, b: pass, join: pass },
      graph: { ...graph, all: ['join'], b: ['join'] },
    });
    pipeline.on('error', ({ error }) => errors.push(error.node));

    const outputs = collect(pipeline.outputs('join'));
    const { nodes } = await pipeline.done;

    expect(await outputs).toEqual([1, 3, 4].map((n) => ({ all: n, b: n })));
    expect(nodes.t).toMatchObject({ received: 4, processed: 3, failed: 1 });
    expect(errors).toEqual(['t']);
  });

  it('ends the iterable of a node with many, as if it had thrown in place of this item', async () => {
    let returned = 0;
    const many = function* (n: number): Generator<number> {
      try {
        for (const item of [1, 2, 3]) yield item * n;
      } finally {
        returned++;
      }
    };
    const pipeline = start({
      nodes: { a: () => [1, 10], t: { run: many, onError: 'skip' }, all: pass, b: pass },
      graph,
    });

    const outputs = collect(pipeline.outputs('all'));
    const { nodes } = await pipeline.done;

    expect(await outputs).toEqual([1, 10, 20, 30]);
    expect(nodes.t).toMatchObject({ received: 2, processed: 1, failed: 1, inFlight: 0 });
    expect(returned).toBe(2);
  });

  it('does so for an asynchronous generator, under either order', async () => {
    for (const order of ['input', 'completion'] as const) {
      const pipeline = start({
        nodes: {
          a: () => [1, 10, 20],
          t: {
            async *run(n: number) {
              for (const item of [1, 2, 3]) yield item * n;
            },
            onError: 'skip',
            concurrency: 2,
            order,
          },
          all: pass,
          b: pass,
        },
        graph,
      });

      const outputs = collect(pipeline.outputs('all'));
      const { nodes } = await pipeline.done;

      expect((await outputs).toSorted((x, y) => Number(x) - Number(y))).toEqual([1, 10, 20, 20, 30, 40, 60]);
      expect(nodes.t).toMatchObject({ received: 3, processed: 2, failed: 1, inFlight: 0 });
    }
  });

  it('lets go of the key of the call that it ends', async () => {
    const pipeline = start({
      nodes: {
        a: () => [1, 10, 20],
        t: {
          *run(n: number) {
            for (const item of [1, 2, 3]) yield item * n;
          },
          onError: 'skip',
          concurrency: 2,
          keyBy: () => 'one',
        },
        ...{ all: pass, b: pass },
      },
      graph,
    });

    const outputs = collect(pipeline.outputs('all'));
    const { nodes } = await pipeline.done;

    expect(await outputs).toEqual([1, 10, 20, 30, 20, 40, 60]);
    expect(nodes.t).toMatchObject({ received: 3, processed: 2, failed: 1 });
  });

  it('runs in the async context of the caller whose message it decides on', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const when = (n: number): boolean => seen.push([n, storage.getStore()]) > 0;
    const pipeline = start({
      nodes: { a: inlet(), t: async (n: number) => n, b: pass },
      graph: { a: ['t'], t: [{ to: 'b', when }] },
    });

    await Promise.all([1, 2].map((n) => storage.run(`caller ${n}`, () => pipeline.call(n))));

    expect(seen).toEqual([
      [1, 'caller 1'],
      [2, 'caller 2'],
    ]);
    await pipeline.stop();
  });

  it('fails the pipeline when a source sends, and rejects what waits to be emitted or pushed', async () => {
    const sources = [
      upTo(3),
      async ({ emit }: { emit(n: number): Promise<void> }) => {
        for (const n of [1, 2, 3]) await emit(n);
      },
    ];
    for (const s of sources) {
      const pipeline = start({ nodes: { s, t: pass }, graph: { s: [{ to: 't', when: failing }] } });

      const error = await rejectionOf(pipeline.done);

      expect(error).toMatchObject({ code: 'PROCESSOR', node: 's', phase: 'send', input: { payload: 2 } });
      expect(pipeline.metrics().nodes.s).toMatchObject({ received: 2, processed: 1, failed: 1 });
    }
    const pipeline = start({ nodes: { a: inlet(), t: pass }, graph: { a: [{ to: 't', when: failing }] } });
    const pushed = await Promise.allSettled([pipeline.push(1), pipeline.push(2), pipeline.push(3)]);

    expect(pushed.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  it('rejects the call of an inlet whose own edge it is, and its neighbours go on', async () => {
    const pipeline = start({ nodes: { a: inlet(), t: pass }, graph: { a: [{ to: 't', when: failing }] } });

    const calls = await Promise.allSettled([1, 2, 3].map((n) => pipeline.call(n)));

    expect(calls).toMatchObject([
      { value: { t: [1] } },
      { reason: { code: 'PROCESSOR', node: 'a', phase: 'send' } },
      { value: { t: [3] } },
    ]);
    await pipeline.stop();
  });

  it('is as one that returns a promise, which is never true or false', async () => {
    const when = async (): Promise<boolean> => Promise.reject(new Error('nobody hears of it'));
    const pipeline = start({ nodes: { a: inlet(), t: pass }, graph: { a: [{ to: 't', when }] } });

    const error = await rejectionOf(pipeline.call(1));

    expect(error).toMatchObject({ code: 'PROCESSOR', phase: 'send', cause: expect.any(TypeError) });
    await pipeline.stop();
  });
});

function raise(text: string): never {
  throw new Error(text);
}
