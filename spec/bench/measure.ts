/** Something to time. */
export interface Case {
  readonly name: string;
  /** How many items times hops, or calls, one run is. */
  readonly units: number;
  /** The case its ratio is told against. @default the first one */
  readonly beside?: string;
  readonly run: () => Promise<void>;
}

/** What one case must reach beside another: `case` takes at most so many times what `against` takes. */
interface Target {
  readonly case: string;
  readonly against: string;
  readonly atMost: number;
  /** What it means. @default a figure to reach */
  readonly meaning?: string;
}

/** The same work, done in several ways; the first is the limit, or what ratios are best told against unless a case says otherwise. */
export interface Work {
  readonly title: string;
  /** Of one unit: an item and hop, or a call. */
  readonly unit: 'ns' | 'µs';
  readonly cases: readonly Case[] | (() => Promise<readonly Case[]>);
  readonly targets?: readonly Target[];
  /** What a case may take, by name, in this work's unit. */
  readonly budgets?: Readonly<Record<string, number>>;
}

export interface Timing {
  readonly name: string;
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** Beside another case, round by round; the first one where `beside` is not there. */
  readonly ratio: number;
  readonly beside?: string;
}

/** Whether a case takes no more than it may. */
export interface Verdict {
  readonly name: string;
  /** So many times what `against` takes; without that, in the work's unit. */
  readonly found: number;
  readonly atMost: number;
  readonly against?: string;
  readonly meaning?: string;
  readonly holds: boolean;
}

export interface Result {
  readonly title: string;
  readonly unit: 'ns' | 'µs';
  readonly timings: readonly Timing[];
  readonly verdicts: readonly Verdict[];
}

/** What is held or allocated, rather than how long it takes. */
export interface Bytes {
  readonly name: string;
  readonly bytes: number;
  readonly atMost: number;
}

/** All that one run has found, and where. */
export interface Report {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  /** The version of Node.js. */
  readonly node: string;
  readonly results: readonly Result[];
  readonly bytes: readonly Bytes[];
}

const WARM_UPS = 4;

/** Times the cases of a work in turns, there and back, so that a busy moment or a neighbour's garbage hits them all alike. */
export async function measure(
  { title, unit, cases: given, targets = [], budgets = {} }: Work,
  rounds: number,
  now: () => number = wall,
): Promise<Result> {
  const cases = typeof given === 'function' ? await given() : given;
  const samples = new Map(cases.map(({ name }) => [name, [] as number[]]));
  for (let round = -WARM_UPS; round < rounds; round++) {
    for (const { name, run, units } of round % 2 === 0 ? cases : cases.toReversed()) {
      const start = now();
      await run();
      const ns = now() - start;
      if (round >= 0) samples.get(name)?.push(ns / units / (unit === 'ns' ? 1 : 1000));
    }
  }
  const of = (name: string): number[] => samples.get(name) ?? [];
  const first = cases[0]?.name ?? '';
  const timings = cases.map(({ name, beside }): Timing => {
    const [low, median, high] = quartiles(of(name));
    const told = { name, median, low, high, ratio: ratio(of(name), of(beside ?? first)) };
    return beside === undefined ? told : { ...told, beside };
  });
  const compared = targets.map(({ case: name, against, atMost, meaning }): Verdict => {
    const found = ratio(of(name), of(against));
    return {
      name,
      found,
      atMost,
      against,
      ...(meaning !== undefined && { meaning }),
      holds: found <= atMost,
    };
  });
  const budgeted = Object.entries(budgets).map(([name, atMost]): Verdict => {
    const [, found] = quartiles(of(name));
    return { name, found, atMost, holds: found <= atMost };
  });
  return { title, unit, timings, verdicts: [...compared, ...budgeted] };
}

/** The time of the clock, in ns. */
function wall(): number {
  return Number(process.hrtime.bigint());
}

/** The time that this process had on processors, its collector and compiler included, in ns: hardly disturbed by others. */
export function processor(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
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
