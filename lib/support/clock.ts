/** What time is taken from, and timers are set with: replace it to test without waiting. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The time of this machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as number),
};

/** The timers of one owner, to be cleared together. */
export class Timers {
  readonly #clock: Clock;
  readonly #running: unknown[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For ever is no timer at all. */
  set(ms: number, callback: () => void): void {
    if (ms !== Number.POSITIVE_INFINITY) this.#running.push(this.#clock.setTimeout(callback, ms));
  }

  clear(): void {
    for (const timer of this.#running.splice(0)) this.#clock.clearTimeout(timer);
  }
}
