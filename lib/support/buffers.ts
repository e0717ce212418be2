/**
 * The array buffers in a value that may be moved to another thread instead of being copied: those in plain objects,
 * arrays, Maps and Sets, on their own or whole behind a typed array. What is only a part of a buffer is left to be copied:
 * the rest may be somebody else's, as it is with small Buffers of Node.js.
 */
export function buffersIn(value: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const seen = new Set<object>();
  // A list of its own instead of recursion: data may be deeper than the stack, and have cycles.
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    const buffer = wholeBufferOf(next);
    if (buffer !== undefined) found.add(buffer);
    else waiting.push(...partsOf(next));
  }
  return [...found];
}

function wholeBufferOf(value: object): ArrayBuffer | undefined {
  if (value instanceof ArrayBuffer) return value;
  if (!ArrayBuffer.isView(value)) return undefined;
  const { buffer, byteLength } = value;
  return buffer instanceof ArrayBuffer && byteLength === buffer.byteLength ? buffer : undefined;
}

function partsOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value)) return [];
  if (Array.isArray(value) || value instanceof Set) return value;
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? Object.values(value) : [];
}
