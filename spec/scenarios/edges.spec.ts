import { type DeadLetter, inlet, Plumber } from 'sluice';
import { describe, expect, it } from 'vitest';
import { planOf } from '../graph/problems.ts';
import { collect, pass, start } from '../pipeline/pipelines.ts';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

const upTo = (last: number) =>
  function* (): Generator<number> {
    for (let n = 1; n <= last; n++) yield n;
  };
const isSmall = (n: number): boolean => {
  if (n > 2) throw new Error(`${n} is large`);
  return true;
};

/** Nodes whose counters do not add up (law 1). */
const unbalanced = ({ nodes }: ReturnType<ReturnType<typeof start>['metrics']>): string[] =>
  Object.entries(nodes)
    .filter(([, { received, processed, skipped, failed, deadLettered, discarded, inFlight }]) => {
      return received !== processed + skipped + failed + deadLettered + discarded + inFlight;
    })
    .map(([name]) => name);

describe('a condition that throws', () => {
  const kinds = {
    'a synchronous function': pass,
    'an asynchronous one': (n: unknown) => Promise.resolve(n),
    'one that gives many': { run: (n: unknown) => [n], many: true },
  };

  it.for(Object.entries(kinds))('makes a dead letter of the input, behind %s', async ([, run]) => {
    const f = typeof run === 'function' ? { run } : run;
    const pipeline = start({
      nodes: {
        s: upTo(4),
        f: { ...f, onError: 'dead-letter' },
        t: pass,
        dead: ({ input, error }: DeadLetter) => `${input} ${error.phase}`,
      },
      graph: { s: ['f'], f: [{ to: 't', when: isSmall }] },
      deadLetter: 'dead',
    });
    const [taken, letters] = [collect(pipeline.outputs('t')), collect(pipeline.outputs('dead'))];

    const summary = await pipeline.done;

    expect(await taken).toEqual([1, 2]);
    expect(await letters).toEqual(['3 send', '4 send']);
    expect(summary.nodes.f).toMatchObject({ received: 4, processed: 2, failed: 0, deadLettered: 2 });
    expect(unbalanced(summary)).toEqual([]);
  });

  it('is judged by an onError that is a function', async () => {
    const asked: unknown[] = [];
    const onError = (error: { phase: string }, { payload }: { payload: unknown }): 'skip' | 'fail' => {
      asked.push([error.phase, payload]);
      return payload === 3 ? 'skip' : 'fail';
    };
    const pipeline = start({
      nodes: { n: inlet(), f: { run: pass, onError }, t: pass },
      graph: { n: ['f'], f: [{ to: 't', when: isSmall }] },
    });

    expect(await pipeline.call(3)).toEqual({ t: [] });
    expect(await rejectionOf(pipeline.call(4))).toMatchObject({ code: 'PROCESSOR', phase: 'send' });
    expect(asked).toEqual([
      ['send', 3],
      ['send', 4],
    ]);
    await pipeline.stop();
  });
});

describe('a push whose value fails at once', () => {
  const failing = {
    'a function that throws': [{ to: 'f' }],
    'a condition that throws': [{ to: 'f', when: isSmall }],
  };

  it.for(Object.entries(failing))(
    'was accepted all the same, and the pipeline fails: %s',
    async ([, edges]) => {
      const f = (n: number): number => {
        if (n > 2) throw new Error('no');
        return n;
      };
      const pipeline = start({ nodes: { n: inlet(), f }, graph: { n: edges } });
      await pipeline.push(1);

      const done = rejectionOf(pipeline.done);
      await pipeline.push(3);

      expect(await done).toMatchObject({ code: 'PROCESSOR' });
    },
  );
});

describe('a dead-letter node that is behind', () => {
  it('drops letters as its overflow says, each counted and told', async () => {
    const { opened, open } = gate();
    const fail = (): never => {
      throw new Error('no');
    };
    const pipeline = start({
      nodes: {
        s: upTo(9),
        f: { run: fail, onError: 'dead-letter' },
        dead: {
          run: ({ input }: DeadLetter) => opened.then(() => input),
          queueSize: 2,
          overflow: 'drop-oldest',
        },
      },
      graph: { s: ['f'], f: [] },
      deadLetter: 'dead',
    });
    const drops: unknown[] = [];
    pipeline.on('drop', ({ from, to, message }) =>
      drops.push([from, to, (message.payload as DeadLetter).input]),
    );
    const letters = collect(pipeline.outputs('dead'));
    await turns(10);
    open();

    const { nodes, edges } = await pipeline.done;

    expect(await letters).toEqual([1, 8, 9]);
    expect(drops).toEqual([2, 3, 4, 5, 6, 7].map((n) => ['f', 'dead', n]));
    expect(nodes.f).toMatchObject({ deadLettered: 9 });
    expect(edges.find(({ to }) => to === 'dead')).toMatchObject({ accepted: 9, taken: 3, dropped: 6 });
  });
});

