import { nextTurn } from '../support/scheduler.ts';
import { theProcess } from './process.ts';

/** Watches for promises that are waited for in vain. */
export interface PromiseWatch {
  /** Promises made in `act`, and in whatever it sets going, are watched. */
  during<T>(act: () => Promise<T>): Promise<T>;
  /** Those of them that are pending now and that something still refers to; to be asked once. */
  pending(): Promise<string[]>;
  stop(): void;
}

export function watchPromises(): PromiseWatch {
  const { v8, vm, asyncHooks } = theProcess('withoutLeaks');
  const scope = new asyncHooks.AsyncLocalStorage();
  const madeHere = new Set<Promise<unknown>>();
  const token = {};
  const stop = v8.promiseHooks.createHook({
    init(promise) {
      if (scope.getStore() === token) madeHere.add(promise);
    },
    settled(promise) {
      madeHere.delete(promise);
    },
  });
  return {
    during: (act) => scope.run(token, act),
    async pending() {
      await turns(2);
      stop();
      let left = [...madeHere].map((promise) => new WeakRef(promise));
      madeHere.clear();
      v8.setFlagsFromString('--expose-gc');
      const collectGarbage = vm.runInNewContext('gc') as () => void;
      // Some were seen to be held for a moment longer, after one long property out of three; what is leaked stays.
      for (let i = 0; i < 50 && left.length > 0; i++) {
        // What a reference was made to stays until the turn is over.
        await turns(2);
        collectGarbage();
        left = left.filter((reference) => reference.deref() !== undefined);
      }
      return left.map(() => 'a pending promise');
    },
    stop,
  };
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await nextTurn();
}
