import { type DeadLetter, type Definition, inlet, type NodeOptions } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { schemaOf } from '../support/schema.ts';
import { turns } from '../support/turns.ts';
import { collect, pass, start, stateOf } from './pipelines.ts';

/** Fails on odd numbers. */
const even = (n: number): number => {
  if (n % 2 === 1) throw new Error(`${n} is odd`);
  return n;
};
const numbers = (count: number) => () => Array.from({ length: count }, (_, n) => n + 1);

/** A source of so many numbers, of which the odd ones become dead letters. */
const halved = (count: number, options: NodeOptions = {}): Definition => ({
  nodes: { source: numbers(count), even: { run: even, onError: 'dead-letter', ...options } },
  graph: { source: ['even'] },
});

describe('what becomes of a failure', () => {
  /** Calls with 1, where the function fails. */
  async function failWith(onError: unknown) {
    const pipeline = start({
      nodes: { n: inlet(), even: { run: even, onError: onError as 'skip' } },
      graph: { n: ['even'] },
    });
    const letters = collect(pipeline.deadLetters());
    const actions: string[] = [];
    pipeline.on('error', ({ action }) => actions.push(action));
    const [outcome] = await Promise.allSettled([pipeline.call(1)]);
    const { nodes } = await pipeline.stop();
    const { failed, deadLettered } = nodes.even as { failed: number; deadLettered: number };
    return { outcome, actions, failed, deadLettered, letters: (await letters).length };
  }

  it.for([
    ['fail', 'rejected', 1, 0],
    ['skip', 'fulfilled', 1, 0],
    ['dead-letter', 'fulfilled', 0, 1],
  ] as const)('is what a function says: %s', async ([action, status, failed, deadLettered]) => {
    expect(await failWith(() => action)).toMatchObject({
      ...{ outcome: { status }, actions: [action], failed, deadLettered, letters: deadLettered },
    });
    expect(await failWith(action)).toMatchObject({ outcome: { status }, actions: [action] });
  });

  it('is decided with error and message in hand', async () => {
    const asked: unknown[] = [];

    await failWith((error: { cause: Error; node: string }, message: { payload: unknown }) => {
      asked.push(error.node, error.cause.message, message.payload);
      return 'skip';
    });

    expect(asked).toEqual(['even', '1 is odd', 1]);
  });

  it.for([
    ['throws', 'confused', (): string => raise('confused')],
    ['returns something else', '"ignore"', (): string => 'ignore'],
    ['returns a promise', 'object', (): unknown => Promise.resolve('skip')],
  ] as const)('is a failure that is told when the function %s', async ([, word, onError]) => {
    const { outcome, actions } = await failWith(onError);

    expect(actions).toEqual(['fail']);
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PROCESSOR' } });
    const { message, cause } = (outcome as PromiseRejectedResult).reason as Error;
    expect(message).toContain(word);
    expect(message).toContain('1 is odd');
    const { errors } = cause as AggregateError;
    expect(errors).toMatchObject([{ message: expect.stringContaining(word) }, { message: '1 is odd' }]);
  });

  it('is looked up in the registry, by name', async () => {
    const pipeline = start(
      {
        nodes: { n: { inlet: true }, even: { run: 'even', onError: 'forgiving' } },
        graph: { n: ['even'] },
      },
      { registry: { even, forgiving: () => 'skip' } },
    );

    expect(await pipeline.call(1)).toEqual({ even: [] });
    await pipeline.stop();
  });
});

