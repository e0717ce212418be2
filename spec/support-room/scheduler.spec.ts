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

    scheduler.wake(task(() => steps.push('one')));
    scheduler.wake(task(() => steps.push('other')));

    expect(steps).toEqual(['one', 'other']);
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

describe('a scheduler', () => {
  it('begins a slice with the first task that asks, should nobody have told it of the world outside', async () => {
    const m = await machine();
    let steps = 0;
    const worker = task((self) => {
      while (steps < 7 && m.scheduler.mayGoOn(self)) {
        steps++;
        m.work(1);
      }
    });

    m.scheduler.wake(worker);
    while (m.waiting() > 0) m.turn();

    expect(steps).toBe(7);
  });

  it('trusts no new slice to be as quick as the last one', async () => {
    const m = await machine();
    let [quick, slow] = [0, 0];
    m.scheduler.enter();
    m.scheduler.wake(
      task((self) => {
        while (quick < 1000 && m.scheduler.mayGoOn(self)) quick++;
      }),
    );
    m.turn();

    m.scheduler.enter();
    m.scheduler.wake(
      task((self) => {
        while (m.scheduler.mayGoOn(self)) {
          slow++;
          m.work(1);
        }
      }),
    );

    expect(slow).toBeLessThan(10);
  });

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

  it('tells the right time for years', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const m = await machine();
    const year = 365 * 24 * 3600 * 1000;
    vi.setSystemTime(m.EPOCH + year);

    m.scheduler.enter();

    expect(m.scheduler.tick).toBe(year);
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
