import { Readable } from 'node:stream';
import { ReadableStream } from 'node:stream/web';
import { createPipeline, inlet } from 'sluice';
import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { gate } from '../support/gate.ts';
import { rejectionOf } from '../support/rejection.ts';
import { turn, turns } from '../support/turns.ts';
import { unhandledDuring } from '../support/unhandled.ts';
import { unlessIdle } from '../support/watchdog.ts';

const letters = ['a', 'b', 'c'];
const upper = {
  nodes: { letter: inlet<string>(), upper: (letter: string) => letter.toUpperCase() },
  graph: { letter: ['upper'], upper: null },
} as const;

async function* slowly(items: Iterable<string>): AsyncGenerator<string> {
  for (const item of items) {
    await turn();
    yield item;
  }
}

const inputs: Record<string, () => Iterable<string> | AsyncIterable<string> | ReadableStream<string>> = {
  'an array': () => letters,
  'a generator': () => letters.values(),
  'an async generator': () => slowly(letters),
  'a Node Readable': () => Readable.from(slowly(letters)),
  'a web ReadableStream': () => ReadableStream.from(slowly(letters)),
};

describe('an inlet that is fed from inputs', () => {
  it.each(Object.keys(inputs))('takes all there is in %s, in order, and closes at its end', async (what) => {
    await withoutLeaks(async () => {
      const input = inputs[what]?.() ?? [];
      const pipeline = createPipeline(upper, { inputs: { letter: input } });

      const outputs: string[] = [];
      for await (const value of pipeline) outputs.push(value);
      const { nodes } = await pipeline.done;

      expect(outputs).toEqual(['A', 'B', 'C']);
      expect(nodes.letter).toMatchObject({ received: 3, sent: 3 });
    });
  });

  it('refuses what is pushed into it, which would come between', async () => {
    await withoutLeaks(async () => {
      const pipeline = createPipeline(upper, { inputs: { letter: letters } });

      const reasons = await Promise.all([pipeline.push('d'), pipeline.call('e')].map(rejectionOf));
      await pipeline.done;

      expect(reasons).toEqual([0, 1].map(() => expect.objectContaining({ code: 'STOPPED' })));
    });
  });

  it('fails the pipeline if it fails', async () => {
    await withoutLeaks(async () => {
      const broken = (async function* () {
        yield 'a';
        throw new Error('broken pipe');
      })();
      const pipeline = createPipeline(upper, { inputs: { letter: broken } });

      const reason = await rejectionOf(pipeline.done);

      expect(reason).toMatchObject({ code: 'PROCESSOR', node: 'letter', cause: { message: 'broken pipe' } });
    });
  });

  it('asks a stream for no more than there is room for', async () => {
    await withoutLeaks(async () => {
      let asked = 0;
      const endless = (function* () {
        for (;;) yield String(asked++);
      })();
      const { opened, open } = gate();
      const pipeline = createPipeline(
        {
          nodes: { letter: inlet<string>(), slow: { run: () => opened, queueSize: 2 } },
          graph: { letter: ['slow'], slow: null },
        },
        { inputs: { letter: endless } },
      );

      await turns(10);
      const askedUntilFull = asked;
      open();
      await pipeline.stop();

      // One in the function's hands, two queued, one at the door.
      expect(askedUntilFull).toBe(4);
    });
  });

  describe.each(['aborted', 'stopped', 'left', 'failed'])('when the pipeline is %s', (how) => {
    async function endWith(readable: Readable | ReadableStream<string>): Promise<void> {
      const fail = (): never => {
        throw new Error('broken');
      };
      const pipeline = createPipeline(
        {
          nodes: { letter: inlet<string>(), sink: how === 'failed' ? fail : (letter: string) => letter },
          graph: { letter: ['sink'], sink: null },
        },
        { inputs: { letter: readable } },
      );
      const ended = pipeline.done.catch(() => {});
      if (how === 'left') for await (const _ of pipeline) break;
      else await turns(5);
      if (how === 'aborted') pipeline.abort();
      if (how === 'stopped') await pipeline.stop();
      await ended;
    }

    function* endless(): Generator<string> {
      for (;;) yield 'a';
    }

    it('destroys a Node Readable that had more to give', async () => {
      await withoutLeaks(async () => {
        const readable = Readable.from(endless());

        await endWith(readable);

        expect(readable.destroyed).toBe(true);
      });
    });

    it('cancels a web stream that had more to give', async () => {
      await withoutLeaks(async () => {
        let isCancelled = false;
        const stream = new ReadableStream<string>({
          pull: (controller) => controller.enqueue('a'),
          cancel: () => {
            isCancelled = true;
          },
        });

        await endWith(stream);

        expect(isCancelled).toBe(true);
      });
    });
  });

  describe.each(['its signal was aborted before', 'it is stopped at once', 'a setup fails'])(
    'when the pipeline never starts, since %s',
    (why) => {
      async function neverStart(letter: AsyncIterable<string> | ReadableStream<string>): Promise<void> {
        const setup = async (): Promise<void> => {
          if (why === 'a setup fails') throw new Error('no');
        };
        const pipeline = createPipeline(
          {
            nodes: { letter: inlet<string>(), sink: { run: (text: string) => text, setup } },
            graph: { letter: ['sink'], sink: null },
          },
          {
            inputs: { letter },
            ...(why.includes('signal') && { signal: AbortSignal.abort('no') }),
          },
        );
        const ended = pipeline.done.catch(() => {});
        if (why.includes('stopped')) await pipeline.stop();
        await ended;
      }

      it('destroys a Node Readable', async () => {
        await withoutLeaks(async () => {
          const readable = new Readable({ objectMode: true, read() {} });

          await neverStart(readable);

          expect(readable.destroyed).toBe(true);
        });
      });

      it('cancels a web stream', async () => {
        await withoutLeaks(async () => {
          let isCancelled = false;
          const stream = new ReadableStream<string>({
            cancel: () => {
              isCancelled = true;
            },
          });

          await neverStart(stream);

          expect(isCancelled).toBe(true);
        });
      });

      it('takes no interest in whether it could be closed', async () => {
        await withoutLeaks(async () => {
          const fail = async (): Promise<never> => {
            throw new Error('no');
          };
          const letters = { [Symbol.asyncIterator]: () => ({ next: fail, return: fail }) };

          expect(await unhandledDuring(() => neverStart(letters))).toEqual([]);
        });
      });
    },
  );

  it('closes what it is fed from when it is stopped at once, also where there is no other node', async () => {
    await withoutLeaks(async () => {
      const readable = new Readable({ objectMode: true, read() {} });

      await createPipeline(
        { nodes: { letter: inlet<string>() }, graph: {} },
        { inputs: { letter: readable } },
      ).stop();

      expect(readable.destroyed).toBe(true);
    });
  });

  it('opens what it is fed from once, and has it return once, when the pipeline is aborted', async () => {
    await withoutLeaks(async () => {
      const log: string[] = [];
      const letters = {
        [Symbol.asyncIterator]: () => {
          log.push('opened');
          const next = async () => ({ done: false as const, value: 'a' });
          return { next, return: async () => ({ done: true as const, value: log.push('returned') }) };
        },
      };
      const pipeline = createPipeline(upper, { inputs: { letter: letters } });
      await turns(3);

      pipeline.abort();
      await pipeline.stop();

      expect(log).toEqual(['opened', 'returned']);
    });
  });

  describe('when it is stopped while there is nothing to read', () => {
    it('does not wait for a Node Readable to give something', async () => {
      await withoutLeaks(async () => {
        const readable = new Readable({ objectMode: true, read() {} });
        const pipeline = createPipeline(upper, { inputs: { letter: readable } });
        await turns(3);

        const { left } = await unlessIdle(pipeline.stop(), () => 0);

        expect({ left, destroyed: readable.destroyed }).toEqual({ left: 0, destroyed: true });
      });
    });

    it('does not wait for a web stream to give something', async () => {
      await withoutLeaks(async () => {
        let isCancelled = false;
        const stream = new ReadableStream<string>({
          cancel: () => {
            isCancelled = true;
          },
        });
        const pipeline = createPipeline(upper, { inputs: { letter: stream } });
        await turns(3);

        const { left } = await unlessIdle(pipeline.stop(), () => 0);

        expect({ left, isCancelled }).toEqual({ left: 0, isCancelled: true });
      });
    });
  });
});

