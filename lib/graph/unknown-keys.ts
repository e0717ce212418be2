import { isRecord } from './aliases.ts';
import type { Report } from './report.ts';
import { isPlain, shown } from './values.ts';

/** Whether options are an object with none but known keys; reports what is wrong with them. */
export function checkKeys(
  options: unknown,
  known: readonly string[],
  example: string,
  report: Report,
): options is object {
  const isObject = isRecord(options) && !Array.isArray(options);
  if (isObject) reportUnknownKeys(options, known, (key) => `options.${key}`, report);
  else report('bad-option', 'options', `is ${shown(options)}, must be an object${example}`);
  return isObject;
}

/** Reports each key of plain data that is none of the known: an option that is misspelt must not be ignored. */
export function reportUnknownKeys(
  data: object,
  known: readonly string[],
  pathOf: (key: string) => string,
  report: Report,
  what = 'there is no such option',
): void {
  // Of an object of a class, other keys are its own business.
  if (!isPlain(data)) return;
  for (const key of Object.keys(data)) {
    if (!known.includes(key))
      report('unknown-option', pathOf(key), (suggest) => `${what}.${suggest(key, known)}`);
  }
}
