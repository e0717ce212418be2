/** What one process has found of one work, for each of its hops or requests. */
export interface Sample {
  /** How many hops of the await chain by hand it takes as long as. */
  readonly time: number;
  /** Allocated for it. */
  readonly bytes: number;
}

export type Baseline = Readonly<Record<string, Sample>>;

/** By what part of the baseline a figure may be more. */
const TOLERANCE: Sample = { time: 0.15, bytes: 0.1 };

export interface Figure {
  readonly work: string;
  readonly what: keyof Sample;
  readonly found: number;
  readonly processes: number;
  readonly baseline: number;
  readonly atMost: number;
  /** What is `worse` fails the gate, what is `better` asks for a new baseline. */
  readonly verdict: 'holds' | 'worse' | 'better';
}

export type Take = (work: string) => Promise<Sample>;

/**
 * Has each work measured so many times, and three times as often where it looks worse then: a busy moment must fail nothing.
 * In turns, so that it hits all works alike.
 */
export async function examine(
  works: readonly string[],
  baseline: Baseline,
  take: Take,
  times: number,
): Promise<Figure[]> {
  const samples = await sample(works, take, times);
  const figures = (): Figure[] => works.flatMap((work) => figuresOf(work, samples[work], baseline[work]));
  const suspects = new Set(
    figures()
      .filter(({ verdict }) => verdict === 'worse')
      .map(({ work }) => work),
  );
  const more = await sample([...suspects], take, 2 * times);
  for (const work of suspects) samples[work]?.push(...(more[work] ?? []));
  return figures();
}

/** What a baseline is made of. */
export async function survey(works: readonly string[], take: Take, times: number): Promise<Baseline> {
  const samples = await sample(works, take, times);
  return Object.fromEntries(Object.entries(samples).map(([work, taken]) => [work, middle(taken)]));
}

async function sample(
  works: readonly string[],
  take: Take,
  times: number,
): Promise<Record<string, Sample[]>> {
  const samples: Record<string, Sample[]> = Object.fromEntries(works.map((work) => [work, []]));
  for (let time = 0; time < times; time++) {
    for (const work of works) samples[work]?.push(await take(work));
  }
  return samples;
}

function figuresOf(work: string, samples: readonly Sample[] = [], known?: Sample): Figure[] {
  if (known === undefined) throw new Error(`the baseline does not know ${work}: renew it`);
  const found = middle(samples);
  return (['time', 'bytes'] as const).map((what) => ({
    work,
    what,
    processes: samples.length,
    ...judge(found[what], known[what], TOLERANCE[what]),
  }));
}

function judge(
  found: number,
  baseline: number,
  tolerance: number,
): Omit<Figure, 'work' | 'what' | 'processes'> {
  const atMost = baseline * (1 + tolerance);
  const isBetter = found * (1 + tolerance) < baseline;
  // Asked so that what is no number is not let pass.
  const verdict = isBetter ? 'better' : found <= atMost ? 'holds' : 'worse';
  return { found, baseline, atMost, verdict };
}

/** Of both kinds the median: neither a process that was disturbed nor one that the compiler favoured decides. */
function middle(samples: readonly Sample[]): Sample {
  return {
    time: median(samples.map(({ time }) => time)),
    bytes: median(samples.map(({ bytes }) => bytes)),
  };
}

/** Of an odd number of figures. */
function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((one, other) => one - other);
  return sorted[(sorted.length - 1) / 2] ?? Number.NaN;
}
