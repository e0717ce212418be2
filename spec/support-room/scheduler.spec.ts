import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Task } from '../../lib/support/scheduler.ts';
import { machine, type Seam } from './machine.ts';

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function task(step: (self: Task) => void): Task {
  const self: Task = { queued: false, step: () => step(self) };
  return self;
}

describe('a task that is woken', () => {
  it('is stepped at once when no other is stepping', async () => {
    const { scheduler } = await machine();
    const steps: string[] = [];

    scheduler.wake(task(() => steps.push('step')));

    expect(steps).toEqual(['step']);
  });

  it('is stepped after the one that is stepping, in the order of the calls', async () => {
    const { scheduler } = await machine();
    const steps: string[] = [];
    const first = task(() => {
      scheduler.wake(task(() => steps.push('second')));
      scheduler.wake(task(() => steps.push('third')));
      steps.push('first');
    });

    scheduler.wake(first);

    expect(steps).toEqual(['first', 'second', 'third']);
  });

  it('is stepped after the one that is stepping in a later slice, too', async () => {
    const m = await machine();
    const steps: string[] = [];
    const late = task(() => {
      m.scheduler.wake(task(() => steps.push('second')));
      steps.push('first');
    });
    m.scheduler.enter();
    m.work(5);
    while (m.scheduler.mayGoOn(late));

    m.turn();

    expect(steps).toEqual(['first', 'second']);
  });

  it('is stepped once, however often it is woken before its turn', async () => {
    const { scheduler } = await machine();
    let steps = 0;
    const woken = task(() => steps++);

    scheduler.wake(
      task(() => {
        scheduler.wake(woken);
        scheduler.wake(woken);
      }),
    );

    expect(steps).toBe(1);
  });

  it('is stepped again when it wakes itself, and the others are not passed over', async () => {
    const { scheduler } = await machine();
    const steps: string[] = [];
    const again = task((self) => {
      steps.push('again');
      if (steps.length < 4) scheduler.wake(self);
    });

    scheduler.wake(
      task(() => {
        scheduler.wake(again);
        scheduler.wake(task(() => steps.push('other')));
      }),
    );

    expect(steps).toEqual(['again', 'other', 'again', 'again']);
  });

  it('needs no deep stack at the end of a chain of 100 000', async () => {
    const { scheduler } = await machine();
    let steps = 0;
    const next = (): Task =>
      task(() => {
        if (++steps < 100_000) scheduler.wake(next());
      });

    scheduler.wake(next());

    expect(steps).toBe(100_000);
  });
});

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

describe('a scheduler', () => {
  it('leaves no macrotask behind when there is nothing to do: the process may end', async () => {
    const m = await machine();
    m.scheduler.enter();
    m.scheduler.enter();

    const once = m.waiting();
    m.turn();

    expect([once, m.waiting()]).toEqual([1, 0]);
  });

  it('tells the time as of its last look, in whole ms since it was loaded', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const m = await machine();
    vi.setSystemTime(m.EPOCH + 30);

    m.scheduler.enter();

    expect(m.scheduler.tick).toBe(30);
    vi.setSystemTime(m.EPOCH + 40);
    m.scheduler.enter();
    expect(m.scheduler.tick).toBe(30);
    m.turn();
    m.scheduler.enter();
    expect(m.scheduler.tick).toBe(40);
  });

  it.for<Seam>(['setImmediate', 'MessageChannel', 'setTimeout'])(
    'goes on in a macrotask by %s, the best a runtime has to offer',
    async (seam) => {
      const m = await machine(seam);
      let steps = 0;
      const worker = task((self) => {
        while (steps < 8 && m.scheduler.mayGoOn(self)) {
          steps++;
          m.work(1);
        }
      });
      m.scheduler.enter();
      m.scheduler.wake(worker);

      m.turn();

      expect(steps).toBe(8);
    },
  );

  it('does not stand still when a test fakes the timers of the process', async () => {
    const m = await machine();

    vi.useFakeTimers();
    m.scheduler.enter();

    expect(m.waiting()).toBe(1);
  });
});
