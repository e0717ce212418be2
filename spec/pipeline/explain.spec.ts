import { createPipeline, type Definition, inlet } from 'sluice';
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
    const sink = { run: (n: number) => n, queueSize: 2 };
    const pipeline = createPipeline({
      nodes: { numbers, one: sink, other: sink },
      graph: { numbers: ['one', 'other'] },
    });
    const reader = pipeline.messages();

    await turns(3);

    expect(pipeline.explain().bottleneck).toEqual({
      node: 'reader of one, other',
      why: 'other -> reader of one, other (2/2), and it is not read',
    });
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
    expect(before).not.toHaveProperty('bottleneck');
    expect(String(before)).toBe('n is idle\nout waits: n -> out is empty\nn -> out (0/16)');
    expect(Object.values(pipeline.explain().nodes).map(({ state }) => state)).toEqual(['ended', 'ended']);
  });

  it('finds the slower branch of a join, however far before it, and not the join that waits for it', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: {
        numbers,
        fast: (n: number) => n,
        slow: (n: number) => opened.then(() => n),
        after: (n: number) => n,
        both: { run: ({ fast }: { fast: number; after: number }) => fast, queueSize: 2 },
      },
      graph: { numbers: ['fast', 'slow'], slow: ['after'], fast: ['both'], after: ['both'] },
    });

    await turns(3);

    expect(pipeline.explain().bottleneck).toEqual({
      node: 'slow',
      why: 'both waits for it: after -> both (0/2); full beside it: fast -> both (2/2)',
    });
    open();
    pipeline.abort();
    await pipeline.stop();
  });

  it('finds the last node where nothing comes after it', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: { numbers, last: { run: () => opened, queueSize: 2 } },
      graph: { numbers: ['last'] },
    });

    await turns(3);

    expect(pipeline.explain().bottleneck).toEqual({
      node: 'last',
      why: 'full before it: numbers -> last (2/2); nothing comes after it',
    });
    open();
    pipeline.abort();
    await pipeline.stop();
  });

  it('finds the node that a loop comes back to, not the one that waits to send something back', async () => {
    const [body, head] = [gate(), gate()];
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        head: { run: (n: number) => (n < 3 ? n : head.opened), aggregateInputs: false },
        body: { run: () => body.opened.then(() => [3, 4, 5, 6]), many: true, queueSize: 1 },
      },
      graph: { n: ['head'], head: ['body'], body: [{ to: 'head', feedback: true, queueSize: 2 }] },
    } as Definition);
    await Promise.all([pipeline.push(1), pipeline.push(2)]);
    await turns(3);
    body.open();

    await turns(3);
    const { bottleneck, edges, nodes } = pipeline.explain();

    expect(nodes.body).toMatchObject({ waits: [{ for: 'room' }] });
    expect(edges).toContainEqual({ from: 'head', to: 'body', queued: 1, queueSize: 1 });
    expect(bottleneck?.node).toBe('head');
    expect(bottleneck?.why).toContain('body -> head (2/2)');
    pipeline.abort();
    head.open();
    await pipeline.stop();
  });

  it('finds the reader of dead letters that reads slowly', async () => {
    const fail = (): never => {
      throw new Error('no');
    };
    const pipeline = createPipeline({
      nodes: { numbers, work: { run: fail, onError: 'dead-letter', queueSize: 2 } },
      graph: { numbers: ['work'] },
    });
    const letters = pipeline.deadLetters();
    await letters.next();

    await turns(3);
    const { bottleneck, edges } = pipeline.explain();

    expect(bottleneck).toMatchObject({ node: 'reader of dead letters' });
    expect(edges).toContainEqual({ from: 'work', to: 'reader of dead letters', queued: 2, queueSize: 2 });
    pipeline.abort();
    await pipeline.stop();
  });

  it('says of a node that runs what else it waits for, but not that it could take more', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        free: { run: () => opened, concurrency: 2 },
        numbers: () => [0, 1, 2, 3],
        work: { run: (n: number) => (n < 3 ? n : opened), concurrency: 2 },
        next: { run: () => opened, queueSize: 1 },
      },
      graph: { n: ['free'], numbers: ['work'], work: ['next'] },
    });
    void pipeline.push(1);

    await turns(3);

    // One is in the hands of `next`, one is queued there, and one stands at the door.
    expect(pipeline.explain().nodes).toMatchObject({
      free: { state: 'running', running: 1, waits: [] },
      work: { state: 'running', running: 1, waits: [{ from: 'work', to: 'next', for: 'room' }] },
    });
    open();
    await pipeline.stop();
  });

  it('is, as text, a line for each node, for each edge and reader, and for the bottleneck', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: {
        a: numbers,
        b: numbers,
        over: () => [],
        n: inlet(),
        slow: () => opened,
        x: () => 1,
        y: () => 2,
      },
      graph: { a: ['slow'], b: ['slow'], slow: ['x', 'y'], n: ['y'] },
      defaults: { queueSize: 2 },
    });
    pipeline.outputs('x');

    await turns(3);
    const lines = String(pipeline.explain()).split('\n');

    expect(lines.slice(0, 7).toSorted()).toEqual([
      'a waits: a -> slow is full (2/2)',
      'b waits: b -> slow is full (2/2)',
      'n is idle',
      'over is over',
      'slow runs 1',
      'x waits: slow -> x is empty',
      'y waits: slow -> y is empty; y waits: n -> y is empty',
    ]);
    expect(lines.slice(7, -1).toSorted()).toEqual([
      'a -> slow (2/2)',
      'b -> slow (2/2)',
      'n -> y (0/2)',
      'slow -> x (0/2)',
      'slow -> y (0/2)',
      'x -> reader of x (0/2)',
    ]);
    expect(lines.at(-1)).toBe(
      'bottleneck: slow, full before it: a -> slow (2/2), b -> slow (2/2); ' +
        'after it: slow -> x (0/2), slow -> y (0/2)',
    );
    open();
    pipeline.abort();
    await pipeline.stop();
  });
});
