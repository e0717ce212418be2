import { inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { collect, pass, start, stateOf } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { turns } from '../support/turns.ts';

const upTo = (last: number) =>
  function* (): Generator<number> {
    for (let n = 1; n <= last; n++) yield n;
  };

describe('a node with several successors', () => {
  it('sends everything to each of them', async () => {
    const pipeline = start({
      nodes: { s: upTo(3), a: pass, b: pass, c: pass },
      graph: { s: ['a', 'b', 'c'] },
    });

    const outputs = await Promise.all(['a', 'b', 'c'].map((sink) => collect(pipeline.outputs(sink))));

    expect(outputs).toEqual([
      [1, 2, 3],
      [1, 2, 3],
      [1, 2, 3],
    ]);
  });

  it('waits for the slowest, and no longer', async () => {
    const gates = [gate(), gate()];
    let last = 0;
    const slow = (place: number) => ({ run: () => gates[place]?.opened, queueSize: 1 });
    const s = function* (): Generator<number> {
      for (;;) yield ++last;
    };
    const pipeline = start({ nodes: { s, one: slow(0), other: slow(1) }, graph: { s: ['one', 'other'] } });
    await turns(10);
    const heldByBoth = last;

    gates[0]?.open();
    await turns(10);
    const heldByOne = last;
    gates[1]?.open();
    await turns(10);
    await pipeline.stop();

    expect([heldByBoth, heldByOne]).toEqual([3, 3]);
    expect(last).toBeGreaterThan(3);
  });

  it('has a call wait for what becomes of its input at every one of them', async () => {
    const gates = [gate(), gate()];
    const pipeline = start({
      nodes: {
        a: inlet(),
        one: () => gates[0]?.opened.then(() => 1),
        other: () => gates[1]?.opened.then(() => 2),
      },
      graph: { a: ['one', 'other'] },
    });
    const call = pipeline.call('x');

    gates[1]?.open();
    const early = await stateOf(call);
    gates[0]?.open();

    expect(early).toBe('pending');
    expect(await call).toEqual({ one: [1], other: [2] });
    await pipeline.stop();
  });

  it('goes on for the others when one of them takes no more, also if that one held it back', async () => {
    const pipeline = start({
      nodes: { s: upTo(100), short: upTo(2), join: { run: pass, queueSize: 1 }, all: pass },
      graph: { s: ['join', 'all'], short: ['join'] },
    });
    const all = collect(pipeline.outputs('all'));

    const { edges } = await pipeline.done;

    expect(await all).toHaveLength(100);
    expect(edges.find(({ from, to }) => from === 's' && to === 'join')).toMatchObject({ taken: 2 });
  });

  it('stops when none of them takes any more, whatever it still has', async () => {
    const pipeline = start({
      nodes: { s: upTo(1_000_000), a: pass, b: pass, short: upTo(2), join: pass },
      graph: { s: ['a', 'b'], a: ['join'], b: ['join'], short: ['join'] },
    });

    const { nodes } = await pipeline.done;

    expect(nodes.join).toMatchObject({ received: 2 });
    expect(nodes.s?.sent).toBeLessThan(200);
  });
});

describe('what several successors get', () => {
  interface Value {
    n: number;
    readonly list: number[];
  }
  const make = (): Value[] => [{ n: 1, list: [1] }];
  /** Changes what it is given, or says that it could not. */
  const change = (value: Value): unknown => {
    try {
      value.n++;
      value.list.push(value.n);
      return value;
    } catch (error) {
      return error;
    }
  };

  it('is one and the same value by default', async () => {
    const pipeline = start({ nodes: { s: make, a: change, b: change }, graph: { s: ['a', 'b'] } });

    const [a, b] = await Promise.all(['a', 'b'].map((sink) => collect(pipeline.outputs(sink))));

    expect(a).toEqual([{ n: 3, list: [1, 2, 3] }]);
    expect(a?.[0]).toBe(b?.[0]);
  });

  it("is a copy for all but one under 'clone', made before any of them begins", async () => {
    const pipeline = start({
      nodes: { s: { run: make, fanOut: 'clone' }, a: change, b: change, c: change },
      graph: { s: ['a', 'b', 'c'] },
    });
    const ids: string[] = [];
    pipeline.on('message', ({ message }) => ids.push(...message.parents));

    const outputs = await Promise.all(['a', 'b', 'c'].map((sink) => collect(pipeline.outputs(sink))));

    expect(outputs).toEqual(Array(3).fill([{ n: 2, list: [1, 2] }]));
    expect(new Set(outputs.flat()).size).toBe(3);
    // Copies are one message all the same.
    expect(new Set(ids).size).toBe(1);
  });

  it("copies nothing under 'clone' for the only one that takes it", async () => {
    const value = { run: () => 'cannot be cloned' };
    const pipeline = start({
      nodes: { s: { run: () => [value], fanOut: 'clone' }, a: pass, b: pass },
      graph: { s: [{ to: 'a', when: () => false }, 'b'] },
    });

    const [b] = await collect(pipeline.outputs('b'));

    expect(b).toBe(value);
  });

  it("is a failure of the node under 'clone' if it cannot be cloned, and nobody gets it", async () => {
    const value = (n: number) => (n === 2 ? { run: () => n } : { n });
    const pipeline = start({
      nodes: { n: inlet<number>(), t: { run: value, fanOut: 'clone' }, a: pass, b: pass },
      graph: { n: ['t'], t: ['a', 'b'] },
    });

    const calls = await Promise.allSettled([1, 2, 3].map((n) => pipeline.call(n)));

    expect(calls).toMatchObject([
      { value: { a: [{ n: 1 }], b: [{ n: 1 }] } },
      { reason: { code: 'PROCESSOR', node: 't', phase: 'send', cause: { name: 'DataCloneError' } } },
      { value: { a: [{ n: 3 }], b: [{ n: 3 }] } },
    ]);
    const { nodes } = await pipeline.stop();
    expect(nodes).toMatchObject({ t: { processed: 2, failed: 1, sent: 2 }, a: { received: 2 } });
  });

  it("is frozen under 'freeze', all plain data in it", async () => {
    const bytes = new Uint8Array(1);
    const pipeline = start({
      nodes: { s: { run: () => [{ ...make()[0], bytes }], fanOut: 'freeze' }, a: change, b: pass },
      graph: { s: ['a', 'b'] },
    });

    const [a, b] = await Promise.all(['a', 'b'].map((sink) => collect(pipeline.outputs(sink))));

    expect(a).toEqual([expect.any(TypeError)]);
    expect(b).toEqual([{ n: 1, list: [1], bytes }]);
    expect(b?.map((value) => Object.isFrozen((value as Value).list))).toEqual([true]);
  });

  it.each(['share', 'clone', 'freeze'] as const)(
    'goes for several readers of a sink, too: %s',
    async (fanOut) => {
      const pipeline = start({ nodes: { s: make, t: { run: pass, fanOut } }, graph: { s: ['t'] } });

      const [[one], [other]] = (await Promise.all([
        collect(pipeline.outputs('t')),
        collect(pipeline.outputs('t')),
      ])) as [[object], [object]];

      expect(one === other).toBe(fanOut !== 'clone');
      expect(one).toEqual(other);
      expect(Object.isFrozen(one)).toBe(fanOut === 'freeze');
    },
  );

  it('reaches a caller as it is', async () => {
    const value = { run: () => 1 };
    const pipeline = start({
      nodes: { n: inlet(), t: { run: () => value, fanOut: 'clone' } },
      graph: { n: ['t'] },
    });
    void collect(pipeline.outputs('t'));
    void collect(pipeline.outputs('t'));

    expect((await pipeline.call(1)).t?.[0]).toBe(value);
    await pipeline.stop();
  });
});
