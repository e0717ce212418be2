import type { AnyIterator } from './slot.ts';

/** Whether a value is an iterable object of either kind; a string is no object. */
export function isIterableObject(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}

/** Opens an iterable, a string or a web stream; `undefined` if it is none of them. */
export function openIterator(value: unknown): AnyIterator | undefined {
  if (typeof value === 'string') return value[Symbol.iterator]();
  if (typeof value !== 'object' || value === null) return undefined;
  if (Symbol.asyncIterator in value) return (value as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  if (Symbol.iterator in value) return (value as Iterable<unknown>)[Symbol.iterator]();
  return 'getReader' in value ? readerOf(value as ReadableStream<unknown>) : undefined;
}

/** Some browsers have web streams that cannot be iterated. */
function readerOf(stream: ReadableStream<unknown>): AnyIterator {
  const reader = stream.getReader();
  return { next: () => reader.read(), return: () => reader.cancel() };
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

/** The promise a value is, if it is one. Only native promises are trusted to settle once, and later. */
export function asPromise(value: unknown): Promise<unknown> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Promise) return value;
  return typeof (value as { then?: unknown }).then === 'function' ? Promise.resolve(value) : undefined;
}
