import type { LiveMessage } from '../queue/message.ts';
import { onAbort } from '../support/abort.ts';
import { within } from '../support/async-context.ts';
import type { Limiter } from '../support/pool.ts';
import { type AttemptHost, awaitingFor, LET_GO, type Run } from './attempt.ts';
import type { CallContext } from './context.ts';
import { asPromise, openIterator } from './iterate.ts';
import { chain, close, DONE, pull, Wrapped } from './pulling.ts';
import type { AnyIterator } from './slot.ts';

/** What lets a call in, and how urgent it is there. */
interface Place {
  readonly pool: Pick<Limiter, 'enter'>;
  readonly priority: number;
}

/** Has each call of a function, or each `next()` of what it returns, take its turn in a pool. */
export function pooling(run: Run, place: Place, isMany: boolean, node: AttemptHost): Run {
  return (input, context) => {
    const answer = inTurn(() => run(input, context), letGo, place, context, node);
    if (!isMany) return answer;
    return chain(answer, (iterable) => {
      const iterator = openIterator(iterable);
      return iterator === undefined ? iterable : new PooledIterator(iterator, place, context, node);
    });
  };
}

function letGo(): never {
  throw LET_GO;
}

/**
 * What `act` returns: at once if there is room now, or else a promise of it.
 *
 * @param lost in place of `act`, when nobody waits for that any more before its turn has come
 */
function inTurn(
  act: () => unknown,
  lost: () => unknown,
  { pool, priority }: Place,
  context: CallContext,
  node: AttemptHost,
): unknown {
  let isEntered = false;
  let begin = (): void => {
    isEntered = true;
  };
  const leave = pool.enter(priority, () => begin());
  if (isEntered) return leaving(act, leave, node);
  return new Promise((resolve) => {
    // The pool calls back in the async context of whoever made room.
    const message = context.message as LiveMessage;
    const scope = node.scopeOf(message);
    const giveUp = (): void => {
      node.paused(message, undefined);
      leave();
      resolve(within(scope, settling, lost));
    };
    node.paused(message, 'pooled');
    const { owner } = message.origin;
    const off = owner === undefined ? node.onAbort(giveUp) : onAbort(owner.signal, giveUp);
    begin = () => {
      off();
      // Room was made by the same abort that this call is given up for, and is not told of yet.
      if (context.signal.aborted) {
        giveUp();
        return;
      }
      node.paused(message, undefined);
      resolve(within(scope, answering, act, leave, node));
    };
  });
}

async function settling(act: () => unknown): Promise<unknown> {
  return act();
}

/** The same as `act`, but what it throws is a rejection. */
async function answering(act: () => unknown, leave: () => void, node: AttemptHost): Promise<unknown> {
  return leaving(act, leave, node);
}

/** Gives the place back as soon as there is an answer, or nobody in this pipeline waits for one any more. */
function leaving(act: () => unknown, leave: () => void, node: AttemptHost): unknown {
  let answer: unknown;
  try {
    answer = act();
  } catch (error) {
    leave();
    throw error;
  }
  const promise = asPromise(answer);
  if (promise === undefined) {
    leave();
    return answer;
  }
  const off = node.onAbort(leave);
  const end = (): void => {
    off();
    leave();
  };
  promise.then(end, end);
  return promise;
}

/** Each of its items is a turn of its own: a place is not held while an item waits to be accepted. */
class PooledIterator extends Wrapped {
  readonly #next: () => unknown;

  constructor(inner: AnyIterator, place: Place, context: CallContext, node: AttemptHost) {
    super(inner);
    const awaiting = awaitingFor(node, context);
    const act = (): unknown => pull(inner, awaiting);
    // It is not asked for the item that it waits to be asked for, so it has to be told.
    const lost = (): unknown => {
      close(this, awaiting);
      return DONE;
    };
    const next = (): unknown => inTurn(act, lost, place, context, node);
    this.#next = next;
  }

  next(): unknown {
    return this.#next();
  }
}
