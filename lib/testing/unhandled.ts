import { nextTurn } from '../support/scheduler.ts';
import { theProcess } from './process.ts';

const EVENTS = ['unhandledRejection', 'uncaughtException'] as const;
/** Turns after which whatever nobody handles has been reported. */
const PATIENCE = 5;

/** What `act` does, and what nobody handled meanwhile: rejections and uncaught errors. */
export async function unhandledDuring<T>(
  act: () => Promise<T>,
): Promise<{ result: T; unhandled: unknown[] }> {
  const { process } = theProcess('withoutLeaks');
  const unhandled: unknown[] = [];
  const collect = (reason: unknown): void => void unhandled.push(reason);
  // A test runner listens, too, and would fail the test before the list of what was left is made.
  const others = EVENTS.map((event) => process.listeners(event));
  for (const event of EVENTS) process.removeAllListeners(event).on(event, collect);
  try {
    const result = await act();
    for (let turn = 0; turn < PATIENCE; turn++) await nextTurn();
    return { result, unhandled };
  } finally {
    for (const [index, event] of EVENTS.entries()) {
      process.removeAllListeners(event);
      for (const listener of others[index] ?? []) process.on(event, listener);
    }
  }
}
