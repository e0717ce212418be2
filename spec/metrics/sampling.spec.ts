import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Sampling } from '../../lib/metrics/sampling.ts';
import { runs } from '../laws/arbitrary.ts';

/** Has these durations stand for as many calls, one after the other, each beginning so many ms after the last. */
function sample(sampling: Sampling, durations: Iterable<number>, apart: number): { timed: number } {
  let at = 1000;
  let timed = 0;
  for (const ms of durations) {
    at += apart;
    if (!sampling.next()) continue;
    timed++;
    sampling.short(ms, sampling.begin(at));
  }
  return { timed };
}

/** A stand-in for chance that is the same each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}

describe('Sampling', () => {
  afterEach(() => vi.restoreAllMocks());

  it('times all where they come seldom, or where every one is wanted', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1000, noNaN: true }), { maxLength: 50 }),
        fc.constantFrom(['sampled', 1.5] as const, ['exact', 0.001] as const),
        (durations, [exactness, apart]) => {
          const sampling = new Sampling(exactness);

          expect(sample(sampling, durations, apart).timed).toBe(durations.length);
          expect(sampling.timings.read().count).toBe(durations.length);
          expect(sampling.timings.total).toBeCloseTo(
            durations.reduce((sum, ms) => sum + ms, 0),
            3,
          );
        },
      ),
      { numRuns: runs },
    );
  });

  it('times few where they come fast, each of which stands for those passed over: no more and no fewer', () => {
    vi.spyOn(Math, 'random').mockImplementation(seeded(7));
    const sampling = new Sampling('sampled');
    const { timed } = sample(sampling, Array(200_000).fill(1), 0.0005);

    expect(timed).toBeLessThan(200_000 / 50);
    // Those passed over since the last that was timed are not counted yet.
    expect(sampling.timings.read().count).toBeGreaterThan(200_000 - 400);
    expect(sampling.timings.read().count).toBeLessThanOrEqual(200_000);
  });

  it.each([2, 16, 64, 256])('is not taken in by a pattern that comes back every %i calls', (period) => {
    vi.spyOn(Math, 'random').mockImplementation(seeded(11));
    const sampling = new Sampling('sampled');
    const durations = Array.from({ length: 400_000 }, (_, place) => (place % period < period / 2 ? 3 : 1));
    sample(sampling, durations, 0.0005);
    const { meanMs, p50Ms, maxMs } = sampling.timings.read();

    expect(meanMs).toBeGreaterThan(1.9);
    expect(meanMs).toBeLessThan(2.1);
    expect(maxMs).toBeCloseTo(3);
    expect([1, 3]).toContain(Math.round(p50Ms));
  });

  it('times a function until its promise settles, and gives back what it gave', async () => {
    const sampling = new Sampling('exact');
    const failure = new Error('no');

    expect(sampling.timed((a: number, b: number) => a + b, 1, 2)).toBe(3);
    await expect(sampling.timed(async (a: number) => a, 4, undefined)).resolves.toBe(4);
    await expect(sampling.timed(() => Promise.reject(failure), 0, 0)).rejects.toBe(failure);
    expect(() =>
      sampling.timed(
        () => {
          throw failure;
        },
        0,
        0,
      ),
    ).toThrow(failure);
    expect(sampling.timings.read().count).toBe(4);
  });

  it('finds the few that take long among many that do not, counts each once, and multiplies none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 50, max: 2000 }), (offset, every) => {
        const sampling = new Sampling('sampled');
        let at = 1000;
        let long = 0;
        for (let call = 0; call < 20_000; call++) {
          const isLong = call % every === offset % every;
          at += 0.0005;
          const weight = sampling.next() ? sampling.begin(at) : undefined;
          if (isLong) {
            long++;
            sampling.long(25);
            if (weight !== undefined) sampling.leave(weight);
          } else if (weight !== undefined) sampling.short(0.001, weight);
        }
        const { count, maxMs } = sampling.timings.read();

        expect(maxMs).toBe(25);
        expect(Math.abs(sampling.timings.total - long * 25)).toBeLessThan(25);
        expect(Math.abs(count - 20_000)).toBeLessThan(800);
      }),
      { numRuns: Math.min(runs, 100) },
    );
  });

  it('passes over all once it is stopped', () => {
    const sampling = new Sampling('exact');
    sampling.stop();

    expect(Array.from({ length: 10 }, () => sampling.next())).toEqual(Array(10).fill(false));
  });
});

describe('Timings', () => {
  it('tell quantiles within one per cent of what they are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
        (durations) => {
          const { timings } = new Sampling('exact');
          for (const ms of durations) timings.add(ms, 1, 1e6);
          const sorted = durations.toSorted((a, b) => a - b);
          const { p50Ms, p99Ms, maxMs, count } = timings.read(1e6);
          const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] as number;

          expect(count).toBe(durations.length);
          expect(maxMs).toBeCloseTo(sorted.at(-1) as number);
          for (const [quantile, part] of [
            [p50Ms, 0.5],
            [p99Ms, 0.99],
          ] as const)
            expect(Math.abs(quantile - at(part))).toBeLessThanOrEqual(at(part) * 0.0101 + 1e-6);
        },
      ),
      { numRuns: runs },
    );
  });

  it('tell the slowest of a few', () => {
    const { timings } = new Sampling('exact');
    for (const ms of [5, 5, 5, 200]) timings.add(ms, 1, 1000);

    expect(timings.read(1000).p99Ms).toBeGreaterThan(198);
    expect(timings.read(1000).p50Ms).toBeLessThan(6);
  });

  it('forget what is older than two minutes, but not how many there were', () => {
    const { timings } = new Sampling('exact');
    timings.add(10_000, 1, 210_000);
    expect(timings.read(300_000).count).toBe(1);
    expect(timings.read(400_000).count).toBe(0);
    timings.add(1, 1, 400_001);

    expect(timings.read(400_002)).toMatchObject({ count: 1, maxMs: 1 });
    expect(timings.total).toBe(10_001);
  });
});
