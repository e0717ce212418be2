import { asShared, isResult } from '../processor/pulling.ts';
import { LONG } from '../processor/slot.ts';
import { elapsed as now } from '../support/clock.ts';
import { scheduler } from '../support/scheduler.ts';
import { Timings } from './timings.ts';

/** Whether all are timed, or some that stand for the others. */
export type Exactness = 'sampled' | 'exact';

/** Those passed over between two that are timed, on average, where they come fastest. */
const LONGEST_STRIDE = 256;
/** So many in each ms are timed whatever it costs: all that come seldom, and a burst's first. */
const FREE = 8;

/**
 * Says which of many are timed. Where they come seldom that is all; where they come often, one in some 256, by chance, since
 * one in exactly 256 might always be the same kind. Each stands for those passed over since the last. A few that take long
 * among many that do not would be missed, or multiplied: those that are waited for are found by the scheduler's clock.
 */
export class Sampling {
  readonly timings: Timings = new Timings();
  private readonly isExact: boolean;
  private stride = 1;
  private passed = 0;
  /** How many more the next that did not take long has to stand for; those that were counted by themselves are taken off. */
  private owed = 0;
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
    } else if (++this.inWindow >= FREE) this.stride = Math.min(this.stride * 2, LONGEST_STRIDE);
    // Half of them to one and a half.
    this.left = this.stride === 1 ? 1 : Math.ceil(this.stride * (0.5 + Math.random()));
    this.passed = this.left - 1;
    return weight;
  }

  /** Times a function until what it returns has settled. */
  timed<A, B>(act: (a: A, b: B) => unknown, a: A, b: B): unknown {
    const began = now();
    const weight = this.begin(began);
    try {
      const answer = act(a, b);
      const promise = isResult(answer) ? undefined : asShared(answer);
      if (promise === undefined) {
        this.short(now() - began, weight);
        return answer;
      }
      this.follow(promise, began, weight);
      return promise;
    } catch (error) {
      this.short(now() - began, weight);
      throw error;
    }
  }

  private follow(promise: Promise<unknown>, began: number, weight: number): void {
    const { tick } = scheduler;
    const end = (): void => {
      scheduler.enter();
      if (!this.isExact && scheduler.tick - tick >= LONG) this.leave(weight);
      else this.short(now() - began, weight);
    };
    promise.then(end, end);
  }

  /** One that was timed is over. */
  short(ms: number, weight: number): void {
    const whole = weight + this.owed;
    this.owed = Math.min(whole, 0);
    if (whole > 0) this.timings.add(ms, whole);
  }

  /** One that took long is over, which is known of all of them: it counts by itself, and stands for no other. */
  long(ms: number): void {
    if (this.isExact) return;
    this.owed--;
    this.timings.add(ms, 1);
  }

  /** One that was timed took long. Those it would have stood for are left to the next that did not. */
  leave(weight: number): void {
    this.owed += weight;
  }

  /** Passes over all from now on. */
  stop(): void {
    this.left = Number.POSITIVE_INFINITY;
  }
}
