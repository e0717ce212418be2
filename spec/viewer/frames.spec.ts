import fc from 'fast-check';
import { createPipeline, inlet, Plumber, StallError } from 'sluice';
import { atRest } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { partsOf } from '../../lib/pipeline/plumber.ts';
import { type Asked, frameOf, type Moment } from '../../lib/viewer/frames.ts';
import { GraphIndex } from '../../lib/viewer/graph.ts';
import { History, POINTS } from '../../lib/viewer/history.ts';
import { boxStates, count, statesText } from '../../lib/viewer/page/format.ts';
import type { NodeFrame, State } from '../../lib/viewer/protocol.ts';
import { Rates } from '../../lib/viewer/rates.ts';
import { FakePage, stageOf } from './scene.ts';

const graph = new GraphIndex(
  partsOf(
    new Plumber({
      nodes: {
        a: inlet<number>(),
        b: { run: (n: number) => n, aggregateInputs: false },
        c: { run: (n: number) => n, onError: 'dead-letter' },
        letters: () => {},
      },
      graph: {
        a: ['b'],
        b: [{ to: 'c', queueSize: 4 }],
        c: [{ to: 'b', feedback: true, queueSize: Infinity }],
      },
      deadLetter: 'letters',
    }),
  ).plan,
  { isPlumber: true, payloads: false, before: null },
);

function moment(changes: Partial<Moment>): Moment {
  return {
    atMs: 1000,
    pipelines: { running: 2, ended: 1, failed: 0 },
    of: 'all',
    calls: { running: 0, answered: 0, failed: 0, p50Ms: null, p99Ms: null },
    choices: [],
    counted: { nodes: {}, edges: [] },
    speeds: { received: [], failed: [], taken: [] },
    quantiles: [],
    asked: [],
    stall: undefined,
    ...changes,
  };
}

function asked(states: Record<string, 'running' | 'waiting' | 'idle'>, bottleneck?: string): Asked {
  const nodes = Object.entries(states).map(([name, state]) => [
    name,
    { state, running: 0, waiting: 0, waits: [] },
  ]);
  return {
    explanation: {
      nodes: Object.fromEntries(nodes),
      ...(bottleneck !== undefined && { bottleneck: { node: bottleneck, why: `full before ${bottleneck}` } }),
    },
    paused: new Set(states.a === 'idle' ? ['a'] : []),
  };
}

const place = (name: string) => graph.node(name) as number;

describe('the graph that a page is told', () => {
  it('names every node and edge, with what kind it is', () => {
    const { nodes, edges } = graph.told;
    const names = edges.map(({ from, to, kind, queueSize }) => [
      nodes[from]?.name,
      nodes[to]?.name,
      kind,
      queueSize,
    ]);

    expect(nodes.find(({ name }) => name === 'a')).toEqual({ name: 'a', kind: 'inlet', notes: ['inlet'] });
    expect(nodes.find(({ name }) => name === 'b')?.notes).toEqual(['merge']);
    expect(names).toHaveLength(4);
    expect(names).toEqual(
      expect.arrayContaining([
        ['a', 'b', 'plain', 16],
        ['b', 'c', 'plain', 4],
        ['c', 'b', 'feedback', null],
        ['c', 'letters', 'dead-letter', 16],
      ]),
    );
  });
});

describe('what is said of a node', () => {
  it('are the options that tell what it does', () => {
    const { plan } = partsOf(
      new Plumber(
        {
          nodes: {
            n: inlet<number>(),
            many: { run: (n: number) => [n], many: true },
            rows: { run: (ns: number[]) => ns, batch: { size: 10, within: 1, scatter: true } },
            join: { run: ({ n, rows }: { n: number; rows: number }) => n + rows, concurrency: 4, pool: 'p' },
          },
          graph: { n: ['many', 'rows', 'join'], rows: ['join'] },
        },
        { pools: { p: { concurrency: 1 } } },
      ),
    );
    const { nodes } = new GraphIndex(plan, { isPlumber: true, payloads: false, before: null }).told;
    const notes = Object.fromEntries(nodes.map((node) => [node.name, node.notes]));

    expect(notes).toEqual({
      n: ['inlet'],
      many: ['gives many'],
      rows: ['batch of 10'],
      join: ['join', '4 at once', 'in a pool'],
    });
  });
});

