import { inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { collect, pass, start, stateOf } from './pipelines.ts';

const single = { nodes: { a: inlet(), sink: pass }, graph: { a: ['sink'] } };
const double = { nodes: { a: inlet(), b: inlet(), sink: pass }, graph: { a: ['sink'], b: ['sink'] } };
const none = { nodes: { s: () => [1] }, graph: {} };

describe('pushing', () => {
  it('resolves when every queue behind the inlet has accepted the value, and not before', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { a: inlet(), slow: { run: () => opened, queueSize: 1 } },
      graph: { a: ['slow'] },
    });

    const pushes = [1, 2, 3, 4].map((value) => pipeline.push(value));
    const before = await Promise.all(pushes.map(stateOf));
    open();

    expect(before).toEqual(['resolved', 'resolved', 'pending', 'pending']);
    await Promise.all(pushes);
    await pipeline.stop();
  });

  it('is refused while it waits for room where nobody takes any more', async () => {
    const pipeline = start({
      nodes: { a: inlet(), short: inlet(), join: { run: pass, queueSize: 1 } },
      graph: { a: ['join'], short: ['join'] },
    });
    const [first, second, third] = [1, 2, 3].map((value) => pipeline.inlet('a').push(value));
    await first;
    const refusals = [second, third].map((push) => rejectionOf(push as Promise<void>));

    pipeline.inlet('short').close();

    expect(await Promise.all(refusals)).toMatchObject([{ code: 'STOPPED' }, { code: 'STOPPED' }]);
    expect((await pipeline.done).nodes.join).toMatchObject({ received: 0 });
  });

  it('skips null and undefined', async () => {
    const pipeline = start(single);
    const values = collect(pipeline.outputs('sink'));

    for (const value of [1, null, undefined, 2]) await pipeline.push(value);
    pipeline.close();

    expect(await values).toEqual([1, 2]);
  });

  it('is refused when the inlet is closed, and what was pushed before goes its way', async () => {
    const pipeline = start(single);
    const values = collect(pipeline.outputs('sink'));
    const early = pipeline.push(1);
    pipeline.close();

    const late = pipeline.push(2);

    expect(await rejectionOf(late)).toMatchObject({ code: 'STOPPED' });
    await early;
    expect(await values).toEqual([1]);
    expect(await stateOf(pipeline.done)).toBe('resolved');
  });

  it('is refused with the same words however often the inlet is closed', async () => {
    const pipeline = start(single);
    pipeline.close();
    pipeline.close();

    const [one, other] = await Promise.all([1, 2].map((value) => rejectionOf(pipeline.push(value))));

    expect(one).toMatchObject({ code: 'STOPPED', message: (other as Error).message });
    await pipeline.done;
  });

  it('is refused with the reason of an abort', async () => {
    const { opened } = gate();
    const pipeline = start(
      { nodes: { a: inlet(), slow: { run: () => opened, queueSize: 1 } }, graph: { a: ['slow'] } },
      { grace: 0 },
    );
    const pushes = [1, 2, 3].map((value) => pipeline.push(value));
    const waiting = rejectionOf(pushes[2] as Promise<void>);
    await turns(5);

    pipeline.abort('enough');

    expect(await waiting).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    expect(await rejectionOf(pipeline.push(4))).toMatchObject({ code: 'ABORTED', cause: 'enough' });
    await rejectionOf(pipeline.done);
  });

  it('is refused with the failure of the pipeline as its cause', async () => {
    const failure = new Error('no');
    const pipeline = start({
      nodes: { a: inlet(), fail: () => Promise.reject(failure) },
      graph: { a: ['fail'] },
    });
    await pipeline.push(1);
    await rejectionOf(pipeline.done);

    const error = await rejectionOf(pipeline.push(2));

    expect(error).toMatchObject({ code: 'STOPPED', cause: { code: 'PROCESSOR', cause: failure } });
  });

  it('is refused where the values come from inputs, or the pipeline has no inlet to push to', async () => {
    const fed = start(single, { inputs: { a: [1] } });

    expect(await rejectionOf(fed.push(2))).toMatchObject({ code: 'STOPPED' });
    await fed.done;
  });
});

describe('calling', () => {
  it('gives every sink a key, also when it had nothing to say', async () => {
    const pipeline = start({
      nodes: { a: inlet(), none: () => null, one: pass, two: { run: (x: unknown) => [x, x], many: true } },
      graph: { a: ['none', 'one', 'two'] },
    });

    expect(await pipeline.call(7)).toEqual({ none: [], one: [7], two: [7, 7] });
    await pipeline.stop();
  });

  it('resolves with empty outputs for null, which is skipped', async () => {
    const pipeline = start(single);

    expect(await pipeline.call(null)).toEqual({ sink: [] });
    await pipeline.stop();
  });

  it('gives its outputs to the caller alone', async () => {
    const pipeline = start(single);
    const values = collect(pipeline.outputs('sink'));

    await pipeline.call('mine');
    await pipeline.push('for all');
    await pipeline.stop();

    expect(await values).toEqual(['for all']);
  });

  it('is not even begun when its signal is aborted already', async () => {
    const pipeline = start(single);

    const error = await rejectionOf(pipeline.call(1, { signal: AbortSignal.abort('too late') }));

    expect(error).toMatchObject({ code: 'ABORTED', cause: 'too late' });
    expect((await pipeline.stop()).nodes.a).toMatchObject({ received: 0 });
  });

  it('lets go of its signal when it settles', async () => {
    const listeners: string[] = [];
    const signal = {
      aborted: false,
      addEventListener: (name: string) => listeners.push(name),
      removeEventListener: () => listeners.pop(),
    } as unknown as AbortSignal;
    const pipeline = start(single);

    const call = pipeline.call(1, { signal });
    const during = [...listeners];
    await call;

    expect([during, listeners]).toEqual([['abort'], []]);
    await pipeline.stop();
  });
});

