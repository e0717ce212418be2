import type { NodePlan } from '../graph/plan.ts';
import type { AttemptHost, Run } from './attempt.ts';
import { pooling } from './pooling.ts';
import { retrying } from './retrying.ts';
import { scattering } from './scattering.ts';
import { threading } from './threading.ts';
import { timing } from './timing.ts';
import { tracing } from './tracing.ts';
import { checkingInput, checkingOutput } from './validating.ts';

/** A node's function, with what its options put around it: nothing, for most. */
export function attempting(plan: NodePlan, node: AttemptHost): Run {
  const { run, worker, retry, timeout, pool, many, input, output, batch } = plan;
  let attempt = worker === undefined ? (run as Run) : threading(worker, node);
  if (batch?.scatter === true) attempt = scattering(attempt);
  if (output !== undefined) attempt = checkingOutput(attempt, output, many, node);
  if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY)
    attempt = timing(attempt, timeout, many, node);
  // What gives many has given all of it when it comes back: that is one turn, not one for each item.
  if (worker !== undefined) attempt = pooling(attempt, { pool: worker.threads, priority: 0 }, false, node);
  if (pool !== undefined) attempt = pooling(attempt, pool, many, node);
  if (retry !== undefined && retry.attempts > 1) attempt = retrying(attempt, retry, many, node);
  if (input !== undefined) attempt = checkingInput(attempt, input);
  const { tracer } = node.run;
  return tracer === undefined || attempt === undefined ? attempt : tracing(attempt, tracer, plan);
}
