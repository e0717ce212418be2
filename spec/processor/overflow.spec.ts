import { inlet, type Overflow } from 'sluice';
import { describe, expect, it } from 'vitest';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

const upTo = (last: number) =>
  function* (): Generator<number> {
    for (let n = 1; n <= last; n++) yield n;
  };

/** Nine items rush at a node that is held at its first, with room for two. */
function rush(overflow: Overflow) {
  const { opened, open } = gate();
  const slow = { run: (n: number) => opened.then(() => n), queueSize: 2, overflow };
  const pipeline = start({ nodes: { s: upTo(9), slow }, graph: { s: ['slow'] } });
  const drops: unknown[] = [];
  pipeline.on('drop', ({ from, to, message }) => drops.push([from, to, message.payload]));
  return { pipeline, drops, open, outputs: collect(pipeline.outputs('slow')) };
}

describe('a queue that is full', () => {
  it.each([
    ['drop-oldest', [1, 8, 9], [2, 3, 4, 5, 6, 7]],
    ['drop-newest', [1, 2, 3], [4, 5, 6, 7, 8, 9]],
  ] as const)('under %s keeps its bound, and tells of each it drops', async (overflow, kept, lost) => {
    const { pipeline, drops, open, outputs } = rush(overflow);
    await turns(10);
    const { edges: during } = pipeline.metrics();
    open();
    const { edges, nodes } = await pipeline.done;

    expect(during).toMatchObject([{ accepted: 9, taken: 1, queued: 2, dropped: 6 }]);
    expect(edges).toMatchObject([{ accepted: 9, taken: 3, queued: 0, dropped: 6 }]);
    expect(nodes).toMatchObject({ s: { sent: 9 }, slow: { received: 3, processed: 3, dropped: 0 } });
    expect(await outputs).toEqual(kept);
    expect(drops).toEqual(lost.map((n) => ['s', 'slow', n]));
  });

  it('has its producer wait under block', async () => {
    const { pipeline, drops, open, outputs } = rush('block');
    await turns(10);
    open();
    await pipeline.done;

    expect(await outputs).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(drops).toEqual([]);
  });

  it('fails the pipeline under error, where what it drops belongs to no call', async () => {
    const { pipeline, drops, open, outputs } = rush('error');
    const errors: unknown[] = [];
    pipeline.on('error', ({ error, action }) => errors.push([error.code, action]));
    const read = rejectionOf(outputs);

    const error = await rejectionOf(pipeline.done);

    expect(error).toMatchObject({ code: 'OVERFLOW', node: 'slow', from: 's', input: { payload: 4 } });
    expect(await read).toBe(error);
    expect(drops).toEqual([['s', 'slow', 4]]);
    expect(errors).toEqual([['OVERFLOW', 'fail']]);
    expect(pipeline.metrics().edges).toMatchObject([{ dropped: 1 }]);
    open();
  });

  it('fails the calls under error, and settles them without outputs when it drops, and nobody else', async () => {
    const outcomes = { error: 'rejected', 'drop-newest': 'empty', 'drop-oldest': 'empty' } as const;
    for (const overflow of ['error', 'drop-newest', 'drop-oldest'] as const) {
      const { opened, open } = gate();
      const slow = (n: number) => opened.then(() => n);
      const pipeline = start({
        nodes: { n: inlet<number>(), slow },
        graph: { n: [{ to: 'slow', queueSize: 1, overflow }] },
      });
      const calls = [1, 2, 3, 4].map((n) =>
        pipeline.call(n).then(
          (outputs) => outputs.slow?.[0] ?? 'empty',
          ({ code }) => (code === 'OVERFLOW' ? 'rejected' : code),
        ),
      );
      await turns(10);
      const states = await Promise.all(calls.map(stateOf));
      open();

      const lost = outcomes[overflow];
      const expected = overflow === 'drop-oldest' ? [1, lost, lost, 4] : [1, 2, lost, lost];
      expect(await Promise.all(calls)).toEqual(expected);
      // Those that were dropped did not wait for the others.
      expect(states).toEqual(expected.map((one) => (one === lost ? 'resolved' : 'pending')));
      expect((await pipeline.stop()).edges).toMatchObject([{ dropped: 2, taken: 2 }]);
    }
  });

  it('fails the pipeline where no call is there to be told', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { n: inlet(), slow: () => opened },
      graph: { n: [{ to: 'slow', queueSize: 1, overflow: 'error' }] },
    });
    await pipeline.push(1);
    await pipeline.push(2);

    const done = rejectionOf(pipeline.done);
    await pipeline.push(3);

    expect(await done).toMatchObject({ code: 'OVERFLOW' });
    open();
  });

  it('lets an edge have its own way, whatever its node says', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { s: upTo(9), a: { run: () => opened, queueSize: 1, overflow: 'drop-newest' }, b: pass },
      graph: { s: [{ to: 'a', overflow: 'block' }, 'b'] },
    });
    await turns(10);
    open();

    expect((await pipeline.done).edges.map(({ dropped }) => dropped)).toEqual([0, 0]);
  });

  it.each(['drop-oldest', 'drop-newest'] as const)('leaves a hole for each under %s', async (overflow) => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        s: upTo(40),
        slow: { run: (n: number) => opened.then(() => n), queueSize: 2, overflow },
        quick: { run: pass, queueSize: 64 },
        join: { run: pass, queueSize: 64 },
      },
      graph: { s: ['slow', 'quick'], slow: ['join'], quick: ['join'] },
    });
    const outputs = collect(pipeline.outputs('join'));
    await turns(10);
    open();
    const { nodes } = await pipeline.done;

    const kept = overflow === 'drop-oldest' ? [1, 39, 40] : [1, 2, 3];
    expect(await outputs).toEqual(kept.map((n) => ({ slow: n, quick: n })));
    expect(nodes.join).toMatchObject({ received: 40, processed: 3, skipped: 37 });
  });

  it('hands each message of a merge on once, though its oldest is dropped for a newer one', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        ...{ a: upTo(9), b: () => [10, 20, 30] },
        merge: {
          run: (n: number) => opened.then(() => n),
          aggregateInputs: false,
          queueSize: 1,
          overflow: 'drop-oldest',
        },
      },
      graph: { a: ['merge'], b: ['merge'] },
    });
    const outputs = collect(pipeline.outputs('merge'));
    await turns(10);
    open();
    const { edges } = await pipeline.done;

    expect(await outputs).toEqual(expect.arrayContaining([9, 30]));
    expect(edges.map(({ accepted, taken, dropped }) => accepted - taken - dropped)).toEqual([0, 0]);
  });
});

