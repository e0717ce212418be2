import type { Report } from '../graph/report.ts';
import { shown } from '../graph/values.ts';
import { type Target, targetOf } from '../pipeline/observing.ts';

/** Reports what is neither a Plumber nor a pipeline. */
export function readTarget(value: unknown, report: Report): Target | undefined {
  const found = targetOf(value);
  if (found === undefined)
    report('bad-option', 'target', `is ${shown(value)}, must be a Plumber or a Pipeline`);
  return found;
}
