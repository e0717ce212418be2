import type { Wait } from '../error/stall-error.ts';
import type { Processor } from '../processor/processor.ts';
import { scheduler, type Watcher } from '../support/scheduler.ts';
import { findLastBatch, findStall } from './waits.ts';

/** The run that is watched. */
export interface Watched {
  readonly processors: readonly Processor[];
  readonly isUnderWay: boolean;
  /** It was asked to stop. */
  readonly isDraining: boolean;
  stalled(cycle: readonly Wait[]): void;
}

/**
 * Looks for batches that nothing can fill any more, and for nodes that wait for each other in a circle, whenever a slice of
 * the scheduler has left nothing to do.
 *
 * ```text
 *   calm --suspect(): a node waits for room, or to fill a batch--> suspicious --nothing runs, no circle--> resting
 *                                                                    ^                                     |
 *                                                                    +--- the world outside comes in ------+
 * ```
 */
export class StallWatch implements Watcher {
  readonly #run: Watched;
  /** Those that gather batches. */
  readonly #gathering: readonly Processor[];
  #state: 'calm' | 'suspicious' | 'resting' = 'calm';
  /** The node that was found at work last: most likely it still is. */
  #atWork: Processor | undefined;

  constructor(run: Watched) {
    this.#run = run;
    this.#gathering = run.processors.filter(({ plan }) => plan.batch !== undefined);
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
      if (this.#flushed()) return true;
      if (this.#atWork?.isAtWork !== true) this.#atWork = processors.find(({ isAtWork }) => isAtWork);
      if (this.#atWork !== undefined) return true;
    }
    this.#state = processors.some(({ blocked }) => blocked > 0) ? 'resting' : 'calm';
    const cycle = isUnderWay ? findStall(processors) : undefined;
    if (cycle !== undefined) this.#run.stalled(cycle);
    return false;
  }

  /** Whether a batch was begun. When the pipeline drains none waits for a function, which may never return. */
  #flushed(): boolean {
    const waiting = this.#gathering.filter(({ canFlush }) => canFlush);
    if (waiting.length === 0) return false;
    if (this.#run.isDraining) {
      for (const node of waiting) node.flush();
      return true;
    }
    const last = findLastBatch(this.#run.processors);
    last?.flush();
    return last !== undefined;
  }
}
