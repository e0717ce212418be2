import { createPipeline, type Definition, inlet, type StallError } from 'sluice';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

interface Draft {
  readonly text: string;
  readonly tries: number;
}

/** Goes round until it is long enough. */
const refine = (queueSize: number) =>
  createPipeline({
    nodes: {
      draft: inlet<Draft>(),
      judge: { run: async (draft: Draft) => draft, aggregateInputs: false },
      again: async ({ text, tries }: Draft) =>
        text.length < 5 ? { text: `${text}!`, tries: tries + 1 } : null,
      good: ({ text, tries }: Draft) => (text.length < 5 ? null : `${text} ${tries}`),
    },
    graph: {
      draft: ['judge'],
      judge: ['again', 'good'],
      again: [{ to: 'judge', feedback: true, queueSize }],
    },
  });

describe('a loop', () => {
  it.each([1, 2, 16])(
    'answers each call with what came of its own input, with a queue of %i',
    async (queueSize) => {
      const pipeline = refine(queueSize);

      const texts = ['', 'a', 'ab', 'abcde', 'abcd', ''];
      const answers = await Promise.all(texts.map((text) => pipeline.call({ text, tries: 0 })));
      const { left, edges } = await pipeline.stop();

      expect(answers.map(({ good }) => good)).toEqual([
        ['!!!!! 5'],
        ['a!!!! 4'],
        ['ab!!! 3'],
        ['abcde 0'],
        ['abcd! 1'],
        ['!!!!! 5'],
      ]);
      expect(left).toBe(0);
      expect(edges.find(({ from }) => from === 'again')).toMatchObject({ accepted: 18, taken: 18 });
    },
  );

  it.each([1, 2, 5])(
    'lets no more in from outside than the edge that leads back holds: %i',
    async (queueSize) => {
      const inside = new Set<number>();
      let most = 0;
      const pipeline = createPipeline({
        nodes: {
          n: () => Array.from({ length: 40 }, (_, n) => ({ n, left: n % 5 })),
          head: {
            run: async (item: { n: number; left: number }) => {
              inside.add(item.n);
              most = Math.max(most, inside.size);
              await turns(item.n % 2);
              return item;
            },
            aggregateInputs: false,
            concurrency: 8,
          },
          back: {
            run: ({ n, left }: { n: number; left: number }) => {
              if (left > 0) return { n, left: left - 1 };
              inside.delete(n);
              return null;
            },
            concurrency: 8,
          },
        },
        graph: { n: ['head'], head: ['back'], back: [{ to: 'head', feedback: true, queueSize }] },
      });

      const { nodes } = await pipeline.done;

      expect(most).toBe(queueSize);
      expect(nodes.back).toMatchObject({ received: 120, skipped: 40 });
    },
  );

  it('ends at once, if nothing ever comes in', async () => {
    const pipeline = refine(4);

    const { nodes } = await pipeline.stop();

    expect(nodes).toMatchObject({ judge: { received: 0 } });
  });

  it('can be aborted while something goes round in it for ever, and lets a lost call go', async () => {
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), turn: { run: async (n: number) => n, aggregateInputs: false } },
      graph: { n: ['turn'], turn: [{ to: 'turn', feedback: true }] },
    });
    const controller = new AbortController();
    const lost = pipeline.call(1, { signal: controller.signal });
    await turns(3);
    controller.abort();
    await rejectionOf(lost);
    await turns(3);

    expect(pipeline.metrics().edges.find(({ from }) => from === 'turn')).toMatchObject({ queued: 0 });
    void pipeline.push(2);
    await turns(3);
    pipeline.abort();
    await pipeline.stop();
  });

  it('returns its source when nobody behind it takes anything any more, whatever goes on elsewhere', async () => {
    let asked = 0;
    const { opened: returned, open } = gate();
    const pipeline = createPipeline({
      nodes: {
        endless: function* () {
          try {
            for (;;) yield asked++;
          } finally {
            open();
          }
        },
        three: () => [1, 2, 3],
        head: { run: (n: number) => n, aggregateInputs: false },
        body: async (n: number) => n + 0.5,
        odd: async (n: number) => (n % 1 === 0 ? n : null),
        pair: (row: object) => row,
        other: inlet<number>(),
        elsewhere: (n: number) => n,
      },
      graph: {
        ...{ endless: ['head'], three: ['pair'], head: ['body', 'odd'], odd: ['pair'] },
        body: [{ to: 'head', feedback: true }],
        other: ['elsewhere'],
      },
    });

    await returned;

    expect(await pipeline.inlet('other').call(1)).toMatchObject({ elsewhere: [1] });
    const { nodes } = await pipeline.stop();
    expect(nodes.endless?.sent).toBe(asked);
  });

  it('goes on when one of those that it leads to takes nothing any more, and another one does', async () => {
    const numbers = [0, 1, 2, 3, 4];
    const pipeline = createPipeline({
      nodes: {
        n: () => numbers,
        one: () => [1],
        head: { run: (n: number) => n, aggregateInputs: false },
        half: async (n: number) => (n % 1 === 0 ? n + 0.5 : null),
        pair: (row: object) => row,
        all: (n: number) => n,
      },
      graph: {
        ...{ n: ['head'], one: ['pair'], head: ['half', 'pair', 'all'] },
        half: [{ to: 'head', feedback: true }],
      },
    });
    const all: number[] = [];
    for await (const n of pipeline.outputs('all')) all.push(n);

    expect(all.toSorted((a, b) => a - b)).toEqual(numbers.flatMap((n) => [n, n + 0.5]));
    expect((await pipeline.done).nodes.pair).toMatchObject({ received: 1 });
  });

  it('that leads nowhere goes on when a join in it has come to its end', async () => {
    const numbers = [0, 1, 2, 3, 4];
    const worked: number[] = [];
    const pipeline = createPipeline({
      nodes: {
        n: () => numbers,
        one: () => [1],
        head: { run: (n: number) => n, aggregateInputs: false },
        work: async (n: number) => {
          worked.push(n);
          return null;
        },
        pair: () => null,
      },
      graph: {
        ...{ n: ['head'], one: ['pair'], head: ['work', 'pair'] },
        work: [{ to: 'head', feedback: true }],
        pair: [{ to: 'head', feedback: true }],
      },
    } as Definition);

    const { nodes } = await pipeline.done;

    expect(worked).toEqual(numbers);
    expect(nodes).toMatchObject({ head: { received: 5 }, pair: { received: 1 } });
  });

  it('goes on when another one, which has fed it, has come to its end', async () => {
    const { opened, open } = gate();
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        first: { run: (n: number) => n + 1, aggregateInputs: false },
        back: (n: number) => n,
        second: { run: async (n: number) => opened.then(() => n + 1), aggregateInputs: false },
        last: (n: number) => n,
        out: (n: number) => n,
      },
      graph: {
        ...{ n: ['first'], first: ['back'], second: ['last'] },
        back: [
          { to: 'first', feedback: true, when: (n: number) => n < 3 },
          { to: 'second', when: (n: number) => n >= 3 },
        ],
        last: [
          { to: 'second', feedback: true, when: (n: number) => n < 6 },
          { to: 'out', when: (n: number) => n >= 6 },
        ],
      },
    });
    const call = pipeline.call(0);
    await turns(5);
    const stopped = pipeline.stop();
    await turns(5);

    open();

    expect(await call).toEqual({ out: [6] });
    expect(await stopped).toMatchObject({ left: 0 });
  });

  it('fails with a StallError that every caller hears of, when it is too full to go on', async () => {
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        h: { run: (n: number) => n, aggregateInputs: false },
        twice: { run: (n: number) => [n, n], many: true },
      },
      graph: { n: ['h'], h: ['twice'], twice: [{ to: 'h', feedback: true, queueSize: 2 }] },
      defaults: { queueSize: 1 },
    });

    const [call, done] = await Promise.all([rejectionOf(pipeline.call(1)), rejectionOf(pipeline.done)]);

    expect(call).toMatchObject({ code: 'STOPPED', cause: done });
    expect(done).toMatchObject({ code: 'STALL' });
    expect((done as StallError).cycle).toEqual([
      { node: 'h', from: 'h', to: 'twice', for: 'room', queued: 1, queueSize: 1 },
      { node: 'twice', from: 'twice', to: 'h', for: 'room', queued: 2, queueSize: 2 },
    ]);
  });

  it('is no stall while somebody outside may still wake it: a reader that is slow, an open inlet', async () => {
    const pipeline = refine(1);
    const reader = pipeline.outputs('good');
    const pushes = Array.from({ length: 60 }, (_, n) => pipeline.push({ text: 'x'.repeat(n % 7), tries: 0 }));
    await turns(20);
    pipeline.close();

    const read: string[] = [];
    for await (const text of reader) {
      read.push(text);
      await turns(1);
    }
    await Promise.all([...pushes, pipeline.done]);

    expect(read).toHaveLength(60);
  });
});

