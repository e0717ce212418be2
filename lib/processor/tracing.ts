import { isJoin, type NodePlan } from '../graph/plan.ts';
import type { LiveMessage } from '../queue/message.ts';
import type { Run } from './attempt.ts';
import type { Tracer } from './host.ts';
import { asPromise } from './iterate.ts';

/** Tells a tracer of every call of a function: of a generator's, until it is there to be asked for items. */
export function tracing(run: Run, tracer: Tracer, { name, fanIn, batch }: NodePlan): Run {
  const isFrame = isJoin(fanIn) || batch !== undefined;
  return (input, context) => {
    const settled = tracer.began(name, context.message as LiveMessage, isFrame);
    try {
      const answer = run(input, context);
      const promise = asPromise(answer);
      if (promise === undefined) settled('returned');
      else
        promise.then(
          () => settled('returned'),
          () => settled('failed'),
        );
      return promise ?? answer;
    } catch (error) {
      settled('failed');
      throw error;
    }
  };
}
