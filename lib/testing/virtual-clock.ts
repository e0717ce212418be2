import type { Clock } from '../support/clock.ts';
import { atRest } from './rest.ts';

/** Time that passes only when the test says so. Give it to a Plumber as its `clock`. */
export interface VirtualClock extends Clock {
  /**
   * Lets so many milliseconds pass. What becomes due is called in the order of its time, those of one time in the order in
   * which they were set; before each and at the end the engine comes to rest, so what one timer brings about may set the next.
   */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until no timer is left.
   *
   * Rejects if after 10 000 of them there is still one: they set each other for ever.
   */
  runAll(): Promise<void>;
  /** Timers that were set and have neither been called nor cleared. */
  readonly pending: number;
}

/** More than any test needs. */
const MOST_TIMERS = 10_000;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * A clock for timeouts, retries, batches and graces that no test has to wait for.
 *
 * @param start what it shows first, in ms since 1970. @default 0
 * @example
 * import { createPipeline, inlet } from 'sluice';
 * import { virtualClock } from 'sluice/testing';
 *
 * const clock = virtualClock();
 * const never = () => new Promise<void>(() => {});
 * const pipeline = createPipeline({ nodes: { n: inlet<number>(), never }, graph: { n: ['never'] } }, { clock });
 * await pipeline.push(1);
 * const stopped = pipeline.stop({ within: 60_000 });
 * await clock.advance(60_000); // the minute is over: it is aborted
 * await clock.advance(1_000); // and the grace of the abort, too
 * console.log((await stopped).stragglers); // prints: [ 'never' ]
 */
export function virtualClock(start = 0): VirtualClock {
  let time = start;
  // A Map keeps the order in which timers were set.
  const timers = new Map<object, Timer>();

  const callNext = (until: number): boolean => {
    let next: object | undefined;
    let at = until;
    for (const [id, timer] of timers) {
      if (timer.at < at || (timer.at === at && next === undefined)) [next, at] = [id, timer.at];
    }
    const timer = next === undefined ? undefined : timers.get(next);
    if (next === undefined || timer === undefined) return false;
    timers.delete(next);
    time = Math.max(time, timer.at);
    timer.callback();
    return true;
  };

  return {
    now: () => time,
    setTimeout(callback, ms) {
      const id = {};
      timers.set(id, { at: time + Math.max(0, ms), callback });
      return id;
    },
    clearTimeout: (timer) => void timers.delete(timer as object),
    async advance(ms) {
      if (!(ms >= 0)) throw new RangeError(`time cannot pass by ${ms} ms`);
      const until = time + ms;
      do {
        await atRest();
      } while (callNext(until));
      time = until;
    },
    async runAll() {
      await atRest();
      for (let count = 0; callNext(Number.POSITIVE_INFINITY); count++) {
        if (count === MOST_TIMERS)
          throw new Error(`${MOST_TIMERS} timers were called, and there is still one`);
        await atRest();
      }
    },
    get pending() {
      return timers.size;
    },
  };
}
