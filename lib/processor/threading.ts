import { WorkerError } from '../error/worker-error.ts';
import type { WorkerPlan } from '../graph/workers.ts';
import { buffersIn } from '../support/buffers.ts';
import { putTogether } from '../support/thread-errors.ts';
import type { AttemptHost, Run } from './attempt.ts';

/** Calls a function that a module exports in a worker thread. */
export function threading(plan: WorkerPlan, node: AttemptHost): Run {
  const { module, name, threads, movesInput, movesOutput } = plan;
  const { args, name: of } = node;
  return async (input, { message, signal }) => {
    const { id, timestamp } = message;
    const context = { args, node: of, message: { id, timestamp } };
    const task = { module, name, input, context, moves: movesOutput };
    const outcome = await threads.work(task, signal, movesInput ? buffersIn(input) : []);
    if (outcome.kind === 'returned') return outcome.value;
    if (outcome.kind === 'threw') throw putTogether(outcome.error);
    throw signal.aborted ? signal.reason : new WorkerError(outcome.reason);
  };
}
