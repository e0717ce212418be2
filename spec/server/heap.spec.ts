import { once } from 'node:events';
import autocannon from 'autocannon';
import { beforeAll, describe, expect, it } from 'vitest';
import { assertBuilt } from '../house/repo.ts';
import { type Started, start } from './started.ts';

/** A few here, 100 000 with `npm run heap`: one half with a pipeline each, one with a shared pipeline. */
const requests = Number(process.env.HEAP_REQUESTS);
const megabyte = 1024 * 1024;

describe('the heap of a server', () => {
  beforeAll(assertBuilt);

  it(`is flat over ${requests} requests`, async () => {
    await using started = await start('spec/load/server.ts', {}, '--expose-gc');
    const heaps: number[] = [];

    for (let part = 0; part < 5; part++) {
      const {
        non2xx,
        errors,
        requests: sent,
      } = await autocannon({
        url: started.base,
        requests: [{ path: '/quotes' }, { path: '/shared/quotes' }],
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ customer: 7, items: ['tea', 'milk'] }),
        connections: 50,
        amount: requests / 5,
      });
      expect([non2xx, errors, sent.total]).toEqual([0, 0, requests / 5]);
      heaps.push(await heapOf(started));
    }

    // The first part warms up: what is compiled, and the pools of sockets and buffers.
    const [, first = 0, ...later] = heaps;
    expect(Math.max(...later) - first).toBeLessThan(1.5 * megabyte);
  });
});

async function heapOf({ child }: Started): Promise<number> {
  child.send('look');
  const [{ heap }] = await once(child, 'message');
  return heap;
}
