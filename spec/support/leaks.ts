import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { promiseHooks, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turns } from './turns.ts';
import { unhandledDuring } from './unhandled.ts';

/** What a scenario is given to have watched, beside what is watched anyway. */
export interface LeakWatch {
  /** A signal that nobody may be listening to in the end. */
  signal(signal: AbortSignal): AbortSignal;
}

/**
 * Runs a scenario and fails if it leaves anything behind: a handle or timer of the process, a listener on a watched
 * signal, a rejection that nobody handled, or a promise made in it that is still waited for and will never settle.
 */
export async function withoutLeaks(scenario: (watch: LeakWatch) => Promise<void>): Promise<void> {
  const signals: AbortSignal[] = [];
  const promises = watchPromises();
  const before = resources();
  const unhandled = await unhandledDuring(() =>
    promises.during(() =>
      scenario({
        signal(signal) {
          signals.push(signal);
          return signal;
        },
      }),
    ),
  );
  // What is being closed may take a few turns; what was left stays.
  for (let i = 0; i < 20 && difference(resources(), before).length > 0; i++) await turns(5);

  const left = {
    resources: difference(resources(), before),
    listeners: signals.flatMap((signal) => getEventListeners(signal, 'abort')),
    unhandled,
    promises: await promises.pending(),
  };
  const found = Object.entries(left).filter(([, things]) => things.length > 0);
  if (found.length === 0) return;
  const lines = found.map(([what, things]) => `${what}: ${things.map(String).join('\n  ')}`);
  throw new Error(`the scenario left behind\n${lines.join('\n')}`);
}

function resources(): string[] {
  return process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');
}

function difference(after: readonly string[], before: readonly string[]): string[] {
  const rest = [...before];
  return after.filter((name) => {
    const place = rest.indexOf(name);
    if (place >= 0) rest.splice(place, 1);
    return place < 0;
  });
}

const scope = new AsyncLocalStorage<object>();
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Promises made during the scenario that are pending in the end and that something still refers to. */
function watchPromises(): {
  during<T>(act: () => Promise<T>): Promise<T>;
  pending(): Promise<string[]>;
} {
  const token = {};
  const madeHere = new Map<Promise<unknown>, undefined>();
  const stop = promiseHooks.createHook({
    init(promise) {
      if (scope.getStore() === token) madeHere.set(promise, undefined);
    },
    settled: (promise) => void madeHere.delete(promise),
  });
  return {
    during: (act) => scope.run(token, act),
    async pending() {
      await turns(2);
      stop();
      const references = [...madeHere.keys()].map((promise) => new WeakRef(promise));
      madeHere.clear();
      await turns(2);
      collectGarbage();
      return references.filter((reference) => reference.deref() !== undefined).map(() => 'a pending promise');
    },
  };
}
