import { turn } from './turns.ts';

/** Far more than anything here stands still for between two steps. */
const patience = 2000;

/**
 * What `promise` comes to, unless nothing has happened for so many turns of the event loop that nothing ever will. No
 * clock is asked: a slow machine only makes the turns slower.
 *
 * @param steps a number that changes whenever something happens
 */
export async function unlessIdle<T>(
  promise: Promise<T>,
  steps: () => number,
  explain: () => unknown = () => '',
): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  for (let idle = 0, seen = steps(); !isSettled; idle++) {
    await turn();
    if (steps() !== seen) [idle, seen] = [0, steps()];
    if (idle > patience) throw new Error(`nothing happens any more\n${JSON.stringify(explain(), null, 1)}`);
  }
  return settled;
}
