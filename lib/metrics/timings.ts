import { elapsed as now } from '../support/clock.ts';
import { Sketch } from '../support/sketch.ts';

/** How long things took, in ms: those of the last one to two minutes. */
export interface Timing {
  /** How many, those that were not timed but stood for by others included. */
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** How long a sketch is added to, in ms, before it makes room for the next. */
const WINDOW = 60_000;

const NONE: Timing = Object.freeze({ count: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p99Ms: 0, maxMs: 0 });

/** Durations, of which the latest can be told about. */
export class Timings {
  private current: Sketch | undefined;
  private previous: Sketch | undefined;
  private since = 0;
  /** All of them added up, in ms. */
  total = 0;

  /** One that is over now and stands for so many. */
  add(ms: number, weight: number, time: number = now()): void {
    this.turn(time);
    this.current ??= new Sketch();
    this.current.add(ms, weight);
    this.total += ms * weight;
  }

  read(time: number = now()): Timing {
    this.turn(time);
    const all = together(this.previous, this.current);
    if (all === undefined) return NONE;
    return {
      count: Math.round(all.count),
      meanMs: all.count === 0 ? 0 : all.sum / all.count,
      p50Ms: all.quantile(0.5),
      p90Ms: all.quantile(0.9),
      p99Ms: all.quantile(0.99),
      maxMs: all.max,
    };
  }

  private turn(time: number): void {
    const age = time - this.since;
    if (age < WINDOW) return;
    this.previous = age < 2 * WINDOW ? this.current : undefined;
    this.current = undefined;
    this.since = time;
  }
}

/** One alone is read as it is: a snapshot reads one or two for every node and edge. */
function together(one: Sketch | undefined, other: Sketch | undefined): Sketch | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const both = new Sketch();
  both.addAll(one);
  both.addAll(other);
  return both;
}
