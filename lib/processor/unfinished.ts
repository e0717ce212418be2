import type { LiveMessage } from '../queue/message.ts';
import type { Owner } from '../queue/origin.ts';
import type { Pause } from './attempt.ts';
import { CUT, type Phase } from './phase.ts';
import { DEAD, HELD, isRunning, PULLABLE, SENT, type Slot, VALUE } from './slot.ts';

/** What a node has in hand, and what has become of it so far. */
export interface Unfinished {
  readonly state: 'offered' | 'held' | Pause | 'running' | 'answered';
  readonly payload: unknown;
  /** There is none of a value that a source or an inlet has not sent yet. */
  readonly message: LiveMessage | undefined;
  readonly owner: Owner | undefined;
}

/** What is in line, and neither done with nor sent: what was sent is found in queues and at their doors. */
export function unfinishedOf(
  slots: readonly Slot[],
  phase: Phase,
  pauses: ReadonlyMap<LiveMessage, Pause> | undefined,
): Unfinished[] {
  return slots.flatMap((slot) => {
    const { input: message, value, ticket, state } = slot;
    if (message === undefined) {
      const isUnsent = state === VALUE && phase < CUT;
      return isUnsent ? { state: 'offered', payload: value, message, owner: ticket?.owner } : [];
    }
    const stands = standOf(slot, phase);
    if (stands === undefined) return [];
    const { payload, origin } = message;
    const found = stands === 'running' ? (pauses?.get(message) ?? stands) : stands;
    return { state: found, payload, message, owner: origin.owner };
  });
}

function standOf({ state, iterator }: Slot, phase: Phase): 'held' | 'running' | 'answered' | undefined {
  if (state === HELD) return 'held';
  if (state === PULLABLE || isRunning(state)) return 'running';
  const goesOn = iterator !== undefined && (state === VALUE || state === SENT);
  if (goesOn) return 'running';
  // What nobody takes any more is not waited for.
  const isUnsent = (state === VALUE && phase < CUT) || (state === DEAD && phase <= CUT);
  return isUnsent ? 'answered' : undefined;
}