describe('the inlets of a pipeline', () => {
  it('are used by name when there are several', async () => {
    const pipeline = start(double);

    const [one, other] = await Promise.all([pipeline.inlet('a').call(1), pipeline.inlet('b').call(2)]);

    expect(one).toEqual({ sink: [{ a: 1, b: 2 }] });
    expect(other).toEqual(one);
    await pipeline.stop();
  });

  it.for([
    ['push', 'several inlets', double],
    ['call', 'several inlets', double],
    ['push', 'no inlet', none],
    ['call', 'no inlet', none],
  ] as const)(
    'make %s of the pipeline itself an error that says what to do when there are %s',
    async ([method, , definition]) => {
      const pipeline = start(definition);

      const names = definition === double ? `inlet(name).${method}() with one of \`a\`, \`b\`` : 'no inlet';
      expect(() => pipeline[method](1)).toThrow(
        expect.objectContaining({
          code: 'GRAPH',
          problems: [{ code: 'unknown-inlet', path: method, message: expect.stringContaining(names) }],
        }),
      );
      pipeline.close();
      await pipeline.done;
    },
  );

  it('are known by their names alone', async () => {
    const pipeline = start(double);

    for (const name of ['aa', 'sink', '__proto__', 'constructor']) {
      expect(() => pipeline.inlet(name)).toThrow(
        expect.objectContaining({
          problems: [expect.objectContaining({ code: 'unknown-inlet', path: 'inlet' })],
        }),
      );
    }
    expect(() => pipeline.inlet('aa')).toThrow('`a`');
    await pipeline.stop();
  });

  it('may be closed one by one: the pipeline is done with the last row they share', async () => {
    const pipeline = start(double);
    const rows = collect(pipeline.outputs('sink'));
    await pipeline.inlet('a').push(1);
    await pipeline.inlet('b').push(2);
    pipeline.inlet('a').close();

    await pipeline.done;

    expect(await rows).toEqual([{ a: 1, b: 2 }]);
    expect(await rejectionOf(pipeline.inlet('b').push(3))).toMatchObject({ code: 'STOPPED' });
  });

  it('refuses a call or a stop with options that there are not', async () => {
    const pipeline = start(single);
    const misspelt = { sginal: AbortSignal.abort() } as object;

    expect(await rejectionOf(pipeline.call(1, misspelt))).toMatchObject({
      problems: [{ code: 'unknown-option', path: 'call.sginal' }],
    });
    expect(() => pipeline.stop({ withn: 5 } as object)).toThrow(
      expect.objectContaining({ problems: [expect.objectContaining({ path: 'stop.withn' })] }),
    );
    await pipeline.stop();
  });
});

describe('a failure of the pipeline', () => {
  /** A pipeline that fails on demand, with an inlet before a node that is held up: one runs, one is queued. */
  const failing = async () => {
    const { opened: broken, open } = gate();
    const { opened: released, open: release } = gate();
    const pipeline = start({
      nodes: {
        n: inlet(),
        held: { run: () => released, queueSize: 1 },
        async s() {
          await broken;
          throw new Error('broken');
        },
        merge: { run: pass, aggregateInputs: false },
      },
      graph: { n: ['held'], held: ['merge'], s: ['merge'] },
    });
    for (const value of [1, 2]) await pipeline.push(value);
    const fail = async (): Promise<void> => {
      open();
      await turns(2);
      release();
    };
    return { pipeline, fail };
  };
  /** Calls and goes away before the value is accepted. */
  const leave = async (pipeline: ReturnType<typeof start>): Promise<void> => {
    const controller = new AbortController();
    const called = rejectionOf(pipeline.call(0, { signal: controller.signal }));
    await turns(2);
    controller.abort();
    await called;
  };
  const told = { code: 'STOPPED', cause: { cause: { message: 'broken' } } };

  it.for(['stands at the door', 'waits behind one whose caller is gone'] as const)(
    'is told to a push that %s, and unhandled for nobody',
    async (where) => {
      const { pipeline, fail } = await failing();
      if (where !== 'stands at the door') await leave(pipeline);

      const unhandled = await unhandledDuring(async () => {
        const push = rejectionOf(pipeline.push(3));
        await turns(2);
        await fail();
        expect(await push).toMatchObject(told);
      });

      expect(unhandled).toEqual([]);
    },
  );

  it.for([0, 1, 2])('is an unhandled rejection where nobody waits: %i calls were given up', async (calls) => {
    const { pipeline, fail } = await failing();
    for (let i = 0; i < calls; i++) await leave(pipeline);

    const unhandled = await unhandledDuring(fail);

    expect(unhandled).toMatchObject([{ code: 'PROCESSOR', node: 's', cause: { message: 'broken' } }]);
  });
});
