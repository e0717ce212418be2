import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline as connect } from 'node:stream/promises';
import { ReadableStream } from 'node:stream/web';
import { createPipeline, inlet } from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';
import { turns } from '../support/turns.ts';

const counting = (items: number) =>
  createPipeline({
    nodes: {
      source: () => Array(items).keys(),
      even: (n: number) => (n % 2 === 0 ? n : null),
      odd: (n: number) => (n % 2 === 1 ? n : null),
    },
    graph: { source: ['even', 'odd'], even: null, odd: null },
  });

describe('what sinks return', () => {
  it('is read of all sinks in the order in which it was sent, and of one sink alone', async () => {
    await withoutLeaks(async () => {
      const pipeline = counting(6);
      const sent: unknown[] = [];
      pipeline.on('message', ({ node, message }) => {
        if (node !== 'source') sent.push(message.payload);
      });

      const [all, even, messages] = await Promise.all([
        collect(pipeline),
        collect(pipeline.outputs('even')),
        collect(pipeline.messages('odd')),
      ]);

      expect(all).toEqual(sent);
      expect(all.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
      expect(even).toEqual([0, 2, 4]);
      expect(messages).toEqual([1, 3, 5].map((payload) => expect.objectContaining({ node: 'odd', payload })));
    });
  });

  it('reaches every reader, and the slowest holds the sink back by no more than its queue', async () => {
    await withoutLeaks(async () => {
      let asked = 0;
      const pipeline = createPipeline({
        nodes: {
          *source() {
            for (; asked < 100; asked++) yield asked;
          },
          sink: { run: (n: number) => n, queueSize: 4 },
        },
        graph: { source: ['sink'], sink: null },
      });
      const [fast, slow] = [pipeline.outputs('sink'), pipeline.outputs('sink')];

      const reading = collect(fast);
      await slow.next();
      await turns(10);
      const askedUntilHeld = asked;
      const rest = await collect(slow);

      // Read, in the reader's queue, at its door and in the sink's own queue and at that door.
      expect(askedUntilHeld).toBeLessThanOrEqual(1 + 4 + 1 + 4 + 1);
      expect(rest).toEqual(Array.from({ length: 99 }, (_, i) => i + 1));
      expect(await reading).toHaveLength(100);
    });
  });

  it('is dropped and counted where nobody reads it', async () => {
    await withoutLeaks(async () => {
      const { nodes } = await counting(10).done;

      expect(nodes).toMatchObject({ even: { sent: 5, unread: 5 }, odd: { sent: 5, unread: 5 } });
    });
  });

  it('is missed by nobody who attaches a reader in the tick of the start, nor read twice after the end', async () => {
    await withoutLeaks(async () => {
      const pipeline = counting(4);
      const reader = pipeline.outputs('even');

      await pipeline.done;
      const read = await collect(reader);
      const late = await collect(pipeline.outputs('even'));

      expect({ read, late }).toEqual({ read: [0, 2], late: [] });
    });
  });

  it('goes on to others when one reader leaves its loop, and the pipeline runs to its end', async () => {
    await withoutLeaks(async () => {
      const pipeline = counting(100);
      const staying = collect(pipeline.outputs('odd'));

      for await (const value of pipeline.outputs('even')) if (value === 4) break;
      const { nodes } = await pipeline.done;

      expect(await staying).toHaveLength(50);
      expect(nodes.even?.sent).toBe(50);
    });
  });

  it('stops when the loop over the pipeline itself is left', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: {
          *source() {
            for (let n = 0; ; n++) yield n;
          },
          sink: (n: number) => n,
        },
        graph: { source: ['sink'], sink: null },
      });
      const read: unknown[] = [];

      for await (const value of pipeline) if (read.push(value) === 3) break;
      const { left } = await pipeline.done;

      expect({ read, left }).toEqual({ read: [0, 1, 2], left: 0 });
    });
  });

  it('tells where it comes from', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), a: (n: number) => n, b: (n: number) => n, join: (row: object) => row },
        graph: { n: ['a', 'b'], a: ['join'], b: ['join'], join: null },
      });
      const sent = new Map<string, string>();
      pipeline.on('message', ({ node, message }) => sent.set(node, message.id));
      const reader = pipeline.messages('join');

      void pipeline.push(1);
      pipeline.close();
      const [message] = await collect(reader);

      expect(message).toMatchObject({
        payload: { a: 1, b: 1 },
        roots: [sent.get('n')],
        parents: [sent.get('a'), sent.get('b')],
      });
      expect(message?.id).toBe(sent.get('join'));
    });
  });
});

describe('a stream of the platform', () => {
  const words = () =>
    createPipeline({
      nodes: { word: () => ['to', 'and', 'fro'], line: (word: string) => `${word}\n` },
      graph: { word: ['line'], line: null },
    });

  it('is made of outputs by Readable.from', async () => {
    await withoutLeaks(async () => {
      const lines = await text(Readable.from(words().outputs('line')));

      expect(lines).toBe('to\nand\nfro\n');
    });
  });

  it('is made of outputs by ReadableStream.from', async () => {
    await withoutLeaks(async () => {
      const stream: ReadableStream<unknown> = ReadableStream.from(words().outputs('line'));

      expect(await collect(stream)).toEqual(['to\n', 'and\n', 'fro\n']);
    });
  });

  it('takes outputs at its own pace through the pipeline of node:stream', async () => {
    await withoutLeaks(async () => {
      const written: string[] = [];

      await connect(words(), async (lines: AsyncIterable<string>) => {
        for await (const line of lines) written.push(line);
      });

      expect(written).toEqual(['to\n', 'and\n', 'fro\n']);
    });
  });

  it('that is cancelled detaches, and one that is made of the whole pipeline stops it', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: {
          *source() {
            for (let n = 0; ; n++) yield n;
          },
          sink: (n: number) => n,
        },
        graph: { source: ['sink'], sink: null },
      });

      const stream = Readable.from(pipeline);
      for await (const value of stream) if (value === 5) break;
      const { left } = await pipeline.done;

      expect({ left, destroyed: stream.destroyed }).toEqual({ left: 0, destroyed: true });
    });
  });

  it('fails with the failure of the pipeline', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline({
        nodes: {
          source: () => [1, 2],
          sink: (n: number) => {
            if (n === 2) throw new Error('two');
            return n;
          },
        },
        graph: { source: ['sink'], sink: null },
      });

      const reason = await rejectionOf(collect(Readable.from(pipeline.outputs('sink'))));

      expect(reason).toMatchObject({ code: 'PROCESSOR', node: 'sink' });
    });
  });
});

async function collect<T>(values: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = [];
  for await (const value of values) collected.push(value);
  return collected;
}