describe('push()', () => {
  it('resolves when the value is accepted: at once while there is room, and then one for each place that becomes free', async () => {
    await withoutLeaks(async () => {
      const gates = Array.from({ length: 6 }, gate);
      let accepted = 0;
      let begun = 0;
      const pipeline = createPipeline({
        nodes: { n: inlet<number>(), slow: { run: () => gates[begun++]?.opened, queueSize: 2 } },
        graph: { n: ['slow'], slow: null },
      });
      const seen: number[] = [];

      const pushes = gates.map((_, n) => pipeline.push(n).then(() => accepted++));
      for (const { open } of gates) {
        await turns(3);
        seen.push(accepted);
        open();
      }
      await Promise.all(pushes);
      await pipeline.stop();

      // One in the function's hands and two queued; each return lets one more in.
      expect(seen).toEqual([3, 4, 5, 6, 6, 6]);
    });
  });

  it('paces a producer that awaits it, whichever of several successors is the slow one', async () => {
    await withoutLeaks(async () => {
      let most = 0;
      let pushed = 0;
      let worked = 0;
      const pipeline = createPipeline({
        nodes: {
          n: inlet<number>(),
          fast: () => null,
          slow: async () => {
            await turn();
            worked++;
          },
        },
        graph: { n: ['fast', 'slow'], fast: null, slow: null },
        defaults: { queueSize: 3 },
      });

      for (let n = 0; n < 200; n++) {
        await pipeline.push(n);
        most = Math.max(most, ++pushed - worked);
      }
      pipeline.close();
      await pipeline.done;

      expect(worked).toBe(200);
      expect(most).toBeLessThanOrEqual(4);
    });
  });

  it('resolves for a null, which makes no row', async () => {
    await withoutLeaks(async () => {
      const seen: unknown[] = [];
      const pipeline = createPipeline({
        nodes: { n: inlet<number | null | undefined>(), sink: (n: unknown) => void seen.push(n) },
        graph: { n: ['sink'], sink: null },
      });

      await pipeline.push(null);
      await pipeline.push(undefined);
      await pipeline.push(0);
      await pipeline.stop();

      expect(seen).toEqual([0]);
    });
  });

  it('rejects once the inlet is closed, and for the other inlet goes on', async () => {
    await withoutLeaks(async () => {
      const seen: unknown[] = [];
      const pipeline = createPipeline({
        nodes: {
          a: inlet<number>(),
          b: inlet<number>(),
          merge: { run: (n: number) => void seen.push(n), aggregateInputs: false },
        },
        graph: { a: ['merge'], b: ['merge'], merge: null },
      });

      pipeline.inlet('a').close();
      const reason = await rejectionOf(pipeline.inlet('a').push(1));
      await pipeline.inlet('b').push(2);
      await pipeline.stop();

      expect(reason).toMatchObject({ code: 'STOPPED' });
      expect(seen).toEqual([2]);
    });
  });
});
