import { createPipeline } from 'sluice';
import { sinkProbe, virtualClock } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';

describe('a virtual clock', () => {
  it('calls what is due in the order of time, and in the order of setting where times are one', async () => {
    const clock = virtualClock(1000);
    const called: [string, number][] = [];
    for (const [name, ms] of [
      ['c', 30],
      ['a', 10],
      ['b', 10],
      ['late', 31],
    ] as const) {
      clock.setTimeout(() => called.push([name, clock.now()]), ms);
    }

    await clock.advance(30);

    expect(called).toEqual([
      ['a', 1010],
      ['b', 1010],
      ['c', 1030],
    ]);
    expect({ now: clock.now(), pending: clock.pending }).toEqual({ now: 1030, pending: 1 });
  });

  it('does not call what was cleared', async () => {
    const clock = virtualClock();
    let calls = 0;
    const timer = clock.setTimeout(() => calls++, 5);
    clock.clearTimeout(timer);

    await clock.advance(10);

    expect({ calls, pending: clock.pending }).toEqual({ calls: 0, pending: 0 });
  });

  it('calls in the same go what its timers, and the promises they settle, set', async () => {
    const clock = virtualClock();
    const wait = (ms: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, ms));
    const times: number[] = [];
    const steps = async (): Promise<void> => {
      for (const ms of [1, 2, 3]) {
        await wait(ms);
        times.push(clock.now());
      }
    };
    void steps();

    await clock.advance(6);

    expect(times).toEqual([1, 3, 6]);
  });

  it('lets the pipelines come to rest in between', async () => {
    const clock = virtualClock();
    const out = sinkProbe<number>();
    const pipeline = createPipeline(
      {
        nodes: {
          ticks: async ({ emit }: { emit(value: number): Promise<void> }) => {
            for (let tick = 0; tick < 3; tick++) {
              await new Promise<void>((resolve) => clock.setTimeout(resolve, 100));
              await emit(clock.now());
            }
          },
          slow: async (n: number) => {
            await new Promise<void>((resolve) => clock.setTimeout(resolve, 10));
            return n + clock.now();
          },
          out,
        },
        graph: { ticks: ['slow'], slow: ['out'] },
      },
      { clock },
    );

    await clock.advance(299);
    await out.expect(210, 410);
    await out.expectNothing();
    await clock.runAll();
    await out.expect(610);

    await out.expectEnd();
    const { elapsed } = await pipeline.done;
    expect(elapsed).toBe(310);
  });

  it('says so when timers set each other for ever', async () => {
    const clock = virtualClock();
    const again = (): void => void clock.setTimeout(again, 1);
    again();

    expect(await rejectionOf(clock.runAll())).toMatchObject({
      message: expect.stringContaining('10000 timers'),
    });
  });

  it.each([-1, Number.NaN])('does not go back: %s ms', async (ms) => {
    expect(await rejectionOf(virtualClock().advance(ms))).toBeInstanceOf(RangeError);
  });
});
