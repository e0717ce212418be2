/** One turn of the event loop: timers, I/O and whatever the engine has put off get theirs. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** Waits without ever letting the event loop turn. */
export async function hops(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await undefined;
}
