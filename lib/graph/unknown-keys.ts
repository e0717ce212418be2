import type { Report } from './report.ts';
import { isPlain } from './values.ts';

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
