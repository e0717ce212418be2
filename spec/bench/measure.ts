/** Something to time. */
export interface Case {
  readonly name: string;
  readonly unit: 'ns' | 'µs';
  /** How many items, times hops, or calls one run is. */
  readonly units: number;
  readonly run: () => Promise<void>;
  readonly budget?: string;
}

/** Times the cases in turns, there and back, so that a busy moment or a neighbour's garbage hits them all alike. */
export async function measure(cases: readonly Case[], rounds: number, warmUps: number) {
  const timed = cases.map((one) => ({ ...one, samples: [] as number[] }));
  for (let round = -warmUps; round < rounds; round++) {
    for (const { run, unit, units, samples } of round % 2 === 0 ? timed : timed.toReversed()) {
      const start = process.hrtime.bigint();
      await run();
      const ns = Number(process.hrtime.bigint() - start);
      if (round >= 0) samples.push(ns / units / (unit === 'ns' ? 1 : 1000));
    }
  }
  return timed.map(({ name, unit, budget, samples }) => {
    const ratios = samples.map((sample, round) => sample / (timed[0]?.samples[round] ?? Number.NaN));
    const [low, median, high] = quartiles(samples);
    // Compared round by round, and only what is measured in the same unit.
    const ratio = unit === timed[0]?.unit ? quartiles(ratios)[1] : undefined;
    return { name, unit, median, low, high, ratio, budget };
  });
}

function quartiles(samples: readonly number[]): [low: number, median: number, high: number] {
  const sorted = samples.toSorted((one, other) => one - other);
  const at = (part: number): number => sorted[Math.round(part * (sorted.length - 1))] ?? Number.NaN;
  return [at(0.25), at(0.5), at(0.75)];
}
