import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Task } from '../../lib/support/scheduler.ts';
import { machine } from './machine.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function task(step: (self: Task) => void): Task {
  const self: Task = { queued: false, step: () => step(self) };
  return self;
}

describe('a task that goes on and on', () => {
  /** Works 1 ms at a time for as long as it may, `ms` at most. */
  const greedy = (m: Awaited<ReturnType<typeof machine>>, ms: number): { task: Task; done: () => number } => {
    let done = 0;
    const self = task(() => {
      while (done < ms && m.scheduler.mayGoOn(self)) {
        m.work(1);
        done++;
      }
    });
    return { task: self, done: () => done };
  };

  it('is stopped after 5 ms, so that timers get their turn, and goes on after them', async () => {
    const m = await machine();
    const { task: worker, done } = greedy(m, 12);
    m.scheduler.enter();

    m.scheduler.wake(worker);

    const slices = [done()];
    while (m.waiting() > 0) {
      m.turn();
      slices.push(done());
    }
    expect(slices).toEqual([5, 10, 12, 12]);
  });

  it('does not keep another from its turn in the next slice', async () => {
    const m = await machine();
    const [one, other] = [greedy(m, 100), greedy(m, 100)];
    m.scheduler.enter();

    m.scheduler.wake(one.task);
    m.scheduler.wake(other.task);
    for (let i = 0; i < 4; i++) m.turn();

    // Who was stopped stands behind whoever was waiting then: nobody was, the first time.
    expect([one.done(), other.done()]).toEqual([15, 10]);
  });

  it('may ask again when it was stopped, and is stepped once for all of that', async () => {
    const m = await machine();
    const answers: boolean[][] = [];
    const stubborn = task((self) => {
      m.work(5);
      answers.push([1, 2, 3, 4].map(() => m.scheduler.mayGoOn(self)));
    });
    m.scheduler.enter();

    m.scheduler.wake(stubborn);
    const stepsBefore = answers.length;
    m.turn();

    expect([stepsBefore, answers.length]).toEqual([1, 2]);
    expect(answers[0]?.slice(-2)).toEqual([false, false]);
  });

  it('lets nobody be stepped before the next macrotask once the slice is over', async () => {
    const m = await machine();
    const late = greedy(m, 1);
    m.scheduler.enter();
    m.scheduler.wake(greedy(m, 5).task);
    m.scheduler.wake(greedy(m, 100).task);

    m.scheduler.wake(late.task);

    expect(late.done()).toBe(0);
    m.turn();
    m.turn();
    expect(late.done()).toBe(1);
  });

  it('has the clock looked at after 1, 2, 4 … 64 of its steps while they are quick', async () => {
    const m = await machine();
    let steps = 0;
    const quick = task((self) => {
      while (steps < 64 * 100 && m.scheduler.mayGoOn(self)) steps++;
    });
    m.scheduler.enter();
    const before = m.looks();

    m.scheduler.wake(quick);

    expect(steps).toBe(64 * 100);
    expect(m.looks() - before).toBeLessThanOrEqual(100 + 7);
    expect(m.looks() - before).toBeGreaterThanOrEqual(100);
  });

  it('has the clock looked at after every one of its steps while they are slow', async () => {
    const m = await machine();
    let steps = 0;
    const slow = task((self) => {
      while (m.scheduler.mayGoOn(self)) {
        steps++;
        m.work(steps <= 1000 ? 0.001 : 0.9);
      }
    });
    m.scheduler.enter();

    m.scheduler.wake(slow);

    // One stride is begun without knowing that steps have become slow; the slice is over after it.
    expect(steps).toBeGreaterThan(1000);
    expect(steps).toBeLessThanOrEqual(1000 + 64);
  });
});
