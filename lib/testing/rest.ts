import { nextTurn, scheduler, type Task } from '../support/scheduler.ts';

/** Quiet turns of the event loop after which nothing is expected to move by itself. */
const QUIET = 5;

/**
 * Resolves when the pipelines of this process have come to rest: no node has anything left to do, and all promises that
 * were about to settle have. What waits for I/O, a timer of this machine, or many turns of the event loop is at rest, too.
 *
 * @example
 * import { createPipeline, inlet } from 'sluice';
 * import { atRest } from 'sluice/testing';
 *
 * const pipeline = createPipeline({
 *   nodes: { n: inlet<number>(), half: async (n: number) => n / 2 },
 *   graph: { n: ['half'] },
 * });
 * void pipeline.push(2);
 * await atRest();
 * console.log(pipeline.metrics().nodes.half?.processed); // prints: 1
 * await pipeline.stop();
 */
export async function atRest(): Promise<void> {
  for (let quiet = 0; quiet < QUIET; quiet++) {
    await nextTurn();
    if (!isIdle()) quiet = -1;
  }
}

/** Whether the scheduler has nothing in line: only then is a task stepped as soon as it is woken. */
function isIdle(): boolean {
  let isStepped = false;
  const task: Task = {
    queued: false,
    step: () => {
      isStepped = true;
    },
  };
  scheduler.wake(task);
  return isStepped;
}
