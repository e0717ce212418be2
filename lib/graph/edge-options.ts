import type { AnyFunction, Overflow } from './definition.ts';
import { readFunction } from './named.ts';
import { FUNCTION, readOptions } from './options.ts';
import type { Registry } from './registered.ts';
import type { Report } from './report.ts';
import { isFunctionOrName, shown } from './values.ts';

/** The options of an edge, with registry names looked up. */
export interface ReadEdgeOptions {
  readonly queueSize: number | undefined;
  readonly overflow: Overflow | undefined;
  readonly when: AnyFunction | undefined;
  readonly feedback: boolean;
}

/** The keys of an edge that is written as an object. */
export const EDGE_KEYS: readonly string[] = ['to', 'when', 'queueSize', 'overflow', 'feedback'];

/** Reads what an edge says beside where it leads, reporting what is unreadable. */
export function readEdgeOptions(
  fields: Readonly<Record<string, unknown>>,
  path: string,
  registry: Registry,
  report: Report,
): ReadEdgeOptions {
  const { queueSize, overflow, when, feedback = false } = fields;
  if (typeof feedback !== 'boolean') {
    report('bad-option', `${path}.feedback`, `is ${shown(feedback)}, must be true or false`);
  }
  const isUnbounded = feedback === true && queueSize === Number.POSITIVE_INFINITY;
  const common = isUnbounded ? { overflow } : { queueSize, overflow };
  const read = readOptions(common, (option) => `${path}.${option}`, [], registry, report);
  return {
    queueSize: isUnbounded ? queueSize : read.queueSize,
    overflow: read.overflow,
    when: readWhen(when, fields, `${path}.when`, registry, report),
    feedback: feedback === true,
  };
}

function readWhen(
  when: unknown,
  edge: object,
  path: string,
  registry: Registry,
  report: Report,
): AnyFunction | undefined {
  if (when === undefined) return undefined;
  if (isFunctionOrName(when)) return readFunction(when, edge, path, registry, report);
  report('bad-option', path, `is ${shown(when)}, must be ${FUNCTION.wants}`);
  return undefined;
}