describe('a dead letter', () => {
  it('holds input, error, node, attempts and message, and is told as an event', async () => {
    const pipeline = start(halved(3));
    const events: DeadLetter[] = [];
    pipeline.on('deadLetter', (letter) => events.push(letter));

    const [letters, values] = await Promise.all([
      collect(pipeline.deadLetters()),
      collect(pipeline.outputs('even')),
    ]);

    expect(values).toEqual([2]);
    expect(letters).toEqual(events);
    expect(letters).toMatchObject([1, 3].map((input) => ({ input, node: 'even', attempts: 1 })));
    expect(letters.map(({ message, error }) => [message.payload, error.input, error.cause])).toEqual(
      letters.map(({ input, message }) => [input, message, new Error(`${input} is odd`)]),
    );
  });

  it('keeps the rows of a join aligned', async () => {
    const { nodes, graph } = halved(6);
    const pipeline = start({
      nodes: { ...nodes, join: ({ even, source }: { even: number; source: number }) => [even, source] },
      graph: { ...graph, source: ['even', 'join'], even: ['join'] },
    });

    expect(await collect(pipeline)).toEqual([2, 4, 6].map((n) => [n, n]));
  });

  it.for(['fail', 'skip'])('is none under %s', async (onError) => {
    const pipeline = start(halved(3, { onError }));
    const letters = collect(pipeline.deadLetters());
    await pipeline.done.catch(() => {});

    expect(await letters).toEqual([]);
  });

  it('that nobody takes is counted', async () => {
    const { nodes, unreadDeadLetters } = await start(halved(5)).done;

    expect(nodes.even).toMatchObject({ received: 5, processed: 2, failed: 0, deadLettered: 3 });
    expect(unreadDeadLetters).toBe(3);
  });

  it('that waits for its turn when the pipeline is aborted is counted, too', async () => {
    const { opened, open } = gate();
    const run = (n: number): unknown => (n === 1 ? opened : raise('no'));
    const pipeline = start({
      nodes: { source: numbers(2), even: { run, concurrency: 2, onError: 'dead-letter' } },
      graph: { source: ['even'] },
    });
    pipeline.on('deadLetter', () => {});
    await turns(5);

    pipeline.abort();
    open();
    await pipeline.stop();

    const { nodes, unreadDeadLetters } = pipeline.metrics();
    expect(nodes.even).toMatchObject({ received: 2, deadLettered: 1, inFlight: 0 });
    expect(unreadDeadLetters).toBe(1);
  });

  it('is sent also by a node whose values nobody takes any more', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        source: numbers(1),
        even: { run: (n: number) => opened.then(() => even(n)), onError: 'dead-letter' },
        short: inlet(),
        join: pass,
      },
      graph: { source: ['even'], even: ['join'], short: ['join'] },
    });
    const letters = collect(pipeline.deadLetters());
    await turns(3);

    pipeline.close();
    await turns(3);
    open();

    expect((await letters).map(({ input }) => input)).toEqual([1]);
    expect((await pipeline.done).unreadDeadLetters).toBe(0);
  });

  it('is none where onError says otherwise of a value that cannot be sent', async () => {
    const pipeline = start({
      nodes: {
        source: numbers(2),
        f: { run: pass, onError: (_, { payload }) => (payload === 1 ? 'skip' : 'dead-letter') },
        sink: pass,
      },
      graph: { source: ['f'], f: [{ to: 'sink', when: () => raise('no') }] },
    });

    expect((await collect(pipeline.deadLetters())).map(({ input }) => input)).toEqual([2]);
    expect((await pipeline.done).nodes.f).toMatchObject({ processed: 0, failed: 1, deadLettered: 1 });
  });

  it('that somebody listens for is not', async () => {
    const pipeline = start(halved(5));
    pipeline.on('deadLetter', () => {});

    expect((await pipeline.done).unreadDeadLetters).toBe(0);
  });

  it('of a call does not reject it, and the caller does not wait for who reads it', async () => {
    const pipeline = start({
      nodes: { n: inlet(), even: { run: even, onError: 'dead-letter' } },
      graph: { n: ['even'] },
    });
    const letters = pipeline.deadLetters();

    expect(await pipeline.call(1)).toEqual({ even: [] });
    expect((await letters.next()).value).toMatchObject({ input: 1 });
    await pipeline.stop();
  });

  it('follows what a function gave before it failed', async () => {
    const pipeline = start({
      nodes: {
        source: () => [1, 2],
        many: {
          *run(n: number) {
            yield n;
            throw new Error('enough');
          },
          onError: 'dead-letter',
        },
      },
      graph: { source: ['many'] },
    });

    const [values, letters] = await Promise.all([collect(pipeline), collect(pipeline.deadLetters())]);

    expect(values).toEqual([1, 2]);
    expect(letters.map(({ input }) => input)).toEqual([1, 2]);
  });

  it('comes in the order of the inputs, also when a later call fails first', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        source: () => [1, 2],
        f: {
          run: async (n: number) => {
            if (n === 1) await opened;
            else open();
            throw new Error('no');
          },
          onError: 'dead-letter',
          concurrency: 2,
        },
      },
      graph: { source: ['f'] },
    });

    expect((await collect(pipeline.deadLetters())).map(({ input }) => input)).toEqual([1, 2]);
  });
});

