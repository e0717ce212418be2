import { TimeoutError } from '../error/timeout-error.ts';
import type { LiveMessage } from '../queue/message.ts';
import { onAbort } from '../support/abort.ts';
import { type AttemptHost, awaitingFor, type Run } from './attempt.ts';
import { CallContext } from './context.ts';
import { asPromise, openIterator } from './iterate.ts';
import { type Awaiting, chain, isDone, pull, Wrapped } from './pulling.ts';
import type { AnyIterator } from './slot.ts';

/** Gives each call of a function, or each `next()` of what it returns, so many ms to answer. */
export function timing(run: Run, ms: number, isMany: boolean, node: AttemptHost): Run {
  return (input, { message }) => {
    const deadline = new Deadline(ms, node, message as LiveMessage);
    if (!isMany)
      return deadline.answer(
        () => run(input, deadline.context),
        () => true,
      );
    const answer = deadline.answer(() => run(input, deadline.context), undefined, closeLate);
    return chain(answer, (iterable) => {
      const iterator = openIterator(iterable);
      if (iterator !== undefined)
        return new TimedIterator(iterator, deadline, awaitingFor(node, deadline.context));
      deadline.context.release();
      return iterable;
    });
  };
}

/** Nobody takes what comes when the time is up. */
async function closeLate(late: Promise<unknown>): Promise<void> {
  await openIterator(await late)?.return?.();
}

/** The context of one attempt: its signal is aborted when the time is up, too. */
class TimedContext extends CallContext {
  #controller: AbortController | undefined;
  #expiredBy: unknown;
  #unlink: (() => void) | undefined;

  override get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      const outer = super.signal;
      this.#controller = controller;
      if (this.#expiredBy !== undefined) controller.abort(this.#expiredBy);
      else this.#unlink = onAbort(outer, () => controller.abort(outer.reason));
    }
    return this.#controller.signal;
  }

  expire(error: TimeoutError): void {
    this.#expiredBy = error;
    this.release();
    this.#controller?.abort(error);
  }

  /** The outer signal lives longer than the call. */
  release(): void {
    this.#unlink?.();
    this.#unlink = undefined;
  }
}

/** Times the answers of one attempt. */
class Deadline {
  readonly context: TimedContext;
  readonly #ms: number;
  readonly #node: AttemptHost;
  readonly #message: LiveMessage;

  constructor(ms: number, node: AttemptHost, message: LiveMessage) {
    this.context = new TimedContext(node, message);
    this.#ms = ms;
    this.#node = node;
    this.#message = message;
  }

  /**
   * What `act` returns, or a rejection when that takes too long.
   *
   * @param isLast whether the attempt is over with an answer
   * @param close what else is to be done for one that is given up
   */
  answer(
    act: () => unknown,
    isLast: (answer: unknown) => boolean = () => false,
    close?: (late: Promise<unknown>) => unknown,
  ): unknown {
    try {
      const answer = act();
      const promise = asPromise(answer);
      if (promise !== undefined) return this.#race(promise, isLast, close);
      if (isLast(answer)) this.context.release();
      return answer;
    } catch (error) {
      this.context.release();
      throw error;
    }
  }

  #race(
    promise: Promise<unknown>,
    isLast: (answer: unknown) => boolean,
    close: ((late: Promise<unknown>) => unknown) | undefined,
  ): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const stop = this.#node.run.timers.set(this.#ms, () => {
        const error = new TimeoutError(this.#ms);
        this.context.expire(error);
        this.#node.outlived(this.#message, Promise.allSettled([promise, settled(() => close?.(promise))]));
        reject(error);
      });
      promise.then(
        (answer) => {
          stop();
          if (isLast(answer)) this.context.release();
          resolve(answer);
        },
        (error) => {
          stop();
          this.context.release();
          reject(error);
        },
      );
    });
  }
}

/** Runs what must not fail any more. */
async function settled(act: () => unknown): Promise<void> {
  await act();
}

/** The items of one attempt, each of which is timed. */
class TimedIterator extends Wrapped {
  readonly #deadline: Deadline;
  readonly #awaiting: Awaiting;

  constructor(inner: AnyIterator, deadline: Deadline, awaiting: Awaiting) {
    super(inner);
    this.#deadline = deadline;
    this.#awaiting = awaiting;
  }

  next(): unknown {
    return this.#deadline.answer(
      () => pull(this.inner, this.#awaiting),
      isDone,
      () => this.inner.return?.(),
    );
  }

  override return(): unknown {
    this.#deadline.context.release();
    return super.return();
  }
}
