import { suggestion } from '../graph/names.ts';
import type { GraphPlan } from '../graph/plan.ts';
import { collectProblems } from '../graph/report.ts';
import { shown } from '../graph/values.ts';
import { isIterableObject, openIterator } from '../processor/iterate.ts';
import { markHandled } from '../support/deferred.ts';

/**
 * Checks what inlets are to be fed from.
 *
 * @throws GraphError if a name is no inlet's, or a value cannot be pulled.
 */
export function checkInputs(inputs: object, plan: GraphPlan): Map<string, unknown> {
  const { report, throwAny } = collectProblems();
  const names = plan.inlets.map(({ name }) => name);
  for (const [name, input] of Object.entries(inputs)) {
    if (!names.includes(name)) {
      report('unknown-inlet', `inputs.${name}`, `there is no inlet of that name.${suggestion(name, names)}`);
    } else if (!isIterableObject(input)) {
      report(
        'bad-input',
        `inputs.${name}`,
        `is ${shown(input)}, must be an iterable, an async iterable or a stream`,
      );
    }
  }
  throwAny();
  return new Map(Object.entries(inputs));
}

/** Lets go of an input that will never be read: streams hold files and sockets. */
export function closeInput(input: unknown): void {
  try {
    markHandled(Promise.resolve(openIterator(input)?.return?.()));
  } catch {
    // It was given to be read, and is not: that it cannot be closed either is of no interest to anybody.
  }
}

/** The same for all of them. */
export function closeInputs(inputs: ReadonlyMap<string, unknown> | undefined): void {
  for (const input of inputs?.values() ?? []) closeInput(input);
}
