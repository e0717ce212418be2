import { elapsed as now } from './clock.ts';
import { Ring } from './ring.ts';

/** Something that can be stepped until it has nothing left to do. A step never throws, and is never inside another. */
export interface Task {
  /** Whether it stands in line for the scheduler; only the scheduler writes it. */
  queued: boolean;
  step(): void;
}

/** Who wants to know that nothing is left to do. */
export interface Watcher {
  /** A slice is over and no task stands in line. Whether it is to be asked again after the next one. */
  rested(): boolean;
}

/** Where woken tasks stand in line. */
export interface RunQueue {
  readonly size: number;
  push(task: Task): void;
  shift(): Task | undefined;
}

/** How long tasks may run before timers and I/O get their turn, in ms. */
const SLICE = 5;
/** Steps between two looks at the clock, at most. A look costs as much as a third of a hop. */
const LONGEST_STRIDE = 64;
/** A gap between two looks, in ms, after which steps are slow enough to look after every one. */
const SLOW = 0.5;
/** How deep work may be nested: the stack stays flat whatever the length of a chain. */
const DEEPEST = 8;
/** When this process loaded the package, in ms since 1970. */
export const EPOCH: number = Date.now();

const macrotask: (callback: () => void) => void = macrotasks();

// Small integers, compared at every step.
const IDLE = 0;
const IN_SLICE = 1;
const OVER = 2;

/**
 * Shares the thread between all pipelines of the process and the rest of the program. Tasks are stepped one after the
 * other in the order in which they were woken, so the stack stays flat whatever the length of a chain; when the time
 * slice is over they wait for a macrotask.
 *
 * ```text
 *   IDLE --enter()--> IN_SLICE --5 ms--> OVER
 *    ^                   |                |
 *    +---- macrotask ----+-- macrotask ---+--> the queue is worked off in a new slice
 * ```
 */
export class Scheduler {
  private state: typeof IDLE | typeof IN_SLICE | typeof OVER = IDLE;
  /** The time as of the last look, in ms since {@link EPOCH}: a small integer, which objects hold without a box. */
  tick = 0;
  private sliceStart = 0;
  private lastLook = 0;
  private stride = 1;
  private stepsLeft = 0;
  private isWorking = false;
  private depth = 0;
  private queue: RunQueue = new Ring<Task>();
  /** At the end of a slice rather than after every task: a turn of the event loop costs more than to ask one of these. */
  private watchers: Watcher[] = [];
  private readonly turnOver = (): void => {
    this.state = IDLE;
    if (this.queue.size === 0) {
      if (this.watchers.length > 0) this.rest();
      return;
    }
    this.enter();
    this.isWorking = true;
    this.workOff();
  };

  /** To be called wherever the world outside comes in: a settled promise, a push, a timer. */
  enter(): void {
    if (this.state === IDLE) this.beginSlice();
  }

  /** Whether a task may begin one more piece of work; if not it is queued, and stepped in a later slice. */
  mayGoOn(task: Task): boolean {
    return --this.stepsLeft > 0 || this.mayGoOnByTheClock(task);
  }

  private beginSlice(): void {
    this.state = IN_SLICE;
    this.stride = 1;
    this.look(now());
    this.sliceStart = this.lastLook;
    macrotask(this.turnOver);
  }

  private mayGoOnByTheClock(task: Task): boolean {
    this.enter();
    if (this.state === IN_SLICE) {
      const time = now();
      if (time - this.sliceStart < SLICE) {
        this.look(time);
        return true;
      }
      this.state = OVER;
    }
    this.stepsLeft = 0;
    this.enqueue(task);
    return false;
  }

  /** Steps a task as soon as no other one is stepping: at once, if the world outside came in just now. */
  wake(task: Task): void {
    if (this.isWorking || this.state === OVER) {
      this.enqueue(task);
      return;
    }
    this.isWorking = true;
    task.step();
    this.workOff();
  }

  /** Whether work may be done at once; if so, it ends with {@link end}. */
  begin(): boolean {
    if (this.isWorking || this.state === OVER) return false;
    this.isWorking = true;
    return true;
  }

  /** Steps the task whose work it was, and all others it has woken. */
  end(task: Task): void {
    task.step();
    if (this.queue.size > 0) this.workOff();
    else this.isWorking = false;
  }

  /** Whether work may be done inside other work; if so, it ends with {@link ascend}. */
  descend(): boolean {
    if (this.depth === DEEPEST) return false;
    this.depth++;
    return true;
  }

  ascend(): void {
    this.depth--;
  }

  /** Has it told each time a slice has left nothing to do. */
  watch(watcher: Watcher): void {
    this.watchers.push(watcher);
  }

  /** Has woken tasks stand in another line from now on, those too that stand in this one; returns this one, to be put back. */
  lineUp(queue: RunQueue): RunQueue {
    const { queue: before } = this;
    for (let task = before.shift(); task !== undefined; task = before.shift()) queue.push(task);
    this.queue = queue;
    return before;
  }

  private rest(): void {
    const watchers = this.watchers;
    this.watchers = [];
    for (const watcher of watchers) if (watcher.rested()) this.watchers.push(watcher);
  }

  private enqueue(task: Task): void {
    if (task.queued) return;
    task.queued = true;
    this.queue.push(task);
  }

  private workOff(): void {
    while (this.state !== OVER) {
      const task = this.queue.shift();
      if (task === undefined) break;
      task.queued = false;
      task.step();
    }
    this.isWorking = false;
  }

  private look(time: number): void {
    this.stride = time - this.lastLook > SLOW ? 1 : Math.min(this.stride * 2, LONGEST_STRIDE);
    this.stepsLeft = this.stride;
    this.lastLook = time;
    // As a float it would be boxed anew in every message. After 12 days it is one.
    const tick = Date.now() - EPOCH;
    this.tick = tick < 2 ** 30 ? tick | 0 : tick;
  }
}

/** Resolves when timers, I/O and all that is due now have had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise(macrotask);
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
