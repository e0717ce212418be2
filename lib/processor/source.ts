import { StoppedError } from '../error/stopped-error.ts';
import type { AnyFunction } from '../graph/definition.ts';
import { shown } from '../graph/values.ts';
import { within } from '../support/async-context.ts';
import { scheduler } from '../support/scheduler.ts';
import { EmittingContext } from './context.ts';
import { asPromise, isIterableObject, openIterator } from './iterate.ts';
import { Delivery, type Mailbox } from './mailbox.ts';
import { PAUSED, RUNNING, WAITING } from './phase.ts';
import type { Processor } from './processor.ts';
import type { AnyIterator } from './slot.ts';
import { CheckedIterator } from './validating.ts';

/** Calls a source's function. What it returns decides how it is paced: an iterable is pulled, a promise emits. */
export function startSource(node: Processor): void {
  if (!node.isRunning) return;
  const mailbox = node.mailbox as Mailbox;
  const emit = (value: unknown): Promise<void> => {
    const delivery = new Delivery(value);
    scheduler.enter();
    mailbox.put(delivery);
    scheduler.wake(node);
    return delivery.promise;
  };
  const run = node.plan.run as AnyFunction as (context: EmittingContext) => unknown;
  try {
    const answer = within(node.scopeOf(undefined), run, new EmittingContext(node, emit));
    const promise = asPromise(answer);
    if (promise !== undefined) emitUntil(promise, node, mailbox);
    else if (isIterableObject(answer))
      feed(node, within(node.scopeOf(undefined), openIterator, answer) as AnyIterator);
    else throw new TypeError(`no edge leads to it, and it returned ${shown(answer)}; ${ADVICE}`);
  } catch (error) {
    endWith(node, mailbox, error);
  }
}

/** Has an inlet or a source pull an iterable instead of being handed values. */
export function feed(node: Processor, iterator: AnyIterator): void {
  (node.mailbox as Mailbox).close(
    () => new StoppedError('STOPPED', `node ${node.name} takes its values from an iterable`),
  );
  const { kind, input, output } = node.plan;
  const phase = kind === 'inlet' ? 'input' : 'output';
  const schema = kind === 'inlet' ? input : output;
  if (schema === undefined) node.feed(iterator);
  else node.feed(new CheckedIterator(iterator, schema, phase, (returned) => node.await(returned, () => {})));
}

/**
 * Has a source or an inlet take nothing more until it is resumed; what is in hand still goes out. One that has not started
 * stays paused when it does: a source's function is called then, but what it returns is not pulled, and what it emits waits.
 */
export function pause(node: Processor): void {
  if (node.mailbox !== undefined && (node.phase === RUNNING || node.isWaiting)) node.phase = PAUSED;
}

export function resume(node: Processor): void {
  if (!isPaused(node)) return;
  node.phase = node.run.isUnderWay ? RUNNING : WAITING;
  scheduler.enter();
  scheduler.wake(node);
}

/** Whether a source or an inlet waits to be resumed. */
export function isPaused({ phase }: Processor): boolean {
  return phase === PAUSED;
}

const ADVICE = 'a source returns an iterable (function*), or is async and sends with context.emit()';

function emitUntil(promise: Promise<unknown>, node: Processor, mailbox: Mailbox): void {
  const ended = promise.then((value) => {
    if (value !== undefined && value !== null)
      throw new TypeError(`it resolved to ${shown(value)}; ${ADVICE}`);
    mailbox.close(() => new StoppedError('STOPPED', `node ${node.name} has ended`));
  });
  node.await(ended, (error) => {
    endWith(node, mailbox, error);
  });
}

function endWith(node: Processor, mailbox: Mailbox, error: unknown): void {
  mailbox.close(() => new StoppedError('STOPPED', `node ${node.name} has failed`, { cause: error }));
  node.sourceFailed(mailbox.failureOf(error));
  scheduler.wake(node);
}
