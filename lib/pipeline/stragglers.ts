import type { Processor } from '../processor/processor.ts';
import type { Timers } from '../support/clock.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import type { Life } from './life.ts';

/** Whom the end of a pipeline waits for, but no longer than the grace: functions that have not returned. */
export class Stragglers {
  /** Nodes whose functions had not returned when the grace was over. */
  names: readonly string[] = [];
  private late: Map<string, number> | undefined;
  private graceAsked: Deferred<void> | undefined;
  private isGraceRunning = false;

  /** Whether there are functions left whose calls were given up. */
  get areLate(): boolean {
    return this.late !== undefined && this.late.size > 0;
  }

  get graceOver(): Promise<void> {
    this.graceAsked ??= deferred();
    return this.graceAsked.promise;
  }

  /** A function was given up. */
  await(name: string, promise: Promise<unknown>, onReturn: () => void): void {
    this.late ??= new Map();
    const late = this.late;
    late.set(name, (late.get(name) ?? 0) + 1);
    const leave = (): void => {
      const left = (late.get(name) as number) - 1;
      if (left === 0) late.delete(name);
      else late.set(name, left);
      onReturn();
    };
    promise.then(leave, leave);
  }

  /** From now on, there is so much time left; however often it is asked for, it is given once. */
  beginGrace(timers: Timers, ms: number, onOver: () => void): void {
    if (this.isGraceRunning) return;
    this.isGraceRunning = true;
    timers.set(ms, onOver);
  }

  /** The grace is over: whoever has not returned is named. */
  giveUp(processors: readonly Processor[], life: Life | undefined): void {
    const busy = processors.filter(({ isBusy }) => isBusy).map(({ name }) => name);
    this.add([...busy, ...(this.late?.keys() ?? []), ...(life?.busy === undefined ? [] : [life.busy])]);
    this.late = undefined;
    this.graceAsked ??= deferred();
    this.graceAsked.resolve();
  }

  add(names: readonly string[]): void {
    this.names = [...new Set([...this.names, ...names])];
  }
}
