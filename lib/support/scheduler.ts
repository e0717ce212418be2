import { Ring } from './ring.ts';

/** Something that can be stepped until it has nothing left to do. A step never throws, and is never inside another. */
export interface Task {
  /** Whether it stands in line for the scheduler; only the scheduler writes it. */
  queued: boolean;
  step(): void;
}

/** How long tasks may run before timers and I/O get their turn, in ms. */
const SLICE = 5;
/** Steps between two looks at the clock, at most. A look costs as much as a third of a hop. */
const LONGEST_STRIDE = 64;
/** A gap between two looks, in ms, after which steps are slow enough to look after every one. */
const SLOW = 0.5;
/** When this process loaded the package, in ms since 1970. */
export const EPOCH: number = Date.now();

// Taken once: a test that fakes timers must not freeze every pipeline of the process.
const now: () => number = performance.now.bind(performance);
const macrotask: (callback: () => void) => void = macrotasks();

/**
 * Shares the thread between all pipelines of the process and the rest of the program. Tasks are stepped one after the
 * other in the order in which they were woken, so the stack stays flat whatever the length of a chain; when the time
 * slice is over they wait for a macrotask.
 *
 * ```text
 *   idle --enter()--> in a slice --5 ms--> over
 *     ^                   |                  |
 *     +----- macrotask ---+---- macrotask ---+--> the queue is worked off in a new slice
 * ```
 */
export class Scheduler {
  #state: 'idle' | 'in-slice' | 'over' = 'idle';
  /** The time as of the last look, in ms since {@link EPOCH}: a small integer, which objects hold without a box. */
  tick = 0;
  #sliceStart = 0;
  #lastLook = 0;
  #stride = 1;
  #stepsLeft = 0;
  #isWorking = false;
  readonly #queue = new Ring<Task>();
  readonly #turnOver = (): void => {
    this.#state = 'idle';
    if (this.#queue.size === 0) return;
    this.enter();
    this.#workOff();
  };

  /** To be called wherever the world outside comes in: a settled promise, a push, a timer. */
  enter(): void {
    if (this.#state !== 'idle') return;
    this.#state = 'in-slice';
    this.#stride = 1;
    this.#look(now());
    this.#sliceStart = this.#lastLook;
    macrotask(this.#turnOver);
  }

  /** Whether a task may begin one more piece of work; if not it is queued, and stepped in a later slice. */
  mayGoOn(task: Task): boolean {
    if (--this.#stepsLeft > 0) return true;
    this.enter();
    if (this.#state === 'in-slice') {
      const time = now();
      if (time - this.#sliceStart < SLICE) {
        this.#look(time);
        return true;
      }
      this.#state = 'over';
    }
    this.#stepsLeft = 0;
    this.#enqueue(task);
    return false;
  }

  /** Steps a task as soon as no other one is stepping. */
  wake(task: Task): void {
    this.#enqueue(task);
    if (!this.#isWorking) this.#workOff();
  }

  #enqueue(task: Task): void {
    if (task.queued) return;
    task.queued = true;
    this.#queue.push(task);
  }

  #workOff(): void {
    this.#isWorking = true;
    while (this.#state !== 'over') {
      const task = this.#queue.shift();
      if (task === undefined) break;
      task.queued = false;
      task.step();
    }
    this.#isWorking = false;
  }

  #look(time: number): void {
    this.#stride = time - this.#lastLook > SLOW ? 1 : Math.min(this.#stride * 2, LONGEST_STRIDE);
    this.#stepsLeft = this.#stride;
    this.#lastLook = time;
    this.tick = Date.now() - EPOCH;
  }
}

/** The scheduler of this process. */
export const scheduler: Scheduler = new Scheduler();

function macrotasks(): (callback: () => void) => void {
  const { setImmediate, MessageChannel } = globalThis as unknown as {
    setImmediate?: (callback: () => void) => unknown;
    MessageChannel?: typeof globalThis.MessageChannel;
  };
  if (setImmediate !== undefined) return setImmediate;
  if (MessageChannel === undefined) return (callback) => setTimeout(callback, 0);
  const { port1, port2 } = new MessageChannel();
  const callbacks = new Ring<() => void>();
  port1.onmessage = () => callbacks.shift()?.();
  return (callback) => {
    callbacks.push(callback);
    port2.postMessage(undefined);
  };
}
