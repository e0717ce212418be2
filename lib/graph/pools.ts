import { reasonOf } from '../error/processor-error.ts';
import { POOL_LIMITS, Pool, type PoolOptions } from '../support/pool.ts';
import { isRecord } from './aliases.ts';
import type { PoolPlace } from './definition.ts';
import { quoted, suggestion } from './names.ts';
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
  report('unknown-pool', path, () => `there is no pool ${quoted(name)}.${none}${suggestion(name, names)}`);
  return undefined;
}

/**
 * The pools of a Plumber: those it is given, and new ones for those it is given the limits of.
 *
 * @throws GraphError if a limit is none.
 */
export function poolsOf(given: Readonly<Record<string, PoolOptions | Pool>> = {}): Pools {
  const { report, throwAny } = collectProblems();
  const pools = Object.entries(given).map(([name, limits]): [string, Pool | undefined] => {
    if (limits instanceof Pool) return [name, limits];
    const path = `options.pools.${name}`;
    reportUnknownKeys(limits, POOL_LIMITS, (key) => `${path}.${key}`, report, 'there is no such limit');
    try {
      return [name, new Pool(limits)];
    } catch (error) {
      report('bad-option', path, reasonOf(error));
      return [name, undefined];
    }
  });
  throwAny();
  return Object.fromEntries(pools) as Pools;
}
