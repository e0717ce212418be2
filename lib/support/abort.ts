interface Waiting {
  readonly callbacks: Set<() => void>;
  readonly listener: () => void;
}

// One listener on a signal, however many wait for it: a shutdown signal outlives thousands of pipelines and calls, and
// platforms warn of a leak at the eleventh listener.
const waitingFor = new WeakMap<AbortSignal, Waiting>();

/** Calls back when a signal is aborted: at once, if it is already. Returns what takes that back. */
export function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) {
    callback();
    return () => {};
  }
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  waiting.callbacks.add(callback);
  return () => {
    waiting.callbacks.delete(callback);
    if (waiting.callbacks.size > 0) return;
    signal.removeEventListener('abort', waiting.listener);
    if (waitingFor.get(signal) === waiting) waitingFor.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const callbacks = new Set<() => void>();
  const listener = (): void => {
    for (const callback of callbacks) callback();
  };
  const waiting = { callbacks, listener };
  waitingFor.set(signal, waiting);
  signal.addEventListener('abort', listener, { once: true });
  return waiting;
}