describe('an inlet that sheds load', () => {
  /** A node that is held at its first, with room for one; one value stands at its door, and two may wait at the inlet. */
  function crowded(overflow: Overflow) {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        n: { inlet: true, queueSize: 2, overflow } as never,
        slow: { run: (n: number) => opened.then(() => n), queueSize: 1 },
      },
      graph: { n: ['slow'] },
    });
    const drops: unknown[] = [];
    pipeline.on('drop', ({ from, to, message }) => drops.push([from, to, message.payload]));
    return { pipeline, drops, open };
  }

  it('refuses at once under error what finds its waiting room full, and counts it', async () => {
    const { pipeline, drops, open } = crowded('error');
    const calls: Promise<unknown>[] = [];
    for (const n of [1, 2, 3, 4, 5, 6]) {
      calls.push(pipeline.call(n).then(({ slow }) => slow?.[0], pass));
      await turns(2);
    }
    const states = await Promise.all(calls.map(stateOf));
    const push = await rejectionOf(pipeline.push(7));
    open();

    expect(states).toEqual([...Array(5).fill('pending'), 'resolved']);
    const refused = { code: 'OVERFLOW', node: 'n', from: undefined };
    expect(await Promise.all(calls)).toMatchObject([1, 2, 3, 4, 5, refused]);
    expect(push).toMatchObject(refused);
    expect(drops).toEqual([6, 7].map((n) => [undefined, 'n', n]));
    expect((await pipeline.stop()).nodes.n).toMatchObject({ received: 5, dropped: 2 });
  });

  it.each([
    ['drop-oldest', [1, 2, 3, 'empty', 'empty', 6, 7]],
    ['drop-newest', [1, 2, 3, 4, 5, 'empty', 'empty']],
  ] as const)(
    'under %s keeps what its waiting room holds, and answers the others with nothing',
    async (overflow, expected) => {
      const { pipeline, drops, open } = crowded(overflow);
      const calls: Promise<unknown>[] = [];
      const call = async (n: number): Promise<void> => {
        calls.push(pipeline.call(n).then((outputs) => outputs.slow?.[0] ?? 'empty'));
        await turns(2);
      };
      // One is worked on, one is queued, one stands at the door, two wait, and two are too many.
      for (const n of [1, 2, 3, 4, 5, 6, 7]) await call(n);
      open();

      expect(await Promise.all(calls)).toEqual(expected);
      const lost = expected.flatMap((one, i) => (one === 'empty' ? [[undefined, 'n', i + 1]] : []));
      expect(drops).toEqual(lost);
      const { nodes, edges } = await pipeline.stop();
      expect(nodes.n).toMatchObject({ received: 5, processed: 5, dropped: 2, sent: 5 });
      expect(edges).toMatchObject([{ accepted: 5, taken: 5, dropped: 0 }]);
    },
  );

  it.each(['error', 'drop-oldest', 'drop-newest'] as const)(
    'under %s keeps no room for calls that were aborted, and counts them',
    async (overflow) => {
      const { pipeline, drops, open } = crowded(overflow);
      for (const n of [1, 2, 3]) {
        void pipeline.push(n);
        await turns(2);
      }
      const controller = new AbortController();
      const gone = [4, 5].map((n) => rejectionOf(pipeline.call(n, { signal: controller.signal })));
      await turns(2);
      controller.abort();
      await Promise.all(gone);

      const calls = [6, 7].map((n) => pipeline.call(n));
      const states = await Promise.all(calls.map(stateOf));
      open();

      expect(states).toEqual(['pending', 'pending']);
      expect(await Promise.all(calls)).toEqual([{ slow: [6] }, { slow: [7] }]);
      expect(drops).toEqual([]);
      const { nodes } = await pipeline.stop();
      expect(nodes.n).toMatchObject({ received: 7, processed: 5, discarded: 2, dropped: 0, sent: 5 });
    },
  );

  it.each(['error', 'drop-oldest', 'drop-newest'] as const)(
    'under %s gives the place of one call that was aborted to the next that comes, and no other',
    async (overflow) => {
      const { pipeline, drops, open } = crowded(overflow);
      for (const n of [1, 2, 3]) {
        void pipeline.push(n);
        await turns(2);
      }
      const controller = new AbortController();
      const stays = pipeline.call(4);
      const gone = rejectionOf(pipeline.call(5, { signal: controller.signal }));
      await turns(2);
      controller.abort();
      await gone;

      const next = pipeline.call(6);
      const dropped = [...drops];
      const tooMany = pipeline.call(7).catch((error) => error.code);
      open();

      expect(dropped).toEqual([]);
      expect(drops).toEqual([[undefined, 'n', overflow === 'drop-oldest' ? 4 : 7]]);
      expect(await Promise.all([stays, next, tooMany])).toEqual(
        {
          error: [{ slow: [4] }, { slow: [6] }, 'OVERFLOW'],
          'drop-oldest': [{ slow: [] }, { slow: [6] }, { slow: [7] }],
          'drop-newest': [{ slow: [4] }, { slow: [6] }, { slow: [] }],
        }[overflow],
      );
      expect((await pipeline.stop()).nodes.n).toMatchObject({ received: 6, discarded: 1, dropped: 1 });
    },
  );

  it('resolves the push of what it drops', async () => {
    const { pipeline, open } = crowded('drop-oldest');
    for (const n of [1, 2, 3]) {
      void pipeline.push(n);
      await turns(2);
    }
    const waiting = [4, 5].map((n) => pipeline.push(n));
    const before = await Promise.all(waiting.map(stateOf));

    void pipeline.push(6);

    expect(before).toEqual(['pending', 'pending']);
    expect(await Promise.all(waiting.map(stateOf))).toEqual(['resolved', 'pending']);
    open();
    await pipeline.stop();
  });

  it('lets what makes no row pass without a place', async () => {
    const { pipeline, drops, open } = crowded('error');
    const calls = [1, 2, 3, 4, 5].map(async (n) => {
      await turns(2 * n);
      return pipeline.call(n);
    });
    await turns(20);

    await pipeline.push(null as never);
    expect(await pipeline.call(undefined as never)).toEqual({ slow: [] });

    expect(drops).toEqual([]);
    open();
    await Promise.all(calls);
    await pipeline.stop();
  });

  it('leaves a hole for what it drops, so that the rows of two inlets stay in step', async () => {
    const { opened, open } = gate();
    const shedding = { inlet: true, queueSize: 1, overflow: 'drop-oldest' } as never;
    const pipeline = start({
      nodes: {
        ...{ a: shedding, b: inlet<number>() },
        slow: { run: (n: number) => opened.then(() => n), queueSize: 1 },
        join: { run: pass, queueSize: 64 },
      },
      graph: { a: ['slow'], slow: ['join'], b: ['join'] },
    });
    const outputs = collect(pipeline.outputs('join'));
    for (let n = 1; n <= 9; n++) {
      void pipeline.inlet('a').push(n);
      await turns(2);
      await pipeline.inlet('b').push(n);
    }
    open();
    pipeline.close();
    const { nodes } = await pipeline.done;

    expect(await outputs).toEqual([1, 2, 3, 9].map((n) => ({ slow: n, b: n })));
    expect(nodes.a).toMatchObject({ dropped: 5 });
    expect(nodes.join).toMatchObject({ received: 9, processed: 4, skipped: 5 });
  });

  it('refuses what comes after it was closed as too late, and paces what is pulled from inputs', async () => {
    const { pipeline, open } = crowded('error');
    pipeline.close();
    expect(await rejectionOf(pipeline.push(1))).toMatchObject({ code: 'STOPPED' });
    open();
    await pipeline.done;

    const fed = start(
      {
        nodes: { n: { inlet: true, queueSize: 1, overflow: 'error' } as never, t: pass },
        graph: { n: ['t'] },
      },
      { inputs: { n: upTo(100)() } },
    );
    expect(await collect(fed)).toHaveLength(100);
  });

  it('settles everything when it is aborted, with holes among what waits', async () => {
    const { pipeline, open } = crowded('drop-oldest');
    const calls = [1, 2, 3, 4, 5, 6, 7, 8].map(async (n) => {
      await turns(2 * n);
      return pipeline.call(n);
    });
    await turns(30);

    pipeline.abort();
    open();

    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
  });
});
