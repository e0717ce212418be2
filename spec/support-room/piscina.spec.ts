import { Piscina } from 'piscina';
import { describe, expect, it } from 'vitest';
import { Kill, lackOfThreads, parallelism, piscina } from '../../lib/support/piscina.ts';

describe('piscina', () => {
  it('is the one that is installed, and as it is said to be', () => {
    const found: ReturnType<typeof piscina> = Piscina as never;

    expect(piscina()).toBe(found);
    expect([found.transferableSymbol, found.valueSymbol].map(String)).toEqual([
      'Symbol(Piscina.transferable)',
      'Symbol(Piscina.valueOf)',
    ]);
    expect(lackOfThreads()).toBeUndefined();
    expect(parallelism()).toBeGreaterThanOrEqual(1);
  });

  it('takes for a signal what it is given as one', async () => {
    const pool = new (piscina())({
      filename: new URL('data:text/javascript,').pathname,
      name: 'none',
      minThreads: 0,
      maxThreads: 1,
      idleTimeout: 0,
      recordTiming: false,
    });
    const kill = new Kill();
    const run = pool.run(1, { transferList: [], signal: kill });

    kill.now();

    await expect(run).rejects.toMatchObject({ name: 'AbortError' });
  });
});
