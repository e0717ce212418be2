import { virtualClock } from 'sluice/testing';
import { describe, expect, it, vi } from 'vitest';
import { systemClock, Timers } from '../../lib/support/clock.ts';
import { deferred, markHandled } from '../../lib/support/deferred.ts';
import { reportUncaught } from '../../lib/support/uncaught.ts';
import { unhandledDuring } from '../support/unhandled.ts';

describe('a deferred promise', () => {
  it('resolves with what its handle was given', async () => {
    const { promise, resolve } = deferred<number>();

    resolve(7);

    await expect(promise).resolves.toBe(7);
  });

  it('rejects with what its handle was given', async () => {
    const { promise, reject } = deferred<number>();

    reject('no');

    await expect(promise).rejects.toBe('no');
  });
});

describe('a promise that is marked as handled', () => {
  it('rejects for whoever looks, and is unhandled for nobody', async () => {
    const { promise, reject } = deferred<number>();
    markHandled(promise);

    const unhandled = await unhandledDuring(() => reject('no'));

    expect(unhandled).toEqual([]);
    await expect(promise).rejects.toBe('no');
  });
});

describe('an error that nobody can be handed', () => {
  it('is reported as uncaught, and not before whoever reports it has gone on', async () => {
    const steps: unknown[] = [];

    const uncaught = await unhandledDuring(() => {
      reportUncaught('lost');
      steps.push('went on');
    });

    expect(steps).toEqual(['went on']);
    expect(uncaught).toEqual(['lost']);
  });
});

describe('the time of this machine', () => {
  it('is told in ms since 1970', () => {
    const before = Date.now();

    const now = systemClock.now();

    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('sets timers that can be taken back', () => {
    vi.useFakeTimers();
    try {
      const called: string[] = [];
      systemClock.setTimeout(() => called.push('kept'), 10);
      const timer = systemClock.setTimeout(() => called.push('cleared'), 10);

      systemClock.clearTimeout(timer);
      vi.advanceTimersByTime(9);
      const early = [...called];
      vi.advanceTimersByTime(1);

      expect([early, called]).toEqual([[], ['kept']]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('the timers of one owner', () => {
  it('are cleared together, and can be set anew after that', async () => {
    const clock = virtualClock();
    const timers = new Timers(clock);
    const called: string[] = [];
    for (const name of ['a', 'b']) timers.set(10, () => called.push(name));
    const before = clock.pending;

    timers.clear();
    timers.set(10, () => called.push('c'));
    const after = clock.pending;
    await clock.advance(10);

    expect([before, after]).toEqual([2, 1]);
    expect(called).toEqual(['c']);
  });
});
