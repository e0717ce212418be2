import type { Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { createPipeline, type Definition, inlet, type Pipeline, Plumber } from 'sluice';
import { atRest } from 'sluice/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { listen } from '../../lib/viewer/http.ts';
import { MOST_PAGES } from '../../lib/viewer/pages.ts';
import { readSelection } from '../../lib/viewer/requests.ts';
import { PATIENCE } from '../../lib/viewer/stream.ts';
import { ask } from './http.ts';
import { FakePage, type Stage, stageOf } from './scene.ts';

const ALL = { run: undefined, node: undefined };

function words(): { stage: Stage; push: (word: string) => Promise<void> } {
  const pipeline = createPipeline({
    nodes: { word: inlet<string>(), upper: (word: string) => word.toUpperCase() },
    graph: { word: ['upper'] },
  });
  return { stage: stageOf(pipeline), push: (word) => pipeline.push(word) };
}

describe('what pages are told', () => {
  it('is the graph at once, then how things stand, round by round', async () => {
    const { stage, push } = words();
    const page = new FakePage();

    stage.pages.add(page, ALL);
    stage.round();
    await push('one');
    await atRest();
    stage.round();

    expect(page.told('graph').map(({ nodes }) => nodes.map(({ name }) => name))).toEqual([['word', 'upper']]);
    expect(page.told('frame').map(({ nodes }) => nodes.map(({ received }) => received))).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  it('is measured while a page is open, and not before or after', () => {
    const { stage } = words();
    const page = new FakePage();

    expect(stage.round()).toBeUndefined();
    const leave = stage.pages.add(page, ALL);
    stage.round();
    leave();

    expect(stage.round()).toBeUndefined();
    expect(stage.snapshots).toBe(1);
  });

  it('is made once for all pages that look at the same', () => {
    const { stage } = words();
    const pages = Array.from({ length: 5 }, () => new FakePage());

    for (const page of pages) stage.pages.add(page, ALL);
    for (let round = 0; round < 10; round++) stage.round();

    expect(stage.snapshots).toBe(10);
    for (const page of pages) expect(page.told('frame')).toHaveLength(10);
  });

  it('comes about twice a second, and less often where a round is expensive', () => {
    const { stage } = words();
    stage.pages.add(new FakePage(), ALL);

    stage.round();
    const cheap = stage.round();
    stage.cost = 200;
    stage.round();
    const expensive = stage.round();

    expect(cheap).toBe(400);
    // No more than a twentieth of the time.
    expect(expensive).toBe(4000);
  });

  it('tells a problem once to each page', async () => {
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        picky: {
          run: (n: number) => {
            if (n < 0) throw new Error(`no ${n}`);
          },
          onError: 'skip',
        },
      },
      graph: { n: ['picky'] },
    });
    const stage = stageOf(pipeline);
    const [early, late] = [new FakePage(), new FakePage()];
    const texts = (page: FakePage) => page.told('problems').map(({ list }) => list.map(({ text }) => text));

    stage.pages.add(early, ALL);
    stage.round();
    await pipeline.push(-1);
    await atRest();
    stage.round();
    stage.round();
    await pipeline.push(-2);
    await atRest();
    stage.pages.add(late, ALL);
    stage.round();

    const [one, two] = ['node picky: run failed: no -1', 'node picky: run failed: no -2'];
    expect(texts(early)).toEqual([[], [one], [two]]);
    expect(texts(late)).toEqual([[two, one]]);
  });
});

