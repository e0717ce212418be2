import type { AnyIterator } from './slot.ts';

/** Whether a value is an iterable object of either kind, or a stream; a string is no object. */
export function isIterableObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return Symbol.asyncIterator in value || Symbol.iterator in value || 'getReader' in value;
}

/** Opens an iterable, a string or a stream; `undefined` if it is none of them. */
export function openIterator(value: unknown): AnyIterator | undefined {
  if (typeof value === 'string') return value[Symbol.iterator]();
  if (typeof value !== 'object' || value === null) return undefined;
  // The iterators of streams let `return` wait for what may never come: streams are closed by their own means.
  if ('getReader' in value) return webStream(value as ReadableStream<unknown>);
  if (Symbol.asyncIterator in value) {
    return 'destroy' in value
      ? nodeStream(value as NodeStream)
      : (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  }
  return Symbol.iterator in value ? (value as Iterable<unknown>)[Symbol.iterator]() : undefined;
}

function webStream(stream: ReadableStream<unknown>): AnyIterator {
  const reader = stream.getReader();
  let isOver = false;
  const release = (): void => {
    isOver = true;
    reader.releaseLock();
  };
  return {
    next: async () => {
      const result = await reader.read();
      if (result.done) release();
      return result;
    },
    // Its end may have come while the node was told that nothing more is wanted.
    return: async () => {
      if (isOver) return;
      await reader.cancel();
      release();
    },
  };
}

interface NodeStream extends AsyncIterable<unknown> {
  destroy(): void;
}

function nodeStream(stream: NodeStream): AnyIterator {
  const iterator = stream[Symbol.asyncIterator]();
  let isReturned = false;
  const orDone = (error: unknown): IteratorResult<unknown> => {
    if (isReturned) return { done: true, value: undefined };
    throw error;
  };
  return {
    next: () => iterator.next().catch(orDone),
    return: () => {
      isReturned = true;
      stream.destroy();
      return iterator.return?.().catch(orDone);
    },
  };
}

/** A generator object that was returned where a value was expected: a mistake that would pass on unnoticed. */
export function isGenerator(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'next' in value &&
    /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value))
  );
}

/** The promise a value is, if it is one; what only looks like one is made one. */
export function asPromise(value: unknown): Promise<unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Promise) return value;
  return typeof (value as { then?: unknown }).then === 'function' ? Promise.resolve(value) : undefined;
}

/** Why a value cannot be sent: it is a generator object, or cannot even be looked at. */
export function faultOf(value: unknown): { readonly cause: unknown } | undefined {
  if (typeof value !== 'object') return undefined;
  try {
    if (!isGenerator(value)) return undefined;
    return { cause: new TypeError('it returned a generator; set many: true to send what it yields') };
  } catch (error) {
    return { cause: error };
  }
}
