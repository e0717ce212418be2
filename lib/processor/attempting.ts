import type { NodePlan } from '../graph/plan.ts';
import type { AttemptHost, Run } from './attempt.ts';
import { pooling } from './pooling.ts';
import { retrying } from './retrying.ts';
import { timing } from './timing.ts';
import { tracing } from './tracing.ts';

/** A node's function, with what its options put around it: nothing, for most. */
export function attempting(plan: NodePlan, node: AttemptHost): Run {
  const { run, retry, timeout, pool, many } = plan;
  let attempt = run as Run;
  if (timeout !== undefined && timeout !== Number.POSITIVE_INFINITY)
    attempt = timing(attempt, timeout, many, node);
  if (pool !== undefined) attempt = pooling(attempt, pool, many, node);
  if (retry !== undefined && retry.attempts > 1) attempt = retrying(attempt, retry, many, node);
  const { tracer } = node.run;
  return tracer === undefined || run === undefined ? attempt : tracing(attempt, tracer, plan);
}
