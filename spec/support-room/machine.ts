import { vi } from 'vitest';

type Schedulers = typeof import('../../lib/support/scheduler.ts');

/** A machine whose time and macrotasks are in the hands of the spec, and a scheduler that knows no other. */
export interface Machine extends Schedulers {
  /** Lets time pass, in ms. */
  work(ms: number): void;
  /** How often anybody has asked what time it is. */
  looks(): number;
  /** Macrotasks that wait for their turn. */
  waiting(): number;
  /** Has one macrotask run. */
  turn(): void;
}

/** What a runtime may offer for a macrotask. */
export type Seam = 'setImmediate' | 'MessageChannel' | 'setTimeout';

/** Loads a second copy of the scheduler, on a runtime that offers just this. To be undone with `vi.unstubAllGlobals()`. */
export async function machine(seam: Seam = 'setImmediate'): Promise<Machine> {
  let time = 0;
  let asked = 0;
  const macrotasks: (() => void)[] = [];
  class Channel {
    readonly port1: { onmessage?: () => void } = {};
    readonly port2 = { postMessage: () => macrotasks.push(() => this.port1.onmessage?.()) };
  }
  vi.stubGlobal('performance', {
    now: () => {
      asked++;
      return time;
    },
  });
  vi.stubGlobal(
    'setImmediate',
    seam === 'setImmediate' ? (callback: () => void) => macrotasks.push(callback) : undefined,
  );
  vi.stubGlobal('MessageChannel', seam === 'MessageChannel' ? Channel : undefined);
  vi.stubGlobal('setTimeout', (callback: () => void) => macrotasks.push(callback));
  vi.resetModules();
  const loaded = await import('../../lib/support/scheduler.ts');
  return {
    ...loaded,
    work: (ms) => {
      time += ms;
    },
    looks: () => asked,
    waiting: () => macrotasks.length,
    turn: () => macrotasks.shift()?.(),
  };
}
