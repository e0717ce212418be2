import { isRecord } from '../graph/aliases.ts';
import type { Report } from '../graph/report.ts';
import { shown } from '../graph/values.ts';

/** Reports what is no object of things that are measured, by name. */
export function checkGraphs(graphs: unknown, report: Report): void {
  const example = 'like { orders: measure(plumber) }';
  if (!isRecord(graphs) || isMeasured(graphs) || Object.keys(graphs).length === 0) {
    report('bad-option', 'graphs', `is ${shown(graphs)}, must be an object ${example}`);
    return;
  }
  for (const [name, metrics] of Object.entries(graphs)) {
    if (!isMeasured(metrics))
      report(
        'bad-option',
        `graphs.${name}`,
        `is ${shown(metrics)}, must be what measure() returns, ${example}`,
      );
  }
}

function isMeasured(value: unknown): boolean {
  return typeof Object(value).snapshot === 'function';
}

/** Reports an option that lacks a method of what it must be. */
export function checkMethod(
  value: unknown,
  method: string,
  path: string,
  wants: string,
  report: Report,
): void {
  if (value === undefined || typeof Object(value)[method] === 'function') return;
  report('bad-option', path, `is ${shown(value)}, must be ${wants}`);
}
