import { turns } from './turns.ts';

/** What nobody handled while `act` ran, and in the turns after it: rejections and uncaught errors. */
export async function unhandledDuring(act: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const collect = (reason: unknown): void => void reasons.push(reason);
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  // The test runner listens too, and would fail the spec for what it is about.
  const others = events.map((event) => process.listeners(event as 'uncaughtException'));
  for (const event of events) process.removeAllListeners(event).on(event, collect);
  try {
    await act();
    await turns(5);
  } finally {
    for (const [index, event] of events.entries()) {
      process.removeAllListeners(event);
      for (const listener of others[index] ?? []) process.on(event, listener);
    }
  }
  return reasons;
}
