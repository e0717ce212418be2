/** What time is taken from, and timers are set with: replace it to test without waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Milliseconds of a clock that nobody sets. Taken once: a test that fakes timers must not freeze every pipeline of the process. */
export const elapsed: () => number = performance.now.bind(performance);

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

/** What the platforms' timers can hold, in ms; they take more than that for nothing. */
export const LONGEST_TIMER: number = 2 ** 31 - 1;

/** The timers of one owner, to be cleared together. */
export class Timers {
  private readonly clock: Clock;
  private running: Set<unknown> | undefined;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** For ever is no timer at all. Returns what clears it. */
  set(ms: number, callback: () => void): () => void {
    if (ms === Number.POSITIVE_INFINITY) return () => {};
    this.running ??= new Set();
    const running = this.running;
    const timer = this.clock.setTimeout(() => {
      running.delete(timer);
      callback();
    }, ms);
    running.add(timer);
    return () => {
      if (running.delete(timer)) this.clock.clearTimeout(timer);
    };
  }

  clear(): void {
    for (const timer of this.running ?? []) this.clock.clearTimeout(timer);
    this.running?.clear();
  }
}
