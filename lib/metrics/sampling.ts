import { asPromise } from '../processor/iterate.ts';
import { Timings } from './timings.ts';

/** Whether all are timed, or some that stand for the others. */
export type Exactness = 'sampled' | 'exact';

// Bound once: whoever fakes timers in a test freezes nothing here.
const now: () => number = performance.now.bind(performance);

/** Those passed over between two that are timed, on average, where they come fastest. */
const LONGEST_STRIDE = 256;
/** So many in each ms are timed whatever it costs: all that come seldom, and a burst's first. */
const FREE = 8;

/**
 * Says which of many are timed. Where they come seldom that is all; where they come often, one in some 256, by chance, since
 * one in exactly 256 might always be the same kind. Each stands for those passed over since the last.
 */
export class Sampling {
  readonly timings: Timings = new Timings();
  private readonly isExact: boolean;
  private stride = 1;
  private passed = 0;
  private left = 1;
  private windowBegan = 0;
  private inWindow = 0;

  constructor(exactness: Exactness) {
    this.isExact = exactness === 'exact';
  }

  /** Whether the next one is timed. */
  next(): boolean {
    return --this.left <= 0;
  }

  /** Begins with one that is timed; returns how many it stands for. */
  begin(began: number): number {
    if (this.isExact) return 1;
    const weight = this.passed + 1;
    if (began - this.windowBegan >= 1) {
      this.windowBegan = began;
      this.inWindow = 0;
      this.stride = 1;
    } else if (++this.inWindow > FREE) this.stride = Math.min(this.stride * 2, LONGEST_STRIDE);
    // Half of them to one and a half.
    this.left = this.stride === 1 ? 1 : Math.ceil(this.stride * (0.5 + Math.random()));
    this.passed = this.left - 1;
    return weight;
  }

  /** Times a function until what it returns has settled. */
  timed<A, B>(act: (a: A, b: B) => unknown, a: A, b: B): unknown {
    const began = now();
    const weight = this.begin(began);
    const end = (): void => this.timings.add(began, now(), weight);
    try {
      const answer = act(a, b);
      const promise = asPromise(answer);
      if (promise === undefined) end();
      else promise.then(end, end);
      return promise ?? answer;
    } catch (error) {
      end();
      throw error;
    }
  }

  /** One that was passed over has turned out to be so long that it has to count. */
  addPassed(ms: number): void {
    const ended = now();
    this.passed = Math.max(this.passed - 1, 0);
    this.timings.add(ended - ms, ended, 1);
  }

  /** Passes over all from now on. */
  stop(): void {
    this.left = Number.POSITIVE_INFINITY;
  }
}