describe('what a page asks for and is not there', () => {
  it('is told, and everything else is, too', () => {
    const { stage } = words();
    const page = new FakePage();

    stage.pages.add(page, readSelection('node=nosuch&pipeline=x', stage.scene));
    stage.round();

    expect(page.told('gone')).toEqual([{ node: 'nosuch', pipeline: { asked: 'x', one: null } }]);
    expect(page.told('frame')[0]?.of).toMatchObject({ id: 1, state: 'running' });
    expect(page.told('detail')).toEqual([]);
  });

  it('is not told of what is there', () => {
    const { stage } = words();
    const page = new FakePage();

    stage.pages.add(page, readSelection('node=upper', stage.scene));
    stage.round();

    expect(page.told('gone')).toEqual([]);
    expect(page.told('detail')).toHaveLength(1);
  });

  const plumber = new Plumber({
    nodes: { n: inlet<number>(), end: (n: number) => n },
    graph: { n: ['end'] },
  });

  it('is a pipeline that is over: how it ended is told', async () => {
    const stage = stageOf(plumber);
    const failing = plumber.createPipeline();
    failing.abort(new Error('enough'));
    await failing.done.catch(() => {});
    await plumber.createPipeline().stop();

    const found = (id: number) => readSelection(`pipeline=${id}`, stage.scene);

    expect(found(1).run).toBeUndefined();
    expect(found(1).gone?.pipeline?.one).toMatchObject({ id: 1, state: 'aborted' });
    expect(found(2).gone?.pipeline?.one).toEqual({ id: 2, state: 'ended', error: null });
    expect(found(3).gone?.pipeline).toEqual({ asked: '3', one: null });
  });

  it('is no pipeline that could be chosen before it ended: its last state is kept', async () => {
    const stage = stageOf(plumber);
    const pipelines = Array.from({ length: 60 }, () => plumber.createPipeline());
    const page = new FakePage();
    stage.pages.add(page, readSelection('', stage.scene));
    stage.round();
    for (const pipeline of pipelines) {
      await pipeline.call(1);
      await pipeline.stop();
    }

    const late = new FakePage();
    const selection = readSelection('pipeline=60', stage.scene);
    stage.pages.add(late, selection);
    stage.round();

    expect(selection.gone).toBeUndefined();
    expect(late.told('frame')[0]?.of).toEqual({ id: 60, state: 'ended', error: null });
    expect(late.told('frame')[0]?.nodes.map(({ received }) => received)).toEqual([1, 1]);
    // No more than so many are.
    expect(readSelection('pipeline=10', stage.scene)).toMatchObject({
      run: undefined,
      gone: { pipeline: { one: { id: 10, state: 'ended' } } },
    });
    expect(readSelection('pipeline=11', stage.scene).run).toBeDefined();
  });
});

describe('the calls of a frame', () => {
  it('are those of all pipelines, with the times of those that were answered', async () => {
    const pipeline = createPipeline({
      nodes: {
        n: inlet<number>(),
        picky: (n: number) => {
          if (n === 0) throw new Error('nothing');
        },
      },
      graph: { n: ['picky'] },
    });
    const stage = stageOf(pipeline);
    const page = new FakePage();
    stage.pages.add(page, ALL);
    stage.round();
    await Promise.allSettled([0, 1, 2].map((n) => pipeline.call(n)));
    stage.round();

    const [before, after] = page.told('frame').map(({ calls }) => calls);

    expect(before).toEqual({ running: 0, answered: 0, failed: 0, p50Ms: null, p99Ms: null });
    expect(after).toMatchObject({ answered: 2, failed: 1 });
    expect(after?.p50Ms).toBeGreaterThanOrEqual(0);
    expect(after?.p99Ms).toBeGreaterThanOrEqual(after?.p50Ms ?? 1);
    await pipeline.stop();
  });
});

describe('a page that stops reading', () => {
  it('is told nothing until it reads again, and then the newest', async () => {
    const { stage, push } = words();
    const [stuck, reading] = [new FakePage(), new FakePage()];
    stage.pages.add(stuck, ALL);
    stage.pages.add(reading, ALL);
    stage.round();
    stuck.isStuck = true;
    stage.round();
    const told = stuck.texts.length;

    for (let round = 0; round < 20; round++) {
      await push('word');
      await atRest();
      stage.round();
    }

    expect(stuck.texts).toHaveLength(told);
    expect(reading.told('frame')).toHaveLength(22);
    stuck.isStuck = false;
    stuck.writableNeedDrain = false;
    stage.round();
    expect(stuck.told('frame')).toHaveLength(3);
    expect(stuck.told('frame').at(-1)?.nodes[0]?.received).toBe(20);
  });

  it('has nothing measured for it', () => {
    const { stage } = words();
    const stuck = new FakePage();
    stage.pages.add(stuck, ALL);
    stuck.isStuck = true;
    stage.round();

    for (let round = 0; round < 20; round++) stage.round();

    expect(stage.snapshots).toBe(1);
  });

  it('is given up after a while, and not before', () => {
    const { stage } = words();
    const stuck = new FakePage();
    stage.pages.add(stuck, ALL);
    stuck.isStuck = true;
    stage.round();

    for (let round = 0; round < PATIENCE; round++) stage.round();
    const before = stuck.isGone;
    stage.round();

    expect([before, stuck.isGone]).toEqual([false, true]);
  });
});

