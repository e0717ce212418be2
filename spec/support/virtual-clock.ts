import type { Clock } from 'sluice';

/** Time that passes only when the spec says so. */
export interface VirtualClock extends Clock {
  /** Lets time pass, and calls what has become due, in order. */
  advance(ms: number): void;
  /** Timers that were set and have neither been called nor cleared. */
  readonly pending: number;
}

export function virtualClock(): VirtualClock {
  let time = 0;
  let lastId = 0;
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>();
  const nextDue = (until: number): number | undefined =>
    [...timers].filter(([, { at }]) => at <= until).sort(([, a], [, b]) => a.at - b.at)[0]?.[0];
  return {
    now: () => time,
    setTimeout(callback, ms) {
      timers.set(++lastId, { at: time + ms, callback });
      return lastId;
    },
    clearTimeout: (timer) => void timers.delete(timer as number),
    advance(ms) {
      const until = time + ms;
      for (let id = nextDue(until); id !== undefined; id = nextDue(until)) {
        const timer = timers.get(id);
        timers.delete(id);
        time = Math.max(time, timer?.at ?? 0);
        timer?.callback();
      }
      time = until;
    },
    get pending() {
      return timers.size;
    },
  };
}
