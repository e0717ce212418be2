import { asPromise } from './iterate.ts';
import type { AnyIterator } from './slot.ts';

/** The end of an iterator. */
export const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** Is given what an iterator's return comes to, which takes its time and never fails: the node must not end before. */
export type Awaiting = (returned: Promise<unknown>) => void;

/** The next result of an iterator, or a promise of it, in which an item that is a promise has settled. */
export function pull(iterator: AnyIterator, awaiting: Awaiting): unknown {
  const result = iterator.next();
  const promise = asPromise(result);
  return promise === undefined
    ? withItem(result, iterator, awaiting)
    : promise.then((found) => withItem(found, iterator, awaiting));
}

/** An iterable whose item is a rejected promise knows nothing of it: it is asked to return. */
function withItem(result: unknown, iterator: AnyIterator, awaiting: Awaiting): unknown {
  if (isDone(result)) return result;
  const item = asPromise((result as IteratorYieldResult<unknown>).value);
  return (
    item?.then(
      (value) => ({ done: false, value }),
      (error) => {
        close(iterator, awaiting);
        throw error;
      },
    ) ?? result
  );
}

/** Asks an iterator to return that knows nothing of a failure; what goes wrong then is the lesser one, as in a loop. */
export function close(iterator: AnyIterator, awaiting: Awaiting): void {
  try {
    const promise = asPromise(iterator.return?.());
    if (promise !== undefined) awaiting(promise.catch(() => {}));
  } catch {
    // The call has failed by more.
  }
}

/** Whether it is what an iterator answers with; to find that out costs less than to find out that it is no promise. */
export function isResult(answer: unknown): boolean {
  return typeof (answer as { done?: unknown } | null | undefined)?.done === 'boolean';
}

/** The promise a value is, to be waited for more than once: one of another class may do its work each time it is waited for. */
export function asShared(value: unknown): Promise<unknown> | undefined {
  const promise = asPromise(value);
  return promise === undefined || promise.constructor === Promise ? promise : Promise.resolve(promise);
}

/** Whether it is the end, or no result at all. */
export function isDone(result: unknown): boolean {
  return typeof result !== 'object' || result === null || (result as { done?: unknown }).done === true;
}

/** What becomes of a value, or of what a promise resolves to. */
export function chain(value: unknown, next: (value: unknown) => unknown): unknown {
  const promise = asPromise(value);
  return promise === undefined ? next(value) : promise.then(next);
}

/** An iterator around another, which it asks to return once at most. It is its own iterable. */
export abstract class Wrapped implements AnyIterator {
  protected readonly inner: AnyIterator;
  #isReturned = false;

  constructor(inner: AnyIterator) {
    this.inner = inner;
  }

  abstract next(): unknown;

  return(): unknown {
    if (this.#isReturned) return undefined;
    this.#isReturned = true;
    return this.inner.return?.();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
