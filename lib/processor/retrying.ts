import { reasonOf } from '../error/processor-error.ts';
import type { RetryPlan } from '../graph/retry.ts';
import { shown } from '../graph/values.ts';
import type { LiveMessage } from '../queue/message.ts';
import { onAbort } from '../support/abort.ts';
import type { Timers } from '../support/clock.ts';
import { type AttemptHost, awaitingFor, causeOf, Failure, LET_GO, type Run } from './attempt.ts';
import type { CallContext } from './context.ts';
import { asPromise, openIterator } from './iterate.ts';
import { type Awaiting, chain, DONE, pull, Wrapped } from './pulling.ts';
import type { AnyIterator } from './slot.ts';

/** Calls a function again when it has failed: the first time at once, then after a delay each. */
export function retrying(run: Run, plan: RetryPlan, isMany: boolean, node: AttemptHost): Run {
  const attempt = isMany ? pullingFirst(run, node) : run;
  return (input, context) => {
    try {
      const answer = attempt(input, context);
      const promise = asPromise(answer);
      return promise?.catch((error) => again(attempt, input, context, error, plan, node)) ?? answer;
    } catch (error) {
      return again(attempt, input, context, error, plan, node);
    }
  };
}

async function again(
  attempt: Run,
  input: unknown,
  context: CallContext,
  firstError: unknown,
  plan: RetryPlan,
  node: AttemptHost,
): Promise<unknown> {
  const { run } = node;
  const message = context.message as LiveMessage;
  if (firstError === LET_GO) throw LET_GO;
  let error = firstError;
  for (let attempts = 1; ; attempts++) {
    const refusal = refusalOf(plan, error, attempts, context);
    if (refusal !== undefined) throw Failure.after(attempts, refusal.thrown);
    node.paused(message, 'retrying');
    await pause(delayAfter(attempts, plan, run.random), context.signal, run.timers);
    const turn = node.turnOf(message);
    if (turn !== undefined) await orAbort(turn, context.signal);
    node.paused(message, undefined);
    if (context.signal.aborted) throw Failure.after(attempts, error);
    node.triesAgain(message);
    try {
      const answer = await attempt(input, context);
      if (answer instanceof Begun) answer.attempts = attempts + 1;
      return answer;
    } catch (thrown) {
      // It has been called, and failed.
      if (thrown === LET_GO) throw Failure.after(attempts, error);
      error = thrown;
    }
  }
}

/** What the call fails with, if there is to be no other attempt. */
export function refusalOf(
  { attempts: most, if: isWorthIt }: RetryPlan,
  error: unknown,
  attempts: number,
  { message, signal }: Pick<CallContext, 'message' | 'signal'>,
): { readonly thrown: unknown } | undefined {
  if (attempts >= most || signal.aborted) return { thrown: error };
  if (isWorthIt === undefined) return undefined;
  const cause = causeOf(error);
  try {
    const isWorth: unknown = isWorthIt(cause, attempts, message);
    if (isWorth === true) return undefined;
    if (isWorth === false) return { thrown: error };
    throw new TypeError(`it returned ${shown(isWorth)}, no boolean`);
  } catch (thrown) {
    const text = `retry.if failed: ${reasonOf(thrown)} (asked about: ${reasonOf(cause)})`;
    return { thrown: new Error(text, { cause: thrown }) };
  }
}

/** In ms. */
export function delayAfter(
  attempts: number,
  { delay, factor, maxDelay, jitter }: RetryPlan,
  random: () => number,
): number {
  // Nothing times infinity is no number.
  const longest = delay === 0 ? 0 : Math.min(delay * factor ** (attempts - 1), maxDelay);
  return longest * (1 - jitter * random());
}

function pause(ms: number, signal: AbortSignal, timers: Timers): Promise<void> {
  return new Promise((resolve) => {
    let off = (): void => {};
    const end = (): void => {
      stop();
      off();
      resolve();
    };
    const stop = timers.set(ms, end);
    off = onAbort(signal, end);
  });
}

function orAbort(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const off = onAbort(signal, resolve);
    void promise.then(() => {
      off();
      resolve();
    });
  });
}

/** An iterable counts as an answer only when it has given its first item, or none. */
function pullingFirst(run: Run, node: AttemptHost): Run {
  return (input, context) =>
    chain(run(input, context), (iterable) => {
      const iterator = openIterator(iterable);
      if (iterator === undefined) return iterable;
      const awaiting = awaitingFor(node, context);
      // Its unrolling will have it return before it asks for anything.
      if (isInVain(context, node)) return new Begun(iterator, DONE, awaiting);
      return chain(pull(iterator, awaiting), (result) => new Begun(iterator, result, awaiting));
    });
}

/** Whether nobody waits for a call any more: what its signal tells, which costs more to ask for. */
function isInVain({ message }: CallContext, { run }: AttemptHost): boolean {
  return (message as LiveMessage).origin.isAbandoned || run.signal.aborted;
}

/** An iterator whose first result has been pulled. */
class Begun extends Wrapped {
  attempts = 1;
  readonly #awaiting: Awaiting;
  #first: { readonly result: unknown } | undefined;

  constructor(inner: AnyIterator, result: unknown, awaiting: Awaiting) {
    super(inner);
    this.#awaiting = awaiting;
    this.#first = { result };
  }

  next(): unknown {
    const first = this.#first;
    if (first === undefined) return this.#pull();
    this.#first = undefined;
    return first.result;
  }

  #pull(): unknown {
    try {
      const answer = pull(this.inner, this.#awaiting);
      return asPromise(answer)?.catch((error) => this.#fail(error)) ?? answer;
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    throw Failure.after(this.attempts, error);
  }
}
