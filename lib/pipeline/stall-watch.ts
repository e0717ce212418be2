import type { Wait } from '../error/stall-error.ts';
import type { Processor } from '../processor/processor.ts';
import { scheduler, type Watcher } from '../support/scheduler.ts';
import { findStall } from './waits.ts';

/** The run that is watched. */
export interface Watched {
  readonly processors: readonly Processor[];
  readonly isUnderWay: boolean;
  stalled(cycle: readonly Wait[]): void;
}

/**
 * Looks for nodes that wait for each other in a circle, whenever a slice of the scheduler has left nothing to do.
 *
 * ```text
 *   calm --suspect(): a node waits for room--> suspicious --nothing runs, no circle--> resting
 *                                                  ^                                      |
 *                                                  +--- the world outside comes in -------+
 * ```
 */
export class StallWatch implements Watcher {
  readonly #run: Watched;
  #state: 'calm' | 'suspicious' | 'resting' = 'calm';
  /** The node that was found at work last: most likely it still is. */
  #atWork: Processor | undefined;

  constructor(run: Watched) {
    this.#run = run;
  }

  suspect(): void {
    if (this.#state === 'suspicious') return;
    this.#state = 'suspicious';
    scheduler.watch(this);
  }

  /** Something was handed in from outside: nodes that were left waiting may be at an end with it. */
  stir(): void {
    if (this.#state === 'resting') this.suspect();
  }

  rested(): boolean {
    const { processors, isUnderWay } = this.#run;
    if (isUnderWay) {
      if (this.#atWork?.isAtWork !== true) this.#atWork = processors.find(({ isAtWork }) => isAtWork);
      if (this.#atWork !== undefined) return true;
    }
    this.#state = processors.some(({ blocked }) => blocked > 0) ? 'resting' : 'calm';
    const cycle = isUnderWay ? findStall(processors) : undefined;
    if (cycle !== undefined) this.#run.stalled(cycle);
    return false;
  }
}