describe('a page that is slow', () => {
  it('is not given up, as long as it reads now and then', () => {
    const { stage } = words();
    const slow = new FakePage();
    stage.pages.add(slow, ALL);
    for (let turns = 0; turns < 4; turns++) {
      slow.isStuck = true;
      stage.round();
      for (let round = 0; round < PATIENCE; round++) stage.round();
      slow.isStuck = false;
      slow.writableNeedDrain = false;
      stage.round();
    }

    expect(slow.isGone).toBe(false);
    expect(slow.told('frame')).toHaveLength(8);
  });
});

describe('a client of the server', () => {
  const open: { server: Server; stage: Stage; clients: Socket[] }[] = [];
  afterEach(async () => {
    for (const { server, stage, clients } of open.splice(0)) {
      stage.pages.close();
      for (const client of clients) client.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  async function serve(stage: Stage): Promise<{ port: number; server: Server; clients: Socket[] }> {
    const { scene, pages, pauses } = stage;
    const served = { assets: new Map(), scene, pages, pauses };
    const { server, port } = await listen({ port: 0, host: '127.0.0.1', token: undefined }, served);
    const clients: Socket[] = [];
    open.push({ server, stage, clients });
    return { port, server, clients };
  }

  function join(port: number, clients: Socket[]): Socket {
    const client = connect(port, '127.0.0.1');
    clients.push(client);
    client.on('error', () => {});
    client.write(`GET /events HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    return client;
  }

  it('that never reads has no more kept for it than one round, and is let go', async () => {
    const stage = stageOf(wide(300));
    const { port, server, clients } = await serve(stage);
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
    join(port, clients).pause();
    const socket = await accepted;
    while (stage.pages.count === 0) await turn();
    stage.round();
    const oneRound = socket.bytesWritten;

    let most = 0;
    let rounds = 0;
    for (; stage.pages.count > 0 && rounds < 5000; rounds++) {
      stage.round();
      await turn();
      most = Math.max(most, socket.writableLength);
    }

    expect(rounds).toBeGreaterThan(PATIENCE);
    expect(rounds).toBeLessThan(5000);
    // Its system and ours have taken some; what this process keeps is what they have not.
    expect(oneRound).toBeGreaterThan(20_000);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThan(2 * oneRound);
    expect(stage.snapshots).toBeLessThanOrEqual(rounds + 1 - PATIENCE);
  });

  it('that goes away is forgotten', async () => {
    const { stage } = words();
    const { port, clients } = await serve(stage);
    const client = join(port, clients);
    while (stage.pages.count === 0) await turn();

    client.destroy();
    while (stage.pages.count > 0) await turn();

    expect(stage.round()).toBeUndefined();
  });

  it('is told to come back later if too many are there', async () => {
    const { stage } = words();
    const { port, clients } = await serve(stage);
    for (let page = 0; page < MOST_PAGES; page++) join(port, clients);
    while (stage.pages.count < MOST_PAGES) await turn();

    const { status, headers } = await ask(`http://127.0.0.1:${port}`, { path: '/events' });

    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(stage.pages.count).toBe(MOST_PAGES);
  });
});

/** A graph of which a round is large. */
function wide(nodes: number): Pipeline {
  const names = Array.from({ length: nodes - 1 }, (_, place) => `worker-number-${place}`);
  const definition: Definition = {
    nodes: { n: inlet(), ...Object.fromEntries(names.map((name) => [name, () => undefined])) },
    graph: { n: names },
  };
  return createPipeline(definition);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