describe('a reader of dead letters', () => {
  it('holds back the node they come from once it has begun to read', async () => {
    const pipeline = start(halved(99, { queueSize: 2 }));
    const letters = pipeline.deadLetters();
    await letters.next();

    const state = await stateOf(pipeline.done);
    const { received } = pipeline.metrics().nodes.even as { received: number };
    const { even: explained } = pipeline.explain().nodes;
    const rest = await collect(letters);

    expect(state).toBe('pending');
    expect(received).toBeLessThan(10);
    expect(explained?.waits).toMatchObject([{ node: 'even', from: 'even', for: 'room', queued: 2 }]);
    expect(rest).toHaveLength(49);
    expect((await pipeline.done).unreadDeadLetters).toBe(0);
  });

  it('that has not begun to read holds nobody back: what it missed is counted', async () => {
    const pipeline = start(halved(99, { queueSize: 2 }));
    const letters = pipeline.deadLetters();

    const { unreadDeadLetters } = await pipeline.done;

    expect(unreadDeadLetters).toBe(48);
    expect((await collect(letters)).map(({ input }) => input)).toEqual([1, 3]);
  });

  it('that leaves its loop lets go of the node, and what it left behind is counted', async () => {
    const pipeline = start(halved(99, { queueSize: 2 }));
    for await (const { input } of pipeline.deadLetters()) if (input === 3) break;

    const { nodes, unreadDeadLetters } = await pipeline.done;

    expect(nodes.even?.deadLettered).toBe(50);
    expect(unreadDeadLetters).toBe(48);
  });

  it('that leaves takes nothing from another one', async () => {
    const pipeline = start(halved(99, { queueSize: 2 }));
    const other = collect(pipeline.deadLetters());
    for await (const { input } of pipeline.deadLetters()) if (input === 3) break;

    expect((await other).map(({ input }) => input)).toEqual(Array.from({ length: 50 }, (_, n) => 2 * n + 1));
  });

  it('has nothing to read of a pipeline that cannot have any, or is over', async () => {
    const pipeline = start({ nodes: { source: numbers(2), pass }, graph: { source: ['pass'] } });
    expect(await collect(pipeline.deadLetters())).toEqual([]);
    await pipeline.done;

    const over = start(halved(3));
    await over.done;
    expect(await collect(over.deadLetters())).toEqual([]);
  });

  it('is told of a failure of the pipeline', async () => {
    const pipeline = start({
      nodes: {
        source: numbers(9),
        even: { run: even, onError: (_, { payload }) => (payload === 3 ? 'fail' : 'dead-letter') },
      },
      graph: { source: ['even'] },
    });

    expect(await rejectionOf(collect(pipeline.deadLetters()))).toMatchObject({
      cause: { message: '3 is odd' },
    });
  });
});