describe('a feedback edge', () => {
  it('may have a condition: what does not take it leaves the loop', async () => {
    const isOver = (n: number): boolean => n >= 100;
    const pipeline = start({
      nodes: {
        n: inlet(),
        twice: { run: (n: number) => n * 2, aggregateInputs: false },
        hold: pass,
        out: pass,
      },
      graph: {
        n: ['twice'],
        twice: ['hold'],
        hold: [
          { to: 'twice', feedback: true, when: (n: number) => !isOver(n) },
          { to: 'out', when: isOver },
        ],
      },
    });

    expect(await Promise.all([1, 3, 60].map((n) => pipeline.call(n)))).toEqual(
      [128, 192, 120].map((n) => ({ out: [n] })),
    );
    await pipeline.stop();
  });

  it.for(['drop-oldest', 'drop-newest'] as const)(
    'may drop under %s, and the loop ends',
    async (overflow) => {
      const pipeline = start({
        nodes: {
          s: upTo(5),
          twice: { run: (n: number) => (n > 50 ? [] : [n + 10, n + 20]), many: true, aggregateInputs: false },
          hold: pass,
          out: pass,
        },
        graph: {
          s: ['twice'],
          twice: ['hold'],
          hold: [{ to: 'twice', feedback: true, queueSize: 1, overflow }, 'out'],
        },
      });
      const outputs = collect(pipeline.outputs('out'));

      const summary = await pipeline.done;
      const back = summary.edges.find(({ from, to }) => `${from} ${to}` === 'hold twice');

      expect(back?.dropped).toBeGreaterThan(0);
      expect(back?.accepted).toBe(Number(back?.taken) + Number(back?.dropped));
      expect((await outputs).length).toBe(summary.nodes.hold?.sent);
      expect(unbalanced(summary)).toEqual([]);
    },
  );

  it('fails its call under error, and the loop goes on', async () => {
    const pipeline = start({
      nodes: {
        n: inlet(),
        twice: { run: (n: number) => (n > 50 ? [] : [n + 10, n + 20]), many: true, aggregateInputs: false },
        hold: pass,
        out: pass,
      },
      graph: {
        n: ['twice'],
        twice: ['hold'],
        hold: [{ to: 'twice', feedback: true, queueSize: 1, overflow: 'error' }, 'out'],
      },
    });

    expect(await rejectionOf(pipeline.call(1))).toMatchObject({
      code: 'OVERFLOW',
      from: 'hold',
      node: 'twice',
    });
    expect(await pipeline.call(100)).toEqual({ out: [] });
    await pipeline.stop();
  });
});

describe('a subgraph', () => {
  const isEven = (n: number): boolean => n % 2 === 0;
  const inner = new Plumber({
    nodes: { x: { inlet: true, fanOut: 'freeze', overflow: 'drop-oldest' }, even: pass, odd: pass, y: pass },
    graph: {
      x: [
        { to: 'even', when: isEven },
        { to: 'odd', when: (n: number) => !isEven(n), overflow: 'drop-newest', queueSize: 3 },
      ],
      even: ['y'],
      odd: ['y'],
    },
    defaults: { aggregateInputs: 'partial' },
  } as never);

  it('keeps the conditions, the overflow and the fanOut of what is in it', () => {
    const { nodes, edges } = planOf({ nodes: { s: upTo(4), g: inner }, graph: { s: ['g'] } });
    const edgeTo = (name: string) => edges.find(({ to }) => nodes[to]?.name === name);

    expect(nodes.find(({ name }) => name === 'g.x')).toMatchObject({ fanOut: 'freeze' });
    expect(edgeTo('g.x')).toMatchObject({ overflow: 'drop-oldest' });
    expect(edgeTo('g.odd')).toMatchObject({ overflow: 'drop-newest', capacity: 3 });
    expect(edgeTo('g.even')?.when).toBeTypeOf('function');
    expect(edgeTo('g.y')).toMatchObject({ overflow: 'block', when: undefined });
  });

  it('takes an overflow for the queues that lead to it, and edges to and from it have conditions', async () => {
    const definition = {
      nodes: { s: upTo(6), g: { run: inner, overflow: 'block' }, t: pass },
      graph: { s: [{ to: 'g', when: (n: number) => n > 2 }], g: [{ to: 't', when: 'isOdd' }] },
    } as const;
    const isOdd = ({ odd }: { odd?: number }): boolean => odd !== undefined;

    const pipeline = start(definition as never, { registry: { isOdd } });
    const outputs = collect(pipeline);

    await pipeline.done;
    expect(await outputs).toEqual([{ odd: 3 }, { odd: 5 }]);
  });
});
