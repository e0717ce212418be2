import { type Clock, systemClock } from '../support/clock.ts';

/** Time that passes at once when nothing else is left to happen, and as on this machine while functions run. */
export class ExploredTime implements Clock {
  #now = 0;
  // A Map keeps the order in which timers were set.
  readonly #timers = new Map<object, { readonly at: number; readonly callback: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, ms: number): object {
    const id = {};
    this.#timers.set(id, { at: this.#now + Math.max(0, ms), callback });
    return id;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as object);
  }

  /** Calls what is due next, and says after how many ms; `undefined` if nothing is. */
  pass(): number | undefined {
    const [next] = [...this.#timers].sort(([, one], [, other]) => one.at - other.at);
    if (next === undefined) return undefined;
    const [id, { at, callback }] = next;
    const ms = Math.max(0, at - this.#now);
    this.#now += ms;
    this.#timers.delete(id);
    callback();
    return ms;
  }

  /** Whether `event` came first, or what is due next. */
  async isBefore(event: Promise<unknown>): Promise<boolean> {
    const [at] = [...this.#timers.values()].map((timer) => timer.at).sort((one, other) => one - other);
    if (at === undefined) return event.then(() => true);
    let timer: unknown;
    const due = new Promise<boolean>((resolve) => {
      timer = systemClock.setTimeout(() => resolve(false), at - this.#now);
    });
    return Promise.race([event.then(() => true), due]).finally(() => systemClock.clearTimeout(timer));
  }
}
