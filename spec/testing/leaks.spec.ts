import { withoutLeaks } from 'sluice/testing';
import { describe, expect, it } from 'vitest';
import { rejectionOf } from '../support/rejection.ts';

const kept: unknown[] = [];

describe('the no-leak wrapper', () => {
  it('lets a scenario pass that leaves nothing behind', async () => {
    await withoutLeaks(async ({ signal }) => {
      const controller = new AbortController();
      const listener = (): void => {};
      signal(controller.signal).addEventListener('abort', listener);
      controller.signal.removeEventListener('abort', listener);
      await Promise.all([1, 2, 3].map(async (n) => n));
    });
  });

  it.each<[string, RegExp, Parameters<typeof withoutLeaks>[0]]>([
    [
      'a timer',
      /timers and handles: Timeout/,
      async () => {
        kept.push(setInterval(() => {}, 1_000_000));
      },
    ],
    [
      'a listener',
      /listeners: /,
      async ({ signal }) => {
        signal(new AbortController().signal).addEventListener('abort', () => {});
      },
    ],
    [
      'a promise that somebody waits for',
      /promises: a pending promise/,
      async () => {
        kept.push(new Promise(() => {}));
      },
    ],
    [
      'a rejection that nobody handles',
      /unhandled: Error: nobody/,
      async () => {
        void Promise.reject(new Error('nobody'));
      },
    ],
  ])('fails one that leaves %s', async (_, message, scenario) => {
    const reason = await rejectionOf(withoutLeaks(scenario));
    for (const thing of kept.splice(0)) clearInterval(thing as NodeJS.Timeout);

    expect(reason).toMatchObject({ message: expect.stringMatching(message) });
  });
});
