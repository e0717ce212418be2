import { LONGEST_TIMER } from '../support/clock.ts';
import { Limiter, type Limits } from '../support/pool.ts';
import { isRecord } from './aliases.ts';
import type { PoolPlace } from './definition.ts';
import { quoted } from './names.ts';
import { collectProblems, type Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';

/** Limits by name. */
export type Pools = Readonly<Record<string, Pool>>;

/** Where the calls of a node take their turns. */
export interface PoolPlan {
  readonly pool: Pool;
  readonly priority: number;
}

const PLACE_KEYS: readonly (keyof PoolPlace)[] = ['name', 'priority'];

/** Finds the pool that a node names, reporting one that does not exist. */
export function readPool(
  value: string | PoolPlace,
  path: string,
  pools: Pools,
  report: Report,
): PoolPlan | undefined {
  const place = (isRecord(value) ? value : { name: value }) as PoolPlace;
  const { name, priority = 0 } = place;
  reportUnknownKeys(place, PLACE_KEYS, (key) => `${path}.${key}`, report);
  if (!Number.isFinite(priority)) {
    report('bad-option', `${path}.priority`, `is ${shown(priority)}, must be a number`);
  }
  if (typeof name !== 'string') {
    report('bad-option', `${path}.name`, `is ${shown(name)}, must be the name of a pool`);
    return undefined;
  }
  const pool = Object.hasOwn(pools, name) ? pools[name] : undefined;
  if (pool !== undefined) return { pool, priority };
  const names = Object.keys(pools);
  const none =
    names.length === 0 ? ' There are none: give them as `new Plumber(definition, { pools })`.' : '';
  report(
    'unknown-pool',
    path,
    (suggest) => `there is no pool ${quoted(name)}.${none}${suggest(name, names)}`,
  );
  return undefined;
}

/** The limits of a {@link Pool}; `interval` and `intervalCap` go together. */
export type PoolOptions = Limits;

/**
 * A limit that nodes share: of one pipeline, of all pipelines of a Plumber, or of several Plumbers that are given the same
 * one. It holds no backlog: only calls that their node's `concurrency` has let begin wait here for their turn.
 *
 * The time of its windows is that of the machine, whatever the Plumber's `clock` is.
 */
export class Pool extends Limiter {
  /** @throws GraphError if a limit is none. */
  constructor(limits: PoolOptions = {}) {
    const { report, throwAny } = collectProblems();
    checkLimits(limits, 'Pool', report);
    throwAny();
    super(limits);
  }
}

const LIMITS: Readonly<
  Record<keyof Limits, { readonly fits: (value: number) => boolean; readonly wants: string }>
> = {
  concurrency: { fits: isCount, wants: 'a whole number from 1 on, or Infinity' },
  interval: {
    fits: (ms) => ms > 0 && ms <= LONGEST_TIMER,
    wants: `milliseconds above 0 and up to ${LONGEST_TIMER}`,
  },
  intervalCap: { fits: isCount, wants: 'a whole number from 1 on, or Infinity' },
};
const LIMIT_NAMES = Object.keys(LIMITS) as readonly (keyof Limits)[];

function isCount(value: number): boolean {
  return value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1);
}

function checkLimits(limits: unknown, path: string, report: Report): void {
  if (!isRecord(limits)) {
    report('bad-option', path, `is ${shown(limits)}, must be a Pool or an object of limits`);
    return;
  }
  reportUnknownKeys(limits, LIMIT_NAMES, (key) => `${path}.${key}`, report, 'there is no such limit');
  const given = LIMIT_NAMES.filter((name) => limits[name] !== undefined);
  for (const name of given) {
    const { fits, wants } = LIMITS[name];
    const value = limits[name];
    if (typeof value !== 'number' || !fits(value))
      report('bad-option', `${path}.${name}`, `is ${shown(value)}, must be ${wants}`);
  }
  if (given.includes('interval') !== given.includes('intervalCap'))
    report(
      'bad-option',
      path,
      'limits no rate: `interval` and `intervalCap` go together, so many calls in so many ms',
    );
}

/**
 * The pools of a Plumber: those it is given, and new ones for those it is given the limits of.
 *
 * @throws GraphError if a limit is none.
 */
export function poolsOf(given: Readonly<Record<string, PoolOptions | Pool>> = {}): Pools {
  const { report, throwAny } = collectProblems();
  const limited = Object.entries(given).filter(([, pool]) => !(pool instanceof Pool));
  for (const [name, limits] of limited) checkLimits(limits, `options.pools.${name}`, report);
  throwAny();
  return {
    ...given,
    ...Object.fromEntries(limited.map(([name, limits]) => [name, new Pool(limits as Limits)])),
  } as Pools;
}
