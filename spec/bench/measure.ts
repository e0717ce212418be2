/** Something to time. */
export interface Case {
  readonly name: string;
  /** How many items times hops, or calls, one run is. */
  readonly units: number;
  readonly run: () => Promise<void>;
}

/** What one case must reach beside another: `case` takes at most so many times what `against` takes. */
interface Target {
  readonly case: string;
  readonly against: string;
  readonly atMost: number;
}

/** The same work, done in several ways; the first is the limit, or what ratios are best told against. */
export interface Work {
  readonly title: string;
  /** Of one unit: an item and hop, or a call. */
  readonly unit: 'ns' | 'µs';
  readonly cases: readonly Case[];
  readonly targets?: readonly Target[];
  /** What a case may take, by name, in this work's unit. */
  readonly budgets?: Readonly<Record<string, number>>;
}

interface Timing {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Of the median to the first case's, round by round. */
  readonly ratio: number;
}

interface Verdict {
  readonly text: string;
  readonly holds: boolean;
}

export interface Result {
  readonly title: string;
  readonly unit: 'ns' | 'µs';
  readonly timings: readonly Timing[];
  readonly verdicts: readonly Verdict[];
}

const WARM_UPS = 4;

/** Times the cases of a work in turns, there and back, so that a busy moment or a neighbour's garbage hits them all alike. */
export async function measure(
  { title, unit, cases, targets = [], budgets = {} }: Work,
  rounds: number,
): Promise<Result> {
  const samples = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const { name, run, units } of round % 2 === 0 ? cases : cases.toReversed()) {
      const start = process.hrtime.bigint();
      await run();
      const ns = Number(process.hrtime.bigint() - start);
      if (round >= 0) samples.get(name)?.push(ns / units / (unit === 'ns' ? 1 : 1000));
    }
  }
  const of = (name: string): number[] => samples.get(name) ?? [];
  const first = cases[0]?.name ?? '';
  const timings = cases.map(({ name }): Timing => {
    const [low, median, high] = quartiles(of(name));
    return { name, median, low, high, ratio: ratio(of(name), of(first)) };
  });
  const compared = targets.map(({ case: name, against, atMost }): Verdict => {
    const found = ratio(of(name), of(against));
    return {
      text: `${name}: ${found.toFixed(2)} times ${against}, at most ${atMost.toFixed(2)}`,
      holds: found <= atMost,
    };
  });
  const budgeted = Object.entries(budgets).map(([name, atMost]): Verdict => {
    const [, median] = quartiles(of(name));
    return {
      text: `${name}: ${median.toFixed(2)} ${unit}, at most ${atMost} ${unit}`,
      holds: median <= atMost,
    };
  });
  return { title, unit, timings, verdicts: [...compared, ...budgeted] };
}

/** The median of the ratios of one round each. */
function ratio(ones: readonly number[], others: readonly number[]): number {
  return quartiles(ones.map((one, round) => one / (others[round] ?? Number.NaN)))[1];
}

function quartiles(samples: readonly number[]): [low: number, median: number, high: number] {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN;
  return [at(0.25), at(0.5), at(0.75)];
}
