import type { HistoryColumns } from './protocol.ts';

/** What is noted of one node, once a second. */
export interface Point {
  readonly perSecond: number;
  readonly failedPerSecond: number;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Points that are kept: five minutes of them. */
export const POINTS = 300;

const FIELDS = ['perSecond', 'failedPerSecond', 'p50Ms', 'p99Ms'] as const;

/** The last minutes of every node. All of its room is taken at the start, and it never takes more. */
export class History {
  readonly #times = new Float64Array(POINTS);
  readonly #values: readonly Record<(typeof FIELDS)[number], Float32Array>[];
  #count = 0;

  constructor(nodes: number) {
    this.#values = Array.from({ length: nodes }, () => ({
      perSecond: new Float32Array(POINTS),
      failedPerSecond: new Float32Array(POINTS),
      p50Ms: new Float32Array(POINTS),
      p99Ms: new Float32Array(POINTS),
    }));
  }

  /** When the last point was noted; before the first, in no time. */
  get lastAtMs(): number {
    return this.#count === 0 ? Number.NEGATIVE_INFINITY : (this.#times[(this.#count - 1) % POINTS] as number);
  }

  note(atMs: number, points: readonly Point[]): void {
    const place = this.#count % POINTS;
    this.#times[place] = atMs;
    for (const [node, values] of this.#values.entries()) {
      for (const field of FIELDS) values[field][place] = points[node]?.[field] ?? Number.NaN;
    }
    this.#count++;
  }

  /** The points of one node, the oldest first. */
  of(node: number): HistoryColumns {
    const kept = Math.min(this.#count, POINTS);
    const places = Array.from({ length: kept }, (_, age) => (this.#count - kept + age) % POINTS);
    const values = this.#values[node];
    const column = (field: (typeof FIELDS)[number]): (number | null)[] =>
      places.map((place) => known(values?.[field][place]));
    return {
      atMs: places.map((place) => this.#times[place] as number),
      perSecond: column('perSecond'),
      failedPerSecond: column('failedPerSecond'),
      p50Ms: column('p50Ms'),
      p99Ms: column('p99Ms'),
    };
  }
}

/** Four digits say enough. */
function known(value = Number.NaN): number | null {
  return Number.isNaN(value) ? null : Number(value.toPrecision(4));
}
