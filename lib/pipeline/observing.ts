import type { GraphPlan } from '../graph/plan.ts';
import type { Report } from '../graph/report.ts';
import { shown } from '../graph/values.ts';
import type { Observed } from './observer.ts';
import { Pipeline, runOf } from './pipeline.ts';
import { isPlumber, partsOf } from './plumber.ts';

/** What can be looked at from a door: one pipeline, or all that a Plumber makes from now on. */
export interface Target extends Observed {
  readonly plan: GraphPlan;
}

/** Opens a Plumber or a pipeline; `undefined` if it is neither. */
export function targetOf(value: unknown): Target | undefined {
  if (value instanceof Pipeline) return runOf(value);
  return isPlumber(value) ? partsOf(value).observers : undefined;
}

/** The same; reports what is neither. */
export function readTarget(value: unknown, report: Report): Target | undefined {
  const found = targetOf(value);
  if (found === undefined)
    report('bad-option', 'target', `is ${shown(value)}, must be a Plumber or a Pipeline`);
  return found;
}
