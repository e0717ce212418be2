import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Limiter } from '../../lib/support/pool.ts';

const settle = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve));
async function settled(): Promise<void> {
  for (let i = 0; i < 10; i++) await settle();
}

/** Enters a pool under names, and notes who was let in. */
function visitors(pool: Limiter): {
  readonly inside: string[];
  enter(name: string, priority?: number): () => void;
} {
  const inside: string[] = [];
  return { inside, enter: (name, priority = 0) => pool.enter(priority, () => inside.push(name)) };
}

describe('a pool', () => {
  it('lets in at once while there is room, and the next when a place is given back', async () => {
    const { inside, enter } = visitors(new Limiter({ concurrency: 2 }));
    const leave = enter('a');
    enter('b');
    enter('c');
    expect(inside).toEqual(['a', 'b']);
    leave();
    leave();
    await settled();
    expect(inside).toEqual(['a', 'b', 'c']);
  });

  it('lets the highest priority in first, and among equals whoever came first', async () => {
    const { inside, enter } = visitors(new Limiter({ concurrency: 1 }));
    const leaves = new Map(
      Object.entries({ first: 0, low: -1, a: 0, high: 5, b: 0 }).map(([name, priority]) => [
        name,
        enter(name, priority),
      ]),
    );
    for (let left = leaves.size; left > 0; left--) {
      leaves.get(inside.at(-1) as string)?.();
      await settled();
    }
    expect(inside).toEqual(['first', 'high', 'a', 'b', 'low']);
  });

  it('lets go of whoever gives up waiting, and counts who is left', async () => {
    const pool = new Limiter({ concurrency: 1 });
    const { inside, enter } = visitors(pool);
    const leave = enter('a');
    const giveUp = enter('b');
    enter('c');
    expect([pool.running, pool.waiting]).toEqual([1, 2]);
    giveUp();
    expect([pool.running, pool.waiting]).toEqual([1, 1]);
    leave();
    await settled();
    expect(inside).toEqual(['a', 'c']);
  });

  describe('with a rate', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('begins no more in a window than its cap, and takes nothing for those who gave up', async () => {
      const { inside, enter } = visitors(new Limiter({ interval: 100, intervalCap: 2 }));
      for (const name of ['a', 'b']) enter(name)();
      const giveUp = [enter('c'), enter('d')];
      enter('e');
      enter('f');
      enter('g');
      expect(inside).toEqual(['a', 'b']);
      for (const give of giveUp) give();
      await vi.advanceTimersByTimeAsync(100);
      expect(inside).toEqual(['a', 'b', 'e', 'f']);
      await vi.advanceTimersByTimeAsync(100);
      expect(inside).toEqual(['a', 'b', 'e', 'f', 'g']);
    });
  });
});
