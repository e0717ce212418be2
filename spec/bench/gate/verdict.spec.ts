import { describe, expect, it } from 'vitest';
import { examine, type Figure, type Sample, survey, type Take } from './verdict.ts';

const baseline = { chain: { time: 3, bytes: 250 }, request: { time: 100, bytes: 15_000 } };
const TIMES = 5;

/** Finds the same in each process of a work, but for what is different in a certain one. */
function machine(
  usual: Readonly<Record<string, Sample>>,
  unusual: (work: string, nth: number) => Partial<Sample> = () => ({}),
) {
  const taken: string[] = [];
  const take: Take = async (work) => {
    taken.push(work);
    const nth = taken.filter((other) => other === work).length;
    return { ...(usual[work] as Sample), ...unusual(work, nth) };
  };
  return { taken, take };
}

const verdicts = (figures: readonly Figure[]): string[] =>
  figures.map(({ work, what, verdict }) => `${work} ${what} ${verdict}`);

describe('the regression gate', () => {
  it('lets pass what is as it was, after a first look', async () => {
    const { take, taken } = machine(baseline);

    const figures = await examine(Object.keys(baseline), baseline, take, TIMES);

    expect(verdicts(figures)).toEqual([
      'chain time holds',
      'chain bytes holds',
      'request time holds',
      'request bytes holds',
    ]);
    expect(taken).toEqual(Array.from({ length: TIMES }, () => ['chain', 'request']).flat());
  });

  it('fails what takes 30 % longer, and says how much was found and allowed', async () => {
    const { take } = machine({ ...baseline, chain: { time: 3.9, bytes: 250 } });

    const [time, bytes] = await examine(['chain'], baseline, take, TIMES);

    expect(time).toMatchObject({ verdict: 'worse', found: 3.9, baseline: 3, processes: 3 * TIMES });
    expect(time?.atMost).toBeGreaterThan(3);
    expect(time?.atMost).toBeLessThan(3.9);
    expect(bytes?.verdict).toBe('holds');
  });

  it('fails what allocates 30 % more in the same time', async () => {
    const { take } = machine({ ...baseline, request: { time: 100, bytes: 19_500 } });

    const figures = await examine(Object.keys(baseline), baseline, take, TIMES);

    expect(verdicts(figures)).toEqual([
      'chain time holds',
      'chain bytes holds',
      'request time holds',
      'request bytes worse',
    ]);
  });

  it('fails nothing because two processes of five were disturbed, and looks no second time', async () => {
    const { take, taken } = machine(baseline, (_work, nth) => (nth <= 2 ? { time: 1000 } : {}));

    const figures = await examine(['chain'], baseline, take, TIMES);

    expect(verdicts(figures)).toEqual(['chain time holds', 'chain bytes holds']);
    expect(taken).toHaveLength(TIMES);
  });

  it('fails nothing because a busy moment disturbed all processes of the first look', async () => {
    const { take, taken } = machine(baseline, (work, nth) =>
      work === 'chain' && nth <= TIMES ? { time: 6 } : {},
    );

    const figures = await examine(Object.keys(baseline), baseline, take, TIMES);

    expect(figures.every(({ verdict }) => verdict === 'holds')).toBe(true);
    // Only what looked worse is looked at again.
    expect(taken.filter((work) => work === 'chain')).toHaveLength(3 * TIMES);
    expect(taken.filter((work) => work === 'request')).toHaveLength(TIMES);
  });

  it('does not pass what lucky processes of the second look would hide', async () => {
    const { take } = machine({ chain: { time: 3.9, bytes: 250 } }, (_work, nth) =>
      nth > 8 ? { time: 3 } : {},
    );

    const [time] = await examine(['chain'], baseline, take, TIMES);

    expect(time?.verdict).toBe('worse');
  });

  it('asks for a new baseline when so much was gained that as much could be lost unseen', async () => {
    const { take } = machine({ chain: { time: 2.5, bytes: 240 } });

    const figures = await examine(['chain'], baseline, take, TIMES);

    expect(verdicts(figures)).toEqual(['chain time better', 'chain bytes holds']);
  });

  it('fails what cannot be measured', async () => {
    const { take } = machine({ chain: { time: Number.NaN, bytes: 250 } });

    const [time] = await examine(['chain'], baseline, take, TIMES);

    expect(time?.verdict).toBe('worse');
  });

  it('does not overlook a work that the baseline has no figures for', async () => {
    const { take } = machine({ 'new work': { time: 1, bytes: 1 } });

    await expect(examine(['new work'], baseline, take, TIMES)).rejects.toThrow('new work');
  });

  it('makes a baseline of medians, in which one odd process does not count', async () => {
    const { take } = machine(baseline, (_work, nth) => (nth === 2 ? { time: 900, bytes: 9 } : {}));

    const found = await survey(Object.keys(baseline), take, TIMES);

    expect(found).toEqual(baseline);
  });
});