describe('a loop that takes from outside elsewhere than at its head', () => {
  const once = (from: string) => ({
    to: 'head',
    feedback: true,
    when: (text: string) => text.split(`${from}(`).length <= 2,
  });
  const texts = (name: string, count: number) => () => Array.from({ length: count }, (_, i) => `${name}${i}`);
  const tag = (name: string) => (input: unknown) => `${name}(${JSON.stringify(input)})`;
  const merge = (name: string) => ({ run: tag(name), aggregateInputs: false });

  it('names the circle when it has filled up: nothing holds back what comes in there', async () => {
    const pipeline = createPipeline({
      nodes: { A: texts('A', 30), head: merge('head'), tail: merge('tail'), end: (text: string) => text },
      graph: {
        A: ['head', 'tail'],
        head: [{ to: 'tail', queueSize: 1 }],
        tail: [{ ...once('head'), queueSize: 1 }, 'end'],
      },
    });

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });

  it('names the circle when a join in it has nothing to pair that with', async () => {
    const pipeline = createPipeline({
      nodes: { A: texts('A', 1), B: texts('B', 0), head: merge('head'), join: tag('join') },
      graph: { A: ['join'], B: ['head'], head: ['join'], join: [{ to: 'head', feedback: true }] },
    } as Definition);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });

  it('names the circle when a join behind it pairs that with what has gone round', async () => {
    const pipeline = createPipeline({
      nodes: {
        ...{ A: texts('A', 0), B: texts('B', 3), f: tag('f'), head: merge('head') },
        tail: { run: () => null, aggregateInputs: false },
        join: tag('join'),
      },
      graph: {
        ...{ A: ['head'], B: ['f'], f: ['tail', { to: 'join', queueSize: 1 }] },
        head: ['tail', 'join'],
        tail: [once('head')],
      },
    } as Definition);

    expect(await rejectionOf(pipeline.done)).toMatchObject({ code: 'STALL' });
  });
});
