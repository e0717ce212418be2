import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { asPromise, isGenerator, isIterableObject, openIterator } from '../../lib/processor/iterate.ts';

const sync = function* () {};
const async_ = async function* () {};
const stream = (): ReadableStream => new ReadableStream();

describe('an iterable object', () => {
  // Not every browser lets a web stream be iterated.
  const old = { getReader: () => stream().getReader() };

  it.for([[[]], [new Map()], [sync()], [async_()], [stream()], [new Uint8Array()], [old]])(
    'is %o',
    ([value]) => {
      expect(isIterableObject(value)).toBe(true);
    },
  );

  it.for([['text'], [null], [undefined], [7], [{}], [sync]])('is not %o', ([value]) => {
    expect(isIterableObject(value)).toBe(false);
  });
});

describe('opening an iterable', () => {
  it('gives the items of a list, a map or a text one by one', () => {
    for (const [value, first] of [
      [[7, 8], 7],
      ['ab', 'a'],
      [new Set(['x']), 'x'],
    ] as const) {
      expect(openIterator(value)?.next()).toEqual({ done: false, value: first });
    }
  });

  it('takes the asynchronous way of what has both', async () => {
    const both = { [Symbol.iterator]: sync, [Symbol.asyncIterator]: async_ };

    expect(openIterator(both)?.next()).toBeInstanceOf(Promise);
  });

  it.for([[7], [null], [undefined], [{}], [sync]])('gives nothing for %o', ([value]) => {
    expect(openIterator(value)).toBeUndefined();
  });

  it('reads a web stream that cannot be iterated, and cancels it when it is asked to return', async () => {
    let reason: unknown = 'not cancelled';
    const source = new ReadableStream<number>({
      start: (controller) => controller.enqueue(7),
      cancel: (why) => {
        reason = why;
      },
    });
    const old = { getReader: () => source.getReader() };

    const iterator = openIterator(old);

    expect(await iterator?.next()).toEqual({ done: false, value: 7 });
    await iterator?.return?.();
    expect(reason).toBeUndefined();
  });

  it('fails with a Node stream that fails', async () => {
    const broken = new Readable({
      read() {
        this.destroy(new Error('broken'));
      },
    });

    await expect(openIterator(broken)?.next()).rejects.toThrow('broken');
  });

  it('is done with a Node stream that was asked to return while it was asked for an item', async () => {
    const iterator = openIterator(new Readable({ read() {} }));
    const next = iterator?.next();

    await iterator?.return?.();

    expect(await next).toEqual({ done: true, value: undefined });
  });

  it('destroys what can be destroyed, though its iterator cannot return', () => {
    let isDestroyed = false;
    const destroy = (): void => {
      isDestroyed = true;
    };
    const iterator = openIterator({ destroy, [Symbol.asyncIterator]: () => ({ next: async () => ({}) }) });

    expect(iterator?.return?.()).toBeUndefined();
    expect(isDestroyed).toBe(true);
  });

  it('lets go of a web stream at its end, and when it is asked to return', async () => {
    const streams = [0, 1].map(() => new ReadableStream({ start: (controller) => controller.close() }));
    const [ended, returned] = streams.map((each) => openIterator(each));
    const before = streams.map(({ locked }) => locked);

    expect(await ended?.next()).toMatchObject({ done: true });
    await returned?.return?.();

    expect(before).toEqual([true, true]);
    expect(streams.map(({ locked }) => locked)).toEqual([false, false]);
  });
});

describe('a generator object', () => {
  it('is known for what it is, and nothing else is taken for one', () => {
    const values = [sync(), async_(), sync, [][Symbol.iterator](), { next: () => {} }, null, 'next', [1]];

    expect(values.map(isGenerator)).toEqual([true, true, false, false, false, false, false, false]);
  });
});

describe('a promise', () => {
  it('of the platform is itself', () => {
    const promise = Promise.resolve(7);

    expect(asPromise(promise)).toBe(promise);
  });

  it('of anybody else is wrapped, so that it settles once and later', async () => {
    const thenable = {
      // biome-ignore lint/suspicious/noThenProperty: it is a promise of somebody else
      then(resolve: (value: number) => void) {
        resolve(7);
        resolve(8);
      },
    };

    await expect(asPromise(thenable)).resolves.toBe(7);
  });

  const notCallable = Object.fromEntries([['then', 7]]);

  it.for([[7], [null], [undefined], ['then'], [notCallable], [{}]])('is not %o', ([value]) => {
    expect(asPromise(value)).toBeUndefined();
  });
});
