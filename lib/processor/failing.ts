import { type Phase, ProcessorError, reasonOf } from '../error/processor-error.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { OnErrorAction } from '../graph/definition.ts';
import type { NodePlan } from '../graph/plan.ts';
import { shown } from '../graph/values.ts';
import type { LiveMessage } from '../queue/message.ts';
import { type Scope, within } from '../support/async-context.ts';
import { Failure } from './attempt.ts';

/** A failure of a call, and what is to become of its message. */
export interface Verdict {
  readonly error: ProcessorError<LiveMessage>;
  readonly action: OnErrorAction;
  /** What it becomes, if it becomes a dead letter. */
  readonly letter?: DeadLetter;
}

/** What a function failed with, as its user is told. */
export function errorOf(
  node: string,
  failure: unknown,
  input: LiveMessage | undefined,
  phase: Phase = 'run',
): ProcessorError<LiveMessage> {
  return failure instanceof Failure
    ? new ProcessorError(node, failure.phase ?? phase, input, failure.cause, failure.attempts)
    : new ProcessorError(node, phase, input, failure);
}

/** The dead letter of a message that a function failed on. */
export function letterOf(error: ProcessorError<LiveMessage>): DeadLetter {
  const message = error.input as LiveMessage;
  return { input: message.payload, error, node: error.node, attempts: error.attempts, message };
}

/** Asks the node's `onError`, in the async context of the call. */
export function judge(
  { onError, canDeadLetter }: NodePlan,
  error: ProcessorError<LiveMessage>,
  scope: Scope | undefined,
): Verdict {
  let action: unknown = onError;
  if (typeof onError === 'function') {
    try {
      action = within(scope, onError, error, error.input as LiveMessage);
    } catch (thrown) {
      return misjudged(error, thrown);
    }
    if (action !== 'fail' && action !== 'skip' && action !== 'dead-letter') {
      const wants = "must be 'fail', 'skip' or 'dead-letter'";
      return misjudged(error, new TypeError(`it returned ${shown(action)}, ${wants}`));
    }
  }
  const isRefused = action === 'dead-letter' && !canDeadLetter;
  if (action === 'dead-letter' && canDeadLetter) return { error, action, letter: letterOf(error) };
  return { error, action: isRefused ? 'fail' : (action as OnErrorAction) };
}

/** `onError` itself failed: told together with what it was asked about. */
function misjudged(error: ProcessorError<LiveMessage>, thrown: unknown): Verdict {
  const { node, phase, input, attempts, cause } = error;
  const text = `onError failed: ${reasonOf(thrown)} (asked about: ${reasonOf(cause)})`;
  const errors = new AggregateError([thrown, cause], text);
  return { error: new ProcessorError(node, phase, input, errors, attempts), action: 'fail' };
}
