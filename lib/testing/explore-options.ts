import { collectProblems } from '../graph/report.ts';
import { reportUnknownKeys } from '../graph/unknown-keys.ts';
import { shown } from '../graph/values.ts';

/** How `explore` goes about it. */
export interface ExploreOptions {
  /** Schedules to try. @default 100 */
  readonly runs?: number;
  /** What random schedules depend on; the same for the same seed. @default another one each time */
  readonly seed?: number;
  /**
   * `'random'`, or `'systematic'`: first the plainest schedule, in which everything goes on in the order of its arrival,
   * then all that depart from it once, then twice, and so on.
   * @default 'random'
   */
  readonly mode?: 'random' | 'systematic';
  /** One schedule only: that of a failure, as its message says. */
  readonly replay?: string;
  /** What functions find in `context.env`. @default the Plumber's */
  readonly env?: unknown;
}

const COUNT = 'a whole number from 1 on';

const OPTIONS: Readonly<
  Record<keyof ExploreOptions, { readonly fits: (value: unknown) => boolean; readonly wants: string }>
> = {
  runs: { fits: (runs) => Number.isSafeInteger(runs) && Number(runs) >= 1, wants: COUNT },
  seed: { fits: Number.isFinite, wants: 'a number' },
  mode: { fits: (mode) => mode === 'random' || mode === 'systematic', wants: "'random' or 'systematic'" },
  replay: {
    fits: (replay) => typeof replay === 'string' && /^(\d+(\.\d+)*)?$/.test(replay),
    wants: 'what the message of a failure gave, like "0.2.1"',
  },
  env: { fits: () => true, wants: 'anything' },
};

/**
 * Refuses what would be passed over otherwise: a test that tries less than it was asked to proves nothing.
 *
 * @throws GraphError
 */
export function checkExplore(options: ExploreOptions): void {
  const { report, throwAny } = collectProblems();
  const names = Object.keys(OPTIONS) as (keyof ExploreOptions)[];
  reportUnknownKeys(options, names, (key) => `options.${key}`, report);
  for (const name of names) {
    const { fits, wants } = OPTIONS[name];
    const value = options[name];
    if (value !== undefined && !fits(value))
      report('bad-option', `options.${name}`, `is ${shown(value)}, must be ${wants}`);
  }
  throwAny();
}