describe('a frame', () => {
  it('is plain JSON', () => {
    const frame = frameOf(graph, moment({ asked: [asked({ a: 'running', b: 'waiting', c: 'idle' }, 'c')] }));

    expect(JSON.parse(JSON.stringify(frame))).toEqual(frame);
  });

  it('counts in how many pipelines a node is in which state, a paused one as paused', () => {
    const pipelines = [asked({ a: 'running', b: 'waiting' }), asked({ a: 'idle', b: 'waiting' })];

    const { nodes, asked: count } = frameOf(graph, moment({ asked: pipelines }));

    expect(count).toBe(2);
    expect(nodes[place('a')]?.states).toEqual({ running: 1, paused: 1 });
    expect(nodes[place('b')]?.states).toEqual({ idle: 2 });
    expect(nodes[place('c')]?.states).toEqual({});
  });

  it('tells those that wait for room from those that have nothing to do', () => {
    const wait = (what: 'room' | 'input' | 'loop' | 'batch') =>
      ({ node: 'b', from: 'b', to: 'c', for: what, queued: 4, queueSize: 4 }) as const;
    const one = (what: Parameters<typeof wait>[0]): Asked => ({
      explanation: { nodes: { b: { state: 'waiting', running: 0, waiting: 0, waits: [wait(what)] } } },
      paused: new Set(),
    });

    const { nodes } = frameOf(
      graph,
      moment({ asked: (['room', 'room', 'loop', 'input', 'batch'] as const).map(one) }),
    );

    expect(nodes[place('b')]?.states).toEqual({ blocked: 3, idle: 2 });
  });

  it('names the bottleneck that most pipelines have', () => {
    const pipelines = ['b', 'c', undefined, 'c'].map((name) => asked({}, name));

    const { bottleneck } = frameOf(graph, moment({ asked: pipelines }));

    expect(bottleneck).toEqual({ node: 'c', why: 'full before c', pipelines: 2 });
    expect(frameOf(graph, moment({ asked: [asked({})] })).bottleneck).toBeNull();
  });

  it('says what is queued, against the room in all pipelines that run, or in the one', () => {
    const counted = { nodes: {}, edges: [{ from: 'b', to: 'c', taken: 9, queued: 3 }] };
    const edge = graph.edge('b', 'c') as number;
    const of = { id: 1, state: 'running', error: null } as const;

    const all = frameOf(graph, moment({ counted })).edges[edge];
    const one = frameOf(graph, moment({ counted, of })).edges[edge];

    expect([all?.queued, all?.capacity]).toEqual([3, 8]);
    expect([one?.queued, one?.capacity]).toEqual([3, 4]);
    expect(frameOf(graph, moment({})).edges[graph.edge('c', 'b') as number]?.capacity).toBeNull();
  });

  it('marks the circle of a stall', () => {
    const error = new StallError([
      { node: 'b', from: 'b', to: 'c', for: 'room', queued: 4, queueSize: 4 },
      { node: 'c', from: 'c', to: 'b', for: 'room', queued: 4, queueSize: 4 },
    ]);

    const { stall } = frameOf(graph, moment({ stall: { atMs: 5, pipeline: 3, error } }));

    expect(stall).toEqual({
      ...{ atMs: 5, pipeline: 3, text: error.message },
      nodes: [place('b'), place('c')],
      edges: [graph.edge('b', 'c'), graph.edge('c', 'b')],
    });
  });
});

