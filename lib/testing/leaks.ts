import { nextTurn } from '../support/scheduler.ts';
import { theProcess } from './process.ts';
import { watchPromises } from './promises.ts';
import { unhandledDuring } from './unhandled.ts';

/** What a scenario is given, to have more watched than what is watched anyway. */
export interface LeakWatch {
  /** A signal to which nobody may be listening in the end; returns it. */
  signal(signal: AbortSignal): AbortSignal;
}

/** Turns in which what is being closed may go; what was left stays. */
const PATIENCE = 100;

/**
 * Runs a scenario, and rejects if it leaves anything behind, with a list of what: timers and open handles of the process,
 * `abort` listeners on watched signals, rejections that nobody handled, and promises made in it that something still
 * refers to and that have not settled. Resolves with what the scenario does.
 *
 * The scenario has the process to itself: run nothing beside it. Needs Node.js (or a runtime with its process, such as
 * Deno or Bun), and says so elsewhere instead of seeing nothing. To find forgotten promises it collects garbage, for
 * which it switches on `--expose-gc`.
 *
 * @example
 * import { createPipeline, inlet } from 'sluice';
 * import { withoutLeaks } from 'sluice/testing';
 *
 * let timer: NodeJS.Timeout | undefined;
 * const polling = {
 *   run: (n: number) => n,
 *   setup: () => {
 *     timer = setInterval(() => {}, 60_000); // and no teardown that clears it
 *   },
 * };
 * const leaky = withoutLeaks(async () => {
 *   await using pipeline = createPipeline({ nodes: { n: inlet<number>(), polling }, graph: { n: ['polling'] } });
 *   await pipeline.call(1);
 * });
 * console.log(/Timeout/.test(String(await leaky.catch(String)))); // prints: true
 * clearInterval(timer);
 */
export async function withoutLeaks<T>(scenario: (watch: LeakWatch) => Promise<T> | T): Promise<T> {
  const { process, events } = theProcess('withoutLeaks');
  const resources = (): string[] => process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');
  const signals: AbortSignal[] = [];
  const watch: LeakWatch = {
    signal(signal) {
      signals.push(signal);
      return signal;
    },
  };

  const promises = watchPromises();
  const before = resources();
  const { result, unhandled } = await unhandledDuring(() =>
    promises.during(async () => scenario(watch)),
  ).catch((error) => {
    promises.stop();
    throw error;
  });
  for (let turn = 0; turn < PATIENCE && difference(resources(), before).length > 0; turn++) await nextTurn();

  const left = {
    'timers and handles': difference(resources(), before),
    listeners: signals.flatMap((signal) => events.getEventListeners(signal, 'abort')),
    unhandled,
    promises: await promises.pending(),
  };
  const found = Object.entries(left).filter(([, things]) => things.length > 0);
  if (found.length === 0) return result;
  const lines = found.map(([what, things]) => `${what}: ${things.map(String).join('\n  ')}`);
  throw new Error(`the scenario left behind\n${lines.join('\n')}`);
}

/** What is in the one list and not in the other, each as often as it is. */
function difference(after: readonly string[], before: readonly string[]): string[] {
  const rest = [...before];
  return after.filter((name) => {
    const place = rest.indexOf(name);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}
