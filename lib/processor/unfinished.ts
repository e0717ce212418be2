import type { LiveMessage } from '../queue/message.ts';
import type { Owner } from '../queue/origin.ts';
import type { Pause } from './attempt.ts';
import { BatchMessage } from './batch-message.ts';
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

/**
 * What is in line, and neither done with nor sent: what was sent is found in queues and at their doors.
 *
 * @param isBegun whether a place that holds no call of its own is part of one
 */
export function unfinishedOf(
  slots: readonly Slot[],
  phase: Phase,
  pauses: ReadonlyMap<LiveMessage, Pause> | undefined,
  isBegun: (slot: Slot) => boolean,
): Unfinished[] {
  return slots.flatMap((slot) => {
    const { input, value, ticket, state } = slot;
    if (input === undefined) {
      const isUnsent = state === VALUE && phase < CUT;
      return isUnsent ? { state: 'offered', payload: value, message: input, owner: ticket?.owner } : [];
    }
    const stands = standOf(slot, phase, isBegun);
    if (stands === undefined) return [];
    const messages = input instanceof BatchMessage ? input.members : [input];
    return messages.map((message): Unfinished => {
      const { payload, origin } = message;
      const found = stands === 'running' ? (pauses?.get(message) ?? stands) : stands;
      return { state: found, payload, message, owner: origin.owner };
    });
  });
}

function standOf(
  slot: Slot,
  phase: Phase,
  isBegun: (slot: Slot) => boolean,
): 'held' | 'running' | 'answered' | undefined {
  const { state, iterator } = slot;
  if (state === HELD) return isBegun(slot) ? 'running' : 'held';
  if (state === PULLABLE || isRunning(state)) return 'running';
  const goesOn = iterator !== undefined && (state === VALUE || state === SENT);
  if (goesOn) return 'running';
  // What nobody takes any more is not waited for.
  const isUnsent = (state === VALUE && phase < CUT) || state === DEAD;
  return isUnsent ? 'answered' : undefined;
}
