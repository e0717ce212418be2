import { type Definition, inlet, type LeftMessage, Pool, type Summary } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { pass, start } from './pipelines.ts';

const deaf = (): Promise<never> => new Promise(() => {});
const linear = (node: unknown): Definition =>
  ({ nodes: { a: inlet(), node }, graph: { a: ['node'] } }) as Definition;

/** Aborts a pipeline that was stopped with a report; its functions need not return. */
async function leftOf(pipeline: ReturnType<typeof start>): Promise<readonly LeftMessage[]> {
  const stopped = pipeline.stop({ report: true });
  pipeline.abort('enough');
  const { left, leftMessages } = await stopped;
  expect(leftMessages).toHaveLength(left);
  return leftMessages ?? [];
}

const shortly = ({ state, node, from, payload }: LeftMessage): string =>
  `${payload} ${state} ${from === undefined ? 'at' : `${from} ->`} ${node}`;

describe('the report of a stop', () => {
  it('tells what was handed in and makes a row, queued, blocked and running when its time was up', async () => {
    const clock = virtualClock();
    const pipeline = start(linear({ run: deaf, queueSize: 1 }), { clock, grace: 0 });
    const values = [1, 2, 3, 4, null, 5, undefined];
    const pushes = Promise.allSettled(values.map((value) => pipeline.push(value)));
    await turns(5);

    const stopped = pipeline.stop({ within: 1000, report: true });
    await clock.advance(1000);
    await clock.advance(0);
    const { left, leftMessages = [] } = await stopped;

    expect(left).toBe(5);
    expect(leftMessages.map(shortly)).toEqual([
      ...['4 offered at a', '5 offered at a'],
      ...['2 queued a -> node', '3 blocked a -> node', '1 running at node'],
    ]);
    await pushes;
  });

  it('has the message with its id and roots, its age, and whether somebody calls', async () => {
    const clock = virtualClock();
    await clock.advance(1000);
    const pipeline = start(linear(deaf), { clock, grace: 0, ids: (n) => `id ${n}` });
    const call = rejectionOf(pipeline.call('called'));
    await pipeline.push('pushed');
    await clock.advance(30);

    const left = leftOf(pipeline);
    await clock.advance(0);

    const common = { parents: [], node: 'a' };
    expect((await left).toSorted((a, b) => Number(b.isAwaited) - Number(a.isAwaited))).toMatchObject([
      { age: 30, isAwaited: true, payload: 'called', message: { ...common, payload: 'called' } },
      { age: 30, isAwaited: false, payload: 'pushed', message: { ...common, payload: 'pushed' } },
    ]);
    const [first] = await left;
    expect(first?.message?.roots).toEqual([first?.message?.id]);
    expect(JSON.parse(JSON.stringify(await left))).toStrictEqual(await left);
    await call;
  });

  it('does not say of a call that was aborted that somebody waits', async () => {
    const pipeline = start(linear(deaf), { grace: 0 });
    const controller = new AbortController();
    const call = rejectionOf(pipeline.call(1, { signal: controller.signal }));
    await turns(5);
    controller.abort();
    await call;

    expect(await leftOf(pipeline)).toMatchObject([{ state: 'running', isAwaited: false }]);
  });

  it('tells apart what runs, waits for its key, and has returned and waits for its turn', async () => {
    const run = (text: string): unknown => (text.startsWith('slow') ? deaf() : text);
    const pipeline = start(linear({ run, concurrency: 3, keyBy: (text: string) => text.at(-1) }), {
      grace: 0,
    });
    for (const text of ['slow a', 'then a', 'quick b']) await pipeline.push(text);
    await turns(5);

    expect((await leftOf(pipeline)).map(shortly)).toEqual([
      'slow a running at node',
      'then a held at node',
      'quick b answered at node',
    ]);
  });

  it('tells of a dead letter that waits for its turn, also where nobody takes values any more', async () => {
    const answers = [deaf, () => Promise.reject(new Error('no')), () => 'answer'];
    const run = (n: number): unknown => answers[n - 1]?.();
    const pipeline = start(
      {
        nodes: {
          a: inlet(),
          taken: { run, concurrency: 3, onError: 'dead-letter' },
          cut: { run, concurrency: 3, onError: 'dead-letter' },
          short: inlet(),
          join: pass,
        },
        graph: { a: ['taken', 'cut'], cut: ['join'], short: ['join'] },
      },
      { grace: 0 },
    );
    for (const n of [1, 2, 3]) await pipeline.inlet('a').push(n);
    pipeline.inlet('short').close();
    await turns(5);

    expect((await leftOf(pipeline)).map(shortly)).toEqual([
      ...['1 running at taken', '2 answered at taken', '3 answered at taken'],
      ...['1 running at cut', '2 answered at cut'],
    ]);
  });

  it('tells of calls that wait for a slot of their pool, or for their next attempt', async () => {
    const clock = virtualClock();
    const pool = new Pool({ concurrency: 1 });
    const definition: Definition = {
      nodes: {
        a: inlet(),
        pooled: { run: deaf, pool: 'one', concurrency: 2 },
        tried: { run: () => Promise.reject(new Error('no')), retry: { attempts: 2, delay: 1000 } },
      },
      graph: { a: ['pooled', 'tried'] },
    };
    const pipeline = start(definition, { clock, pools: { one: pool }, grace: 0 });
    await pipeline.push(1);
    await pipeline.push(2);
    await turns(5);

    const left = leftOf(pipeline);
    await clock.advance(0);

    expect((await left).map(shortly)).toEqual([
      ...['1 running at pooled', '2 pooled at pooled'],
      ...['2 queued a -> tried', '1 retrying at tried'],
    ]);
  });

  it('says of a call that has got its slot, or its next attempt, that it runs', async () => {
    const clock = virtualClock();
    let tries = 0;
    const { opened, open } = gate();
    const definition: Definition = {
      nodes: {
        a: inlet(),
        pooled: { run: (n: number) => (n === 1 ? opened : deaf()), pool: 'one', concurrency: 2 },
        tried: {
          run: () => (tries++ === 0 ? Promise.reject(new Error('no')) : deaf()),
          retry: { attempts: 2, delay: 1000 },
        },
      },
      graph: { a: ['pooled', 'tried'] },
    };
    const pipeline = start(definition, { clock, pools: { one: { concurrency: 1 } }, grace: 0 });
    await pipeline.push(1);
    await pipeline.push(2);
    await turns(5);
    open();
    await clock.advance(1000);
    await turns(5);

    const left = leftOf(pipeline);
    await clock.advance(0);

    expect((await left).map(shortly)).toEqual([
      ...['2 running at pooled'],
      ...['2 queued a -> tried', '1 running at tried'],
    ]);
  });

  it.for([true, false])(
    'tells of each input of a batch, and of those that wait for theirs: scatter %s',
    async (scatter) => {
      const node = { run: deaf, batch: { size: 2, within: 1000, scatter } };
      const pipeline = start(linear(node), { clock: virtualClock(), grace: Number.POSITIVE_INFINITY });
      for (const n of [1, 2, 3]) await pipeline.push(n);
      await turns(5);

      const stopped = pipeline.stop({ report: true });
      pipeline.abort('enough');

      const { left, leftMessages } = pipeline.metrics();
      expect(left).toBe(3);
      expect(leftMessages?.map(shortly)).toEqual([
        '1 running at node',
        '2 running at node',
        '3 held at node',
      ]);
      void stopped;
    },
  );

  it('tells of an iterable that has more to give, by the input it was made from', async () => {
    const many = function* (n: number): Generator<number> {
      for (;;) yield n;
    };
    const pipeline = start(
      {
        nodes: { a: inlet(), many, sink: { run: deaf, queueSize: 1 } },
        graph: { a: ['many'], many: ['sink'] },
      },
      { grace: 0 },
    );
    await pipeline.push(7);
    await turns(5);

    expect((await leftOf(pipeline)).map(shortly)).toEqual([
      '7 running at many',
      ...['7 queued many -> sink', '7 blocked many -> sink', '7 running at sink'],
    ]);
  });

  it('tells nothing of an iterable that is at its end, though it waits for its turn to leave', async () => {
    const run = (n: number): unknown => (n === 1 ? deaf() : []);
    const pipeline = start(linear({ run, many: true, concurrency: 2 }), { grace: 0 });
    for (const n of [1, 2]) await pipeline.push(n);
    await turns(5);

    expect((await leftOf(pipeline)).map(shortly)).toEqual(['1 running at node']);
    expect(pipeline.metrics().nodes.node).toMatchObject({ received: 2, processed: 1 });
  });

  it('tells what a source emits, and what a reader has not read', async () => {
    const source = async ({ emit }: { emit(n: number): Promise<void> }): Promise<void> => {
      await Promise.all([1, 2, 3].map((n) => emit(n)));
    };
    const pipeline = start({
      nodes: { source, sink: { run: pass, queueSize: 1 } },
      graph: { source: [{ to: 'sink', queueSize: 1 }] },
    });
    const reader = pipeline.outputs('sink');
    await turns(5);

    expect((await leftOf(pipeline)).map(shortly)).toEqual([
      ...['3 queued source -> sink', '1 queued sink -> reader of sink', '2 blocked sink -> reader of sink'],
    ]);
    await rejectionOf(reader.next());
  });

  it('tells what was handed in to a pipeline that had not begun, but for what is skipped', async () => {
    const pipeline = start(linear(pass));
    const pushes = Promise.allSettled([1, null, 2].map((value) => pipeline.push(value)));

    // Whether the time slice lasts until it is sent is up to the machine.
    const whereItIs = /^(\d) (queued a -> node|offered at a)$/;
    const left = (await leftOf(pipeline)).map((each) => whereItIs.exec(shortly(each))?.[1]);
    expect(left.toSorted()).toEqual(['1', '2']);
    await pushes;
  });

  it('tells what was being validated when it was handed in', async () => {
    const validate = (): Promise<never> => deaf();
    const input = { '~standard': { version: 1, vendor: 'spec', validate } } as const;
    const pipeline = start({
      nodes: { a: inlet({ input }), node: pass },
      graph: { a: ['node'] },
    } as Definition);
    const push = rejectionOf(pipeline.push(1));
    await turns(5);

    expect((await leftOf(pipeline)).map(shortly)).toEqual(['1 offered at a']);
    await push;
  });

  it('does not tell of a message whose answer a function that aborts the pipeline was just given', async () => {
    let stopped: Promise<Summary> | undefined;
    const last = (): void => {
      stopped = pipeline.stop({ report: true });
      pipeline.abort('enough');
    };
    const pipeline = start({
      nodes: { a: inlet(), first: async (n: number) => n, last },
      graph: { a: ['first'], first: ['last'] },
    } as Definition);
    await pipeline.push(1);
    await turns(5);

    expect(await stopped).toMatchObject({ left: 0, leftMessages: [] });
  });

  it('is there when a failure cuts the stop short', async () => {
    const { opened, open } = gate();
    const run = (n: number): unknown => opened.then(() => Promise.reject(new Error(`${n}`)));
    const pipeline = start(linear(run));
    pipeline.on('error', () => {});
    await pipeline.push(1);
    await pipeline.push(2);
    await turns(5);

    const stopped = pipeline.stop({ report: true });
    open();

    expect((await stopped).leftMessages?.map(shortly)).toEqual(['2 queued a -> node']);
    expect(pipeline.metrics().leftMessages).toHaveLength(1);
  });

  it('is empty after an orderly end', async () => {
    const pipeline = start(linear(pass));
    await pipeline.push(1);

    expect(await pipeline.stop({ within: 1000, report: true })).toMatchObject({ left: 0, leftMessages: [] });
  });

  describe('is not there, and holds nothing,', () => {
    const cut = async (): Promise<{ stop(report?: boolean): Promise<Summary> }> => {
      const pipeline = start(linear(deaf), { grace: 0 });
      await pipeline.push(1);
      await turns(5);
      pipeline.abort('enough');
      return { stop: (report) => pipeline.stop(report === undefined ? {} : { report }) };
    };

    it.for([undefined, false])('where it is not asked for: report %s', async (report) => {
      const pipeline = await cut();

      const summary = await pipeline.stop(report);

      expect(summary.left).toBe(1);
      expect(summary).not.toHaveProperty('leftMessages');
    });

    it('where it is asked for when the pipeline was aborted already', async () => {
      const pipeline = await cut();

      const summary = await pipeline.stop(true);

      expect(summary.left).toBe(1);
      expect(summary).not.toHaveProperty('leftMessages');
    });
  });

  it('is not there where it is asked for when all is over', async () => {
    const pipeline = start(linear(pass));
    await pipeline.stop();

    await pipeline.stop({ report: true });

    expect(pipeline.metrics()).not.toHaveProperty('leftMessages');
  });

  it.for([1, 'yes', null])('is refused for %j', async (report) => {
    const pipeline = start(linear(pass));

    expect(() => pipeline.stop({ report: report as never })).toThrow(
      expect.objectContaining({
        problems: [
          { code: 'bad-option', path: 'stop.report', message: expect.stringContaining('true or false') },
        ],
      }),
    );
    await pipeline.stop();
  });
});
