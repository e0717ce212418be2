import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createPipeline, inlet } from 'sluice';
import { describe, expect, it } from 'vitest';
import { turn, turns } from '../support/turns.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const megabyte = 1024 * 1024;
const items = 1_000_000;

describe('the heap', () => {
  // One turn of the event loop costs about a hundred times what a generator needs for an item.
  it('grows by less than 8 MB while a million items run into a sink a hundred times slower than their source', async () => {
    const heap = watchHeap();
    let asked = 0;
    let most = 0;
    let received = 0;
    const pipeline = createPipeline({
      nodes: {
        *source() {
          for (; asked < items; asked++) yield { n: asked };
        },
        step: async (item: { n: number }) => ({ n: item.n }),
        sink: async () => {
          most = Math.max(most, asked - received++);
          if (received % (items / 10) === 0) heap.look();
          await turn();
        },
      },
      graph: { source: ['step'], step: ['sink'], sink: null },
    });

    await pipeline.done;

    expect(received).toBe(items);
    expect(heap.growth()).toBeLessThan(8 * megabyte);
    // Two queues of 16, and what the nodes have in hand.
    expect(most).toBeLessThanOrEqual(40);
  });

  it('grows by less than 8 MB while a caller calls two hundred thousand times', async () => {
    const heap = watchHeap();
    const pipeline = createPipeline({
      nodes: { n: inlet<number>(), twice: async (n: number) => ({ n: n * 2 }), sink: (row: object) => row },
      graph: { n: ['twice'], twice: ['sink'], sink: null },
    });

    for (let n = 0; n < items / 5; n++) {
      await pipeline.call(n);
      if (n % (items / 25) === 0) heap.look();
    }
    await pipeline.stop();

    expect(heap.growth()).toBeLessThan(8 * megabyte);
  });

  it('grows by less than 8 MB over a hundred thousand holes before a join whose other branch is slow', async () => {
    const heap = watchHeap();
    let skipped = 0;
    const pipeline = createPipeline({
      nodes: {
        source: () => Array(items / 10).keys(),
        none: () => {
          if (++skipped % (items / 50) === 0) heap.look();
          return null;
        },
        slow: async (n: number) => {
          await turn();
          return { n };
        },
        join: (row: object) => row,
      },
      graph: { source: ['none', 'slow'], none: ['join'], slow: ['join'], join: null },
    });

    await pipeline.done;

    expect(heap.growth()).toBeLessThan(8 * megabyte);
  });

  it('holds no message whose call was tried again, or waited for its pool, once it is answered', async () => {
    const tried = new WeakSet<object>();
    const run = async (value: object): Promise<object> => {
      await turn();
      if (tried.has(value)) return value;
      tried.add(value);
      throw new Error('once');
    };
    const pipeline = createPipeline(
      {
        nodes: {
          n: inlet<object>(),
          f: { run, retry: { attempts: 2, delay: 0 }, pool: 'p', concurrency: 2 },
        },
        graph: { n: ['f'], f: null },
      },
      { pools: { p: { concurrency: 1 } } },
    );
    const call = async (): Promise<WeakRef<object>> => {
      const value = {};
      await pipeline.call(value);
      return new WeakRef(value);
    };
    const answered: WeakRef<object>[] = [];
    for (let i = 0; i < 20; i++) answered.push(...(await Promise.all([call(), call()])));

    await turns(3);
    collectGarbage();

    // What is still in the hands of this function or of the node is not counted.
    const held = answered.slice(0, -4).filter((reference) => reference.deref() !== undefined);
    expect(held).toEqual([]);
    await pipeline.stop();
  });

  it.each(['done', 'stop', 'abort', 'failure'])(
    'holds nothing of a pipeline that has ended by %s',
    async (how) => {
      const ended: WeakRef<object>[] = [];
      const outer = new AbortController();
      for (let i = 0; i < 50; i++) ended.push(await runOne(how, outer.signal));

      await turns(3);
      collectGarbage();
      await turns(3);
      collectGarbage();

      expect(ended.filter((reference) => reference.deref() !== undefined)).toEqual([]);
    },
  );
});

async function runOne(how: string, signal: AbortSignal): Promise<WeakRef<object>> {
  const pipeline = createPipeline(
    {
      nodes: {
        n: inlet<number>(),
        slow: async (n: number) => {
          await turn();
          if (how === 'failure') throw new Error('broken');
          return n;
        },
      },
      graph: { n: ['slow'], slow: null },
    },
    { signal },
  );
  void pipeline.push(1);
  await turn();
  if (how === 'abort') pipeline.abort();
  else if (how === 'stop') void pipeline.stop();
  else pipeline.close();
  await pipeline.done.catch(() => {});
  return new WeakRef(pipeline);
}

/** The heap without garbage, seen from time to time. */
function watchHeap(): { look(): void; growth(): number } {
  const used = (): number => {
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  let most = 0;
  const before = used();
  const look = (): void => {
    most = Math.max(most, used() - before);
  };
  return {
    look,
    growth() {
      look();
      return most;
    },
  };
}