describe('a dead-letter node', () => {
  const { nodes, graph } = halved(5);

  it('gets letters like any other input, and its outputs go on', async () => {
    const pipeline = start({
      nodes: {
        ...nodes,
        dead: ({ input }: DeadLetter) => `dead ${input}`,
        upper: (s: string) => s.toUpperCase(),
      },
      graph: { ...graph, dead: ['upper'] },
      deadLetter: 'dead',
    });

    const [letters, values] = await Promise.all([
      collect(pipeline.outputs('upper')),
      collect(pipeline.outputs('even')),
    ]);
    const { nodes: counters, edges, unreadDeadLetters } = await pipeline.done;

    expect(letters).toEqual(['DEAD 1', 'DEAD 3', 'DEAD 5']);
    expect(values).toEqual([2, 4]);
    expect(counters.dead).toMatchObject({ received: 3, processed: 3 });
    expect(unreadDeadLetters).toBe(0);
    expect(edges).toContainEqual(
      expect.objectContaining({ from: 'even', to: 'dead', accepted: 3, taken: 3, queued: 0 }),
    );
  });

  it('takes from every node that may send any, and ends after the last of them', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        source: numbers(4),
        a: { run: even, onError: 'dead-letter' },
        b: {
          run: async (n: number) => {
            if (n === 4) await opened;
            throw new Error('no');
          },
          onError: () => 'dead-letter',
        },
        dead: ({ node, input }: DeadLetter) => `${node}${input}`,
      },
      graph: { source: ['a', 'b'] },
      deadLetter: 'dead',
    });
    const ended: string[] = [];
    pipeline.on('nodeEnd', ({ node }) => ended.push(node));
    const read = collect(pipeline.outputs('dead'));

    await turns(5);
    const endedBefore = [...ended];
    open();

    expect((await read).sort()).toEqual(['a1', 'a3', 'b1', 'b2', 'b3', 'b4']);
    expect(endedBefore).not.toContain('dead');
    expect(ended.slice(-2)).toEqual(['b', 'dead']);
  });

  it('paces the nodes whose letters it takes', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { ...halved(99).nodes, dead: { run: () => opened, queueSize: 1 } },
      graph,
      deadLetter: 'dead',
    });

    await turns(20);
    const { even } = pipeline.metrics().nodes;
    open();
    const { nodes: counters } = await pipeline.done;

    expect(even?.received).toBeLessThan(8);
    expect(counters.dead?.received).toBe(50);
  });

  it('belongs to the call whose message it gets: the caller waits for it, and gets its output', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        n: inlet(),
        even: { run: even, onError: 'dead-letter' },
        dead: async ({ input }: DeadLetter) => {
          await opened;
          return `dead ${input}`;
        },
      },
      graph: { n: ['even'] },
      deadLetter: 'dead',
    });
    const called = pipeline.call(1);

    expect(await pipeline.call(2)).toEqual({ even: [2], dead: [] });
    expect(await stateOf(called)).toBe('pending');
    open();
    expect(await called).toEqual({ even: [], dead: ['dead 1'] });
    await pipeline.stop();
  });

  it('answers those who called an inlet that nobody takes from any more', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: {
        n: inlet({ input: schemaOf((value) => ({ value })) }),
        ...{ short: inlet(), join: pass },
        dead: { run: ({ input }: DeadLetter) => opened.then(() => input), queueSize: 1 },
      },
      graph: { n: [{ to: 'join', when: () => raise('no') }], short: ['join'] },
      deadLetter: 'dead',
      defaults: { onError: 'dead-letter' },
    } as Definition);
    const calls = [1, 2, 3].map((n) => pipeline.inlet('n').call(n));
    await turns(5);

    pipeline.inlet('short').close();
    await turns(5);
    open();

    expect(await Promise.all(calls)).toEqual([1, 2, 3].map((n) => ({ join: [], dead: [n] })));
    expect((await pipeline.done).nodes.n).toMatchObject({ received: 3, deadLettered: 3, inFlight: 0 });
  });

  it('has no iterable return that has failed, though its letter waits when all is aborted', async () => {
    let returned = 0;
    const failing = {
      next: () => raise('no'),
      return: () => {
        returned++;
        return { done: true };
      },
    };
    const pipeline = start(
      {
        nodes: {
          n: inlet(),
          many: { run: () => ({ [Symbol.iterator]: () => failing }), many: true, onError: 'dead-letter' },
          dead: { run: () => new Promise(() => {}), queueSize: 1 },
        },
        graph: { n: ['many'] },
        deadLetter: 'dead',
      } as Definition,
      { grace: 0 },
    );
    for (const n of [1, 2, 3]) await pipeline.push(n);
    await turns(5);
    const { many } = pipeline.explain().nodes;

    pipeline.abort();
    await rejectionOf(pipeline.done);

    expect(many?.waits).toMatchObject([{ for: 'room', to: 'dead' }]);
    expect(returned).toBe(0);
  });

  it('is told to readers of dead letters as well', async () => {
    const pipeline = start({ nodes: { ...nodes, dead: pass }, graph, deadLetter: 'dead' });

    expect(await collect(pipeline.deadLetters())).toHaveLength(3);
  });

  it('that takes no more leaves the letters to be counted as unread', async () => {
    const pipeline = start({
      nodes: {
        n: inlet(),
        even: { run: even, onError: 'dead-letter' },
        dead: pass,
        short: inlet(),
        join: pass,
      },
      graph: { n: ['even'], dead: ['join'], short: ['join'] },
      deadLetter: 'dead',
    });
    await pipeline.inlet('n').push(1);
    pipeline.inlet('short').close();
    await turns(5);
    await pipeline.inlet('n').push(3);
    const { edges, nodes: counters, unreadDeadLetters } = await pipeline.stop();

    expect(counters.even).toMatchObject({ deadLettered: 2 });
    expect(edges.find(({ to }) => to === 'dead')).toMatchObject({ accepted: 1 });
    expect(unreadDeadLetters).toBe(1);
  });

  it('that fails never gets its own letters: it fails', async () => {
    const failing = { run: () => raise('dead, too'), onError: 'dead-letter' };
    const pipeline = start({ nodes: { ...nodes, dead: failing }, graph, deadLetter: 'dead' });
    const actions: string[] = [];
    pipeline.on('error', ({ error, action }) => actions.push(`${error.node} ${action}`));

    expect(await rejectionOf(pipeline.done)).toMatchObject({ node: 'dead', cause: { message: 'dead, too' } });
    expect(actions).toContain('dead fail');
  });

  it('has nodes behind it that fail as well instead of sending letters back', async () => {
    const failing = { run: () => raise('behind'), onError: () => 'dead-letter' as const };
    const pipeline = start({
      nodes: { ...nodes, dead: pass, behind: failing },
      graph: { ...graph, dead: ['behind'] },
      deadLetter: 'dead',
      defaults: { onError: 'dead-letter' },
    });

    expect(await rejectionOf(pipeline.done)).toMatchObject({ node: 'behind' });
  });

  it('ends at once where no node may send it anything', async () => {
    const pipeline = start({
      nodes: { source: numbers(2), pass, dead: pass },
      graph: { source: ['pass'] },
      deadLetter: 'dead',
    });

    expect((await pipeline.done).nodes.dead).toMatchObject({ received: 0 });
  });

  it('discards what an abort finds, and counts it', async () => {
    const pipeline = start({
      nodes: { ...halved(99).nodes, dead: { run: () => new Promise(() => {}), queueSize: 4 } },
      graph,
      deadLetter: 'dead',
    });
    await turns(20);
    pipeline.abort();
    await turns(5);

    const { edges, nodes: counters, unreadDeadLetters } = pipeline.metrics();
    const edge = edges.find(({ to }) => to === 'dead');

    expect(edge).toMatchObject({ queued: 0 });
    expect(edge?.accepted).toBe((edge?.taken ?? 0) + (edge?.discarded ?? 0));
    expect(counters.even?.deadLettered).toBe((edge?.accepted ?? 0) + unreadDeadLetters);
  });

  it('is drawn with dashed edges', async () => {
    const { Plumber } = await import('sluice');
    const plumber = new Plumber({
      nodes: { ...nodes, dead: { run: pass, queueSize: 2 } },
      graph,
      deadLetter: 'dead',
    } as Definition);

    expect(plumber.toMermaid()).toContain('n1 -.->|2| n2');
    expect(plumber.toDot()).toContain('n1 -> n2 [label="2", style=dashed];');
    expect(plumber.describe().maxMessages).toBe(1 + 16 + 2 + 2 + 2);
  });
});

function raise(text: string): never {
  throw new Error(text);
}
