import { shown } from '../graph/values.ts';
import type { Run } from './attempt.ts';
import type { BatchMessage } from './batch-message.ts';
import { asPromise } from './iterate.ts';
import { chain } from './pulling.ts';

/** What an element of a scattered answer came to. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * Has a call last until every element of its answer has settled: what is put around it, a time or a place in a pool, is
 * for all of that. An element that fails is an outcome like any other; the call itself fails when there is not one for each
 * input.
 */
export function scattering(run: Run): Run {
  return (inputs, context) => {
    const { members } = context.message as unknown as BatchMessage;
    return chain(run(inputs, context), (answer) => outcomesIn(answer, members.length));
  };
}

function outcomesIn(answer: unknown, count: number): readonly Outcome[] | Promise<readonly Outcome[]> {
  if (!Array.isArray(answer))
    throw new TypeError(`with scatter: true it must return an array of ${count}, not ${shown(answer)}`);
  const { length } = answer;
  if (length !== count) {
    // Promises among them may still reject, and nobody else looks at them.
    for (const place of Object.keys(answer)) void outcomeAt(answer, place);
    throw new TypeError(
      `with scatter: true it must return one element for each of its ${count} inputs, not ${length}`,
    );
  }
  const outcomes = Array.from({ length }, (_, place) => outcomeAt(answer, place));
  return outcomes.some((outcome) => outcome instanceof Promise)
    ? Promise.all(outcomes)
    : (outcomes as readonly Outcome[]);
}

/** A place that cannot even be read has failed, and no other. */
function outcomeAt(answer: readonly unknown[], place: number | string): Outcome | Promise<Outcome> {
  try {
    const value = answer[place as number];
    const promise = asPromise(value);
    return promise === undefined ? { value } : outcomeOf(promise);
  } catch (error) {
    return { error };
  }
}

async function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  try {
    return { value: await promise };
  } catch (error) {
    return { error };
  }
}
