import type { GraphError } from 'sluice';

/** What a GraphError says that something throws, as `path: message`. */
export function problemsOf(act: () => unknown): string[] {
  try {
    act();
  } catch (error) {
    return (error as GraphError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
  throw new Error('nothing was thrown');
}
