import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, describe, expect, it, vi } from 'vitest';

// Whether contexts are in use is known to the module for good: each spec loads its own.
async function load(): Promise<typeof import('../../lib/support/async-context.ts')> {
  vi.resetModules();
  return await import('../../lib/support/async-context.ts');
}

const storage = new AsyncLocalStorage<unknown>();

describe('async contexts', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('cost nothing as long as nobody has been seen to use one', async () => {
    const { captureScope, contexts } = await load();
    expect([captureScope(), contexts.isInUse]).toEqual([undefined, false]);
  });

  it.each([7, 'text', { an: 'object' }, null])(
    'are found to be in use, whatever they hold: %j',
    async (held) => {
      const { captureScope, contexts, within } = await load();
      const scope = storage.run(held, captureScope);
      expect(contexts.isInUse).toBe(true);
      expect(within(scope, (...parts: unknown[]) => [storage.getStore(), ...parts], 1, 2)).toEqual([
        held,
        1,
        2,
      ]);
    },
  );

  it('run what was handed in before their use in an empty one', async () => {
    const { captureScope, within } = await load();
    const before = captureScope();
    storage.run('used', () => {
      captureScope();
      expect(within(before, () => storage.getStore())).toBeUndefined();
    });
  });

  it('tell of what goes wrong in them', async () => {
    const { captureScope, within } = await load();
    const fail = (): never => {
      throw new Error('inside');
    };
    expect(() => within(storage.run(1, captureScope), fail)).toThrow('inside');
  });

  it('are found though others were captured where nothing was held, with storages in use elsewhere', async () => {
    const { captureScope, contexts, within } = await load();
    expect(captureScope()).toBeUndefined();
    const other = new AsyncLocalStorage<number>();
    other.run(1, () => {});
    expect([captureScope(), contexts.isInUse]).toEqual([undefined, false]);
    const scope = other.run(2, captureScope);
    expect(within(scope, () => other.getStore())).toBe(2);
  });

  it('count as used where resources do not tell what they hold', async () => {
    class Opaque {}
    vi.stubGlobal('process', { getBuiltinModule: () => ({ AsyncResource: Opaque }) });
    const { captureScope, contexts } = await load();
    expect([captureScope(), contexts.isInUse]).toEqual([new Opaque(), true]);
  });

  it('do not exist in a browser', async () => {
    vi.stubGlobal('process', undefined);
    const { captureScope, contexts, within } = await load();
    vi.unstubAllGlobals();
    storage.run(1, () => {
      expect([captureScope(), contexts.isInUse]).toEqual([undefined, false]);
      expect(within(undefined, () => storage.getStore())).toBe(1);
    });
  });
});