describe('what is told of many pipelines', () => {
  const plumber = new Plumber({
    nodes: {
      n: inlet<number>(),
      held: { run: (n: number) => new Promise(() => n), queueSize: 1 },
    },
    graph: { n: ['held'] },
  });

  it('is added up, and one can be told of alone', async () => {
    const stage = stageOf(plumber);
    const pipelines = Array.from({ length: 200 }, () => plumber.createPipeline());
    for (const pipeline of pipelines) for (const n of [1, 2, 3]) void pipeline.push(n).catch(() => {});
    await atRest();
    const [all, one] = [new FakePage(), new FakePage()];
    stage.pages.add(all, { run: undefined, node: undefined });
    stage.pages.add(one, { run: stage.scene.followed.running.get(7), node: undefined });
    stage.round();
    for (const pipeline of pipelines) pipeline.abort();
    await Promise.allSettled(pipelines.map(({ done }) => done));
    stage.round();

    const [frame, last] = all.told('frame');
    expect(frame?.pipelines).toEqual({ running: 200, ended: 0, failed: 0 });
    expect(frame?.choices).toHaveLength(200);
    expect(frame?.nodes[1]?.inFlight).toBe(200);
    expect(frame?.edges[0]).toMatchObject({ queued: 200, capacity: 200 });
    expect(frame?.bottleneck).toMatchObject({ node: 'held', pipelines: frame?.asked });
    expect(last?.pipelines).toEqual({ running: 0, ended: 200, failed: 200 });
    const [alone, over] = one.told('frame');
    expect(alone?.of).toEqual({ id: 7, state: 'running', error: null });
    expect(alone?.nodes[1]?.inFlight).toBe(1);
    expect(alone?.edges[0]).toMatchObject({ queued: 1, capacity: 1 });
    expect(over?.of).toMatchObject({
      id: 7,
      state: 'aborted',
      error: expect.stringContaining('the pipeline was aborted'),
    });
  });

  it('asks no more nodes what they do than can be asked in passing', () => {
    const stage = stageOf(plumber);
    const pipelines = Array.from({ length: 1500 }, () => plumber.createPipeline());
    const page = new FakePage();
    stage.pages.add(page, { run: undefined, node: undefined });

    stage.round();

    expect(page.told('frame')[0]?.pipelines.running).toBe(1500);
    expect(page.told('frame')[0]?.asked).toBe(1000);
    for (const pipeline of pipelines) pipeline.abort();
    return Promise.allSettled(pipelines.map(({ done }) => done));
  });

  it('pauses an inlet in all of them, and in those to come', async () => {
    const stage = stageOf(plumber);
    const taken = (pipelines: readonly (typeof early)[]) =>
      pipelines.map((pipeline) => pipeline.metrics().nodes.n?.received);
    const early = plumber.createPipeline();
    await atRest();

    stage.pauses.ask({ node: 'n', paused: true });
    const late = plumber.createPipeline();
    await atRest();
    for (const pipeline of [early, late]) void pipeline.push(1).catch(() => {});
    await atRest();
    const paused = taken([early, late]);
    stage.pauses.resumeAll();
    await atRest();

    expect(paused).toEqual([0, 0]);
    expect(taken([early, late])).toEqual([1, 1]);
    for (const pipeline of [early, late]) pipeline.abort();
    await Promise.allSettled([early.done, late.done]);
  });
});

describe('an inlet that is paused everywhere', () => {
  it('holds the call of a pipeline that comes in the tick that made it', async () => {
    const plumber = new Plumber({
      nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
      graph: { n: ['double'] },
    });
    const stage = stageOf(plumber);
    stage.pauses.ask({ node: 'n', paused: true });
    const pipelines = [1, 2, 3].map((n) => {
      const pipeline = plumber.createPipeline();
      return { pipeline, answer: pipeline.call(n) };
    });
    await atRest();
    const taken = pipelines.map(({ pipeline }) => pipeline.metrics().nodes.n?.received);
    stage.pauses.ask({ node: 'n', paused: false });
    const answers = await Promise.all(pipelines.map(({ answer }) => answer));

    expect(taken).toEqual([0, 0, 0]);
    expect(answers).toEqual([{ double: [2] }, { double: [4] }, { double: [6] }]);
    await Promise.all(pipelines.map(({ pipeline }) => pipeline.stop()));
  });
});

