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
