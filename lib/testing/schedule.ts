import { nextTurn } from '../support/scheduler.ts';
import type { Choices } from './choices.ts';
import type { ExploredTime } from './explored-time.ts';
import { atRest } from './rest.ts';

interface Point {
  readonly label: string;
  go(): void;
}

/** Turns of the event loop after which nothing more will happen to a pipeline of which no function is running. */
const PATIENCE = 20;

/** What has happened between one step and the next: all that could, nothing, or what one or three microtasks bring about. */
const GAPS = [undefined, 0, 1, 3] as const;

/**
 * Decides in which order a run goes on. Whatever reaches a point waits there until the schedule lets it go, one after the
 * other; in between, the engine and the functions run as far as they can, or only a little.
 */
export class Schedule {
  readonly #choices: Choices;
  readonly #time: ExploredTime;
  readonly #waiting: Point[] = [];
  #isOpen = false;
  #arrived: () => void = () => {};
  /** Functions of the user that have been called and have not returned. */
  running = 0;
  /** What was let go, in order. */
  readonly steps: string[] = [];

  /** @param time passes when nothing else is left to happen */
  constructor(choices: Choices, time: ExploredTime) {
    this.#choices = choices;
    this.#time = time;
  }

  /** Resolves when the schedule lets it go on. */
  point(label: string): Promise<void> | undefined {
    if (this.#isOpen) return undefined;
    return new Promise((resolve) => {
      this.#waiting.push({ label, go: resolve });
      this.#arrived();
    });
  }

  /** Lets go what waits, one after the other, until `end` has settled; `false` if nothing is left that could bring it about. */
  async drive(end: Promise<unknown>): Promise<boolean> {
    let isOver = false;
    const ended = end.then(() => {
      isOver = true;
    });
    await atRest();
    while (!isOver) {
      if (this.#waiting.length > 0) await this.#step();
      else if (this.running > 0) {
        if (!(await this.#time.isBefore(Promise.race([ended, this.#arrival()])))) await this.#passTime();
      } else if (await this.#isStill(() => isOver)) {
        if (!(await this.#passTime())) return false;
      }
    }
    return true;
  }

  /** Lets everything go, now and from now on. */
  open(): void {
    this.#isOpen = true;
    for (const { go } of this.#waiting.splice(0)) go();
  }

  /** Whether anything was due. */
  async #passTime(): Promise<boolean> {
    const ms = this.#time.pass();
    if (ms === undefined) return false;
    if (ms > 0) this.steps.push(`${ms} ms pass`);
    await atRest();
    return true;
  }

  async #step(): Promise<void> {
    let gap: number | undefined;
    // Without a gap it is the very same microtask.
    do gap = this.#letGo();
    while (gap === 0 && this.#waiting.length > 0);
    if (gap === undefined || this.#waiting.length === 0) await atRest();
    else for (let hop = 0; hop < gap; hop++) await undefined;
  }

  #letGo(): (typeof GAPS)[number] {
    const [point] = this.#waiting.splice(this.#choices.pick(this.#waiting.length), 1) as [Point];
    const gap = GAPS[this.#choices.pick(GAPS.length)];
    this.steps.push(gap === undefined ? point.label : `${point.label}, and at once`);
    point.go();
    return gap;
  }

  #arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.#arrived = resolve;
    });
  }

  async #isStill(isOver: () => boolean): Promise<boolean> {
    for (let turn = 0; turn < PATIENCE; turn++) {
      await nextTurn();
      if (isOver() || this.#waiting.length > 0 || this.running > 0) return false;
    }
    await atRest();
    return !isOver() && this.#waiting.length === 0 && this.running === 0;
  }
}
