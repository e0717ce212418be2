import { createPipeline, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { turns } from '../support/turns.ts';

const numbers = function* (): Generator<number> {
  for (let n = 0; ; n++) yield n;
};

describe('explain()', () => {
  it('says who runs, who waits for whom, how full queues are, and where messages are held up', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: { numbers, a: (n: number) => n, slow: () => opened, next: (n: unknown) => n },
      graph: { numbers: ['a'], a: ['slow'], slow: ['next'] },
      defaults: { queueSize: 2 },
    });

    await turns(3);
    const explanation = pipeline.explain();

    expect(explanation.nodes).toMatchObject({
      numbers: {
        state: 'waiting',
        waits: [{ from: 'numbers', to: 'a', for: 'room', queued: 2, queueSize: 2 }],
      },
      a: { state: 'waiting', waits: [{ from: 'a', to: 'slow', for: 'room' }] },
      slow: { state: 'running', running: 1, waits: [] },
      next: { state: 'waiting', waits: [{ node: 'next', from: 'slow', to: 'next', for: 'input' }] },
    });
    expect(explanation.edges).toContainEqual({ from: 'a', to: 'slow', queued: 2, queueSize: 2 });
    expect(explanation.bottleneck).toMatchObject({ node: 'slow' });
    expect(String(explanation)).toContain('numbers waits: numbers -> a is full (2/2)');
    expect(JSON.parse(JSON.stringify(explanation))).toEqual({ ...explanation });
    open();
    pipeline.abort();
    await pipeline.stop();
  });

  it('says how many values wait at an inlet, beside what is received', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), slow: { run: () => opened, queueSize: 1 } },
      graph: { n: ['slow'] },
    });
    const pushes = Array.from({ length: 9 }, (_, n) => pipeline.push(n));
    const calls = Array.from({ length: 4 }, (_, n) => pipeline.call(n));

    await turns(3);
    const explanation = pipeline.explain();
    const counters = pipeline.metrics().nodes.n;

    // One is worked on, one is queued, one stands at the door.
    expect(counters).toMatchObject({ received: 3, inFlight: 0, waiting: 10 });
    expect(explanation.nodes).toMatchObject({ n: { waiting: 10 }, slow: { waiting: 0 } });
    expect(String(explanation)).toContain('n waits: n -> slow is full (1/1); 10 values wait for n');
    open();
    await Promise.all([...pushes, ...calls]);
    expect((await pipeline.stop()).nodes).toMatchObject({
      n: { received: 13, waiting: 0 },
      slow: { waiting: 0 },
    });
  });

  it('says of an iterable that it runs while it makes an item, and while an item has not settled', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: {
        numbers: () => [1],
        making: async function* () {
          yield await opened;
        },
        settling: function* () {
          yield opened;
        },
      },
      graph: { numbers: ['making', 'settling'] },
    });

    await turns(3);
    const { nodes } = pipeline.explain();
    open();

    expect(nodes).toMatchObject({
      making: { state: 'running', running: 1 },
      settling: { state: 'running', running: 1 },
    });
    await pipeline.stop();
  });

  it('finds the reader that does not read', async () => {
    const pipeline = createPipeline({
      nodes: { numbers, sink: { run: (n: number) => n, queueSize: 2 } },
      graph: { numbers: ['sink'] },
    });
    const reader = pipeline.outputs('sink');

    await turns(3);

    expect(pipeline.explain().bottleneck).toMatchObject({ node: 'reader of sink' });
    await reader.return?.();
    pipeline.abort();
    await pipeline.stop();
  });

  it('says of a pipeline that has nothing to do that it is idle, and of one that is done that it is over', async () => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), out: (n: number) => n },
      graph: { n: ['out'] },
    });

    await turns(2);
    const before = pipeline.explain();
    await pipeline.stop();

    expect(before.nodes).toMatchObject({ n: { state: 'idle' }, out: { state: 'waiting' } });
    expect(before.bottleneck).toBeUndefined();
    expect(Object.values(pipeline.explain().nodes).map(({ state }) => state)).toEqual(['ended', 'ended']);
  });
});
