/** Reports an error that nobody can be handed, as the platform reports an uncaught one. */
export function reportUncaught(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
