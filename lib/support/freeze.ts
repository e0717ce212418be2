/**
 * Freezes plain objects and arrays, and what is in them, however deep. Anything else it finds is left as it is: freezing a
 * Map or a Date would not keep it from changing, a typed array cannot be frozen, and what has methods of its own may
 * need to change.
 */
export function deepFreeze(value: unknown): void {
  const seen = new Set<object>();
  // A list of its own instead of recursion: data may be deeper than the stack, and have cycles.
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (!isPlain(next) || seen.has(next)) continue;
    seen.add(next);
    Object.freeze(next);
    for (const key of Reflect.ownKeys(next)) {
      // A getter is not called: what it returns is not in the object.
      waiting.push(Reflect.getOwnPropertyDescriptor(next, key)?.value);
    }
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