describe('what is told of a node that is open', () => {
  it('is its counters, its waits, its last minutes and some of its messages, without their payloads', async () => {
    const { pipeline, stage, page, node } = open(false);
    stage.round();
    for (const n of [1, 2, 3]) await pipeline.push(n);
    await atRest();
    for (let round = 0; round < 10; round++) stage.round();

    const last = page.told('detail').at(-1);

    expect(last?.node).toBe(node);
    expect(Object.fromEntries(last?.counters ?? [])).toMatchObject({ received: 3, sent: 3, failed: 0 });
    expect(last?.waits).toEqual(['twice waits: n -> twice is empty']);
    expect(last?.history.atMs.length).toBeGreaterThan(1);
    expect(last?.messages.map(({ roots, pipeline: id }) => [roots, id])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
    expect(JSON.stringify(page.texts)).not.toContain('payload"');
  });

  it('has payloads if they are asked for, shortened', async () => {
    const { pipeline, stage, page } = open(true);
    stage.round();
    await pipeline.push('x'.repeat(10_000));
    await atRest();
    stage.round();

    const [message] = page.told('detail').at(-1)?.messages ?? [];

    expect(message?.payload).toMatch(/^\[ 'xx+/);
    expect(message?.payload?.length).toBeLessThan(400);
  });

  it('has the last messages, and no more than a page can show', async () => {
    const { pipeline, stage, page } = open(true);
    for (let round = 0; round < 10; round++) {
      stage.round();
      for (let n = 0; n < 5; n++) await pipeline.push(5 * round + n);
      await atRest();
    }
    stage.round();

    const payloads = page
      .told('detail')
      .at(-1)
      ?.messages.map(({ payload }) => payload);

    expect(payloads).toEqual(Array.from({ length: 20 }, (_, age) => `[ ${49 - age}, ${49 - age} ]`));
  });

  it('is listened for no longer than it takes to hear a few', async () => {
    const { pipeline, stage, page } = open(false);
    stage.round();
    for (let n = 0; n < 50; n++) await pipeline.push(n);
    await atRest();
    stage.round();

    expect(page.told('detail').at(-1)?.messages).toHaveLength(5);
  });

  function open(payloads: boolean) {
    const pipeline = createPipeline({
      nodes: { n: inlet<unknown>(), twice: (n: unknown) => [n, n], end: () => {} },
      graph: { n: ['twice'], twice: ['end'] },
    });
    const stage = stageOf(pipeline, payloads);
    const page = new FakePage();
    const node = stage.scene.graph.node('twice') as number;
    stage.pages.add(page, { run: stage.scene.only, node });
    return { pipeline, stage, page, node };
  }
});

describe('the states of a node in many pipelines', () => {
  const states = fc.dictionary(
    fc.constantFrom<State>('running', 'blocked', 'paused', 'idle', 'ended'),
    fc.integer({ min: 1, max: 2_000_000 }),
  );
  const node = (some: Partial<Record<State, number>>) => ({ states: some }) as NodeFrame;

  it('are said in words that fit into a box, none of them cut', () => {
    fc.assert(
      fc.property(states, (some) => {
        const text = boxStates(node(some));

        expect(text.length).toBeLessThanOrEqual(29);
        expect(text).toMatch(/^(no pipeline|[a-z]+|[\d.kM]+ [a-z]+(, [\d.kM]+ [a-z ]+)?)$/);
      }),
    );
  });

  it('are all said where there is room', () => {
    expect(statesText(node({ blocked: 3, running: 117, idle: 183 }))).toBe(
      '117 running, 3 blocked, 183 idle',
    );
    expect(boxStates(node({ blocked: 3, running: 117, idle: 183 }))).toBe('183 idle, 120 others');
    expect(boxStates(node({ idle: 183, running: 117 }))).toBe('117 running, 183 idle');
    expect(boxStates(node({ running: 1 }))).toBe('running');
  });
});

describe('a count', () => {
  it.each([
    [0, '0'],
    [1016, '1,016'],
    [99_999, '99,999'],
    [100_000, '100k'],
  ])('%d is said as %s', (value, text) => {
    expect(count(value)).toBe(text);
  });
});

describe('rates', () => {
  it('are those of the last two seconds', () => {
    const rates = new Rates();
    const at = (ms: number, count: number) => rates.next(ms, [count])[0];

    expect(at(0, 100)).toBe(0);
    expect(at(500, 150)).toBe(100);
    for (const ms of [1000, 1500, 2000, 2500]) at(ms, 150);
    expect(at(3000, 150)).toBe(0);
  });

  it('forget what was long ago: nobody looked in between', () => {
    const rates = new Rates();
    rates.next(0, [0]);
    rates.next(400, [10]);

    expect(rates.next(100_000, [5000])).toEqual([0]);
    expect(rates.isWarm).toBe(false);
    expect(rates.next(101_000, [5010])).toEqual([10]);
  });

  it('are never below 0, and never without end', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3000), fc.nat(1000)), { maxLength: 50 }), (steps) => {
        const rates = new Rates();
        let now = 0;
        for (const [ms, count] of steps) {
          now += ms;
          for (const rate of rates.next(now, [count])) {
            expect(rate).toBeGreaterThanOrEqual(0);
            expect(Number.isFinite(rate)).toBe(true);
          }
        }
      }),
    );
  });
});

describe('the last minutes', () => {
  it('are the last points, the oldest first, however many there were', () => {
    fc.assert(
      fc.property(fc.nat(3 * POINTS), (count) => {
        const history = new History(1);
        for (let at = 1; at <= count; at++) {
          history.note(at, [{ perSecond: at, failedPerSecond: 0, p50Ms: null, p99Ms: at }]);
        }
        const { atMs, perSecond, p50Ms, p99Ms } = history.of(0);
        const expected = Array.from(
          { length: Math.min(count, POINTS) },
          (_, age) => Math.max(0, count - POINTS) + age + 1,
        );

        expect(atMs).toEqual(expected);
        expect(perSecond).toEqual(expected);
        expect(p99Ms).toEqual(expected);
        expect(p50Ms).toEqual(expected.map(() => null));
      }),
      { numRuns: 20 },
    );
  });
});
