import { inlet } from 'sluice';
import { virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { turns } from '../support/turns.ts';
import { pass, start } from './pipelines.ts';

describe('the counters of a pipeline', () => {
  it('tell what each node did and what became of each edge, as plain JSON', async () => {
    const pipeline = start(
      {
        nodes: {
          s: () => [1, 2, 3],
          odd: (n: number) => (n % 2 ? n : null),
          two: () => [10, 20],
          join: pass,
        },
        graph: { s: ['odd'], odd: ['join'], two: ['join'] },
      },
      { clock: virtualClock() },
    );

    const summary = await pipeline.done;

    expect(JSON.parse(JSON.stringify(summary))).toEqual(summary);
    const idle = {
      received: 0,
      processed: 0,
      skipped: 0,
      failed: 0,
      discarded: 0,
      deadLettered: 0,
      dropped: 0,
      retried: 0,
      inFlight: 0,
      waiting: 0,
      sent: 0,
      unread: 0,
      elapsed: 0,
    };
    expect(summary.nodes).toEqual({
      s: { ...idle, received: 3, processed: 3, sent: 3 },
      odd: { ...idle, received: 3, processed: 2, skipped: 1, sent: 2 },
      two: { ...idle, received: 2, processed: 2, sent: 2 },
      join: { ...idle, received: 2, processed: 1, skipped: 1, sent: 1, unread: 1 },
    });
    const none = { accepted: 0, taken: 0, queued: 0, dropped: 0, unpaired: 0, discarded: 0, passedBy: 0 };
    // How far one ran ahead is up to the scheduler.
    const edge = { ...none, highWater: expect.any(Number) };
    expect(summary.edges.toSorted((a, b) => `${a.from}${a.to}`.localeCompare(`${b.from}${b.to}`))).toEqual([
      { ...edge, from: 'odd', to: 'join', accepted: 2, taken: 1, unpaired: 1 },
      { ...edge, from: 's', to: 'odd', accepted: 3, taken: 3 },
      { ...edge, from: 'two', to: 'join', accepted: 2, taken: 2 },
    ]);
    expect(summary).toMatchObject({ left: 0, stragglers: [] });
  });

  it('tell how long a node was there for, from what came first: at a join the first row, complete or not', async () => {
    const clock = virtualClock();
    const pipeline = start(
      {
        nodes: { n: inlet(), odd: (n: number) => (n % 2 ? n : null), join: pass, idle: inlet() },
        graph: { n: ['odd', 'join'], odd: ['join'] },
      },
      { clock },
    );
    const n = pipeline.inlet('n');
    await clock.advance(10);
    for (const value of [2, 1, 4]) {
      await n.push(value);
      await clock.advance(20);
    }
    n.close();
    await turns(3);
    await clock.advance(5);

    const { nodes } = await pipeline.stop();

    expect(nodes.join).toMatchObject({ received: 3, processed: 1, skipped: 2 });
    const { n: first, odd, join, idle } = nodes;
    expect([first, odd, join, idle].map((node) => node?.elapsed)).toEqual([60, 60, 60, 0]);
  });

  it('can be looked at while it runs', async () => {
    const { opened, open } = gate();
    const pipeline = start({
      nodes: { a: inlet(), slow: { run: () => opened, concurrency: 2, queueSize: 3 } },
      graph: { a: ['slow'] },
    });
    for (let n = 0; n < 4; n++) await pipeline.push(n);
    await turns(5);

    const { nodes, edges, left } = pipeline.metrics();

    expect(nodes.slow).toMatchObject({ received: 2, inFlight: 2 });
    expect(edges).toMatchObject([{ queued: 2 }]);
    // What is under way is not left over: that is what an abort finds.
    expect(left).toBe(0);
    open();
    await pipeline.stop();
    expect(pipeline.metrics()).toMatchObject({ left: 0, nodes: { slow: { received: 4, inFlight: 0 } } });
  });

  it('tell the time from the first message of a node to its end, and from start to end of the whole', async () => {
    const clock = virtualClock();
    await clock.advance(1000);
    const { opened, open } = gate();
    const pipeline = start({ nodes: { a: inlet(), slow: () => opened }, graph: { a: ['slow'] } }, { clock });
    await clock.advance(10);
    await pipeline.push(1);
    await turns(5);
    await clock.advance(20);
    const during = pipeline.metrics().nodes.slow?.elapsed;
    await clock.advance(5);

    open();
    const summary = await pipeline.stop();
    await clock.advance(100);

    expect(during).toBe(20);
    expect(summary.nodes.slow?.elapsed).toBe(25);
    expect(summary.elapsed).toBe(35);
  });
});
