import { describe, expect, it } from 'vitest';
import { Call } from '../../lib/pipeline/call.ts';
import { rejectionOf } from '../support/rejection.ts';
import { stateOf } from './pipelines.ts';

/** A call of a pipeline with two sinks, and what it tells the pipeline. */
function newCall(): { call: Call; settled: Call[] } {
  const settled: Call[] = [];
  const call = new Call('input', {
    plan: { sinkNames: ['a', 'b'] },
    settled: (one) => settled.push(one),
    lost: () => {},
  });
  return { call, settled };
}

describe('a call', () => {
  it('settles when the input and all that descends from it are accounted for, and no earlier', async () => {
    const { call, settled } = newCall();
    call.hold(2);
    call.release();
    call.release();
    const early = await stateOf(call.promise);

    call.release();

    expect([early, settled]).toEqual(['pending', [call]]);
    await expect(call.promise).resolves.toEqual({ a: [], b: [] });
  });

  it('resolves with what it collected, by sink and in order', async () => {
    const { call } = newCall();
    call.collect('b', 1);
    call.collect('b', 2);

    call.release();

    expect(await call.promise).toEqual({ a: [], b: [1, 2] });
  });

  it('rejects once, with the first failure, and is settled for good', async () => {
    const { call, settled } = newCall();

    call.fail('first');
    call.fail('second');
    call.release();

    expect(await rejectionOf(call.promise)).toBe('first');
    expect([call.isSettled, settled.length]).toEqual([true, 1]);
  });

  it('rejects when it is refused, and means nothing by being accepted', async () => {
    const { call } = newCall();

    call.accept();
    call.refuse('closed');

    expect(await rejectionOf(call.promise)).toBe('closed');
  });

  it('has a signal that is aborted by its failure, whenever it is asked for', async () => {
    const [early, late] = [newCall().call, newCall().call];
    const { signal } = early;

    for (const call of [early, late]) {
      call.fail('no');
      await rejectionOf(call.promise);
    }

    expect([signal.aborted, signal.reason, late.signal.aborted, late.signal.reason]).toEqual([
      true,
      'no',
      true,
      'no',
    ]);
  });

  it('has a signal that is left alone when it resolves', () => {
    const { call } = newCall();
    const { signal } = call;

    call.release();

    expect([signal.aborted, call.signal.aborted]).toEqual([false, false]);
  });
});
