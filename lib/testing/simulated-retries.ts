import type { RetryPlan } from '../graph/retry.ts';
import { Failure } from '../processor/attempt.ts';
import type { CallContext } from '../processor/context.ts';
import { refusalOf } from '../processor/retrying.ts';

/** Calls a function until it succeeds, has given an item, or is not to be tried again. */
export async function retried(
  plan: RetryPlan | undefined,
  context: Pick<CallContext, 'message' | 'signal'>,
  values: readonly unknown[],
  attempt: () => Promise<void>,
): Promise<void> {
  for (let attempts = 1; ; attempts++) {
    try {
      await attempt();
      return;
    } catch (error) {
      const isFinal = plan === undefined || values.length > 0;
      const refusal = isFinal ? { thrown: error } : refusalOf(plan, error, attempts, context);
      if (refusal !== undefined) throw Failure.after(attempts, refusal.thrown);
    }
  }
}
