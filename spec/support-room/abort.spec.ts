import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { onAbort } from '../../lib/support/abort.ts';

describe('waiting for a signal', () => {
  it('takes one listener, however many wait', () => {
    const { signal } = new AbortController();

    const takenBack = Array.from({ length: 20 }, () => onAbort(signal, () => {}));

    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const takeBack of takenBack) takeBack();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('calls back each that still waits, once', () => {
    const controller = new AbortController();
    const called: string[] = [];
    const takeBack = onAbort(controller.signal, () => called.push('gone'));
    const late = onAbort(controller.signal, () => called.push('waits'));
    takeBack();

    controller.abort();

    expect(called).toEqual(['waits']);
    late();
  });

  it('begins anew after the last has gone', () => {
    const controller = new AbortController();
    let calls = 0;
    onAbort(controller.signal, () => calls++)();
    onAbort(controller.signal, () => calls++);

    controller.abort();

    expect(calls).toBe(1);
  });

  it('is over at once for one that is aborted already, and leaves no listener', () => {
    const signal = AbortSignal.abort();
    let calls = 0;

    const takeBack = onAbort(signal, () => calls++);
    takeBack();

    expect(calls).toBe(1);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
