import { describe, expect, it } from 'vitest';
import { Delivery } from '../../lib/processor/mailbox.ts';
import { ABORTED, CUT, type Phase, RUNNING, STOPPING } from '../../lib/processor/phase.ts';
import {
  AWAITING,
  CALLING,
  DEAD,
  EXHAUSTED,
  HELD,
  HOLE,
  PULLABLE,
  PULLING,
  SENT,
  Slot,
  type SlotState,
  VALUE,
} from '../../lib/processor/slot.ts';
import { unfinishedOf } from '../../lib/processor/unfinished.ts';
import { message } from '../queue/messages.ts';

const input = message(7);
const iterator = { next: () => undefined };
const host = { resolved: () => {}, rejected: () => {}, tookLong: () => {}, isWatched: false };

/** What is told of one place in line. */
function told(state: SlotState, phase: Phase, rest: Partial<Slot>, isBegun = false) {
  const slot = Object.assign(new Slot(host), { state, value: 'value', ...rest });
  return unfinishedOf([slot], phase, new Map([[input, 'retrying']]), () => isBegun);
}

const phases = [RUNNING, STOPPING, CUT, ABORTED] as const;

describe('what a node has in hand and has not done with', () => {
  it.for([
    ['waits for its key', HELD, {}, ['held', 'held', 'held', 'held']],
    ['has returned', VALUE, {}, ['answered', 'answered', undefined, undefined]],
    ['has become a dead letter', DEAD, {}, ['answered', 'answered', 'answered', 'answered']],
    ['has given an item', VALUE, { iterator }, ['retrying', 'retrying', 'retrying', 'retrying']],
    ['has sent an item', SENT, { iterator }, ['retrying', 'retrying', 'retrying', 'retrying']],
    ['has sent its value', SENT, {}, [undefined, undefined, undefined, undefined]],
    ['has given nothing', HOLE, {}, [undefined, undefined, undefined, undefined]],
    ['has given all', EXHAUSTED, { iterator }, [undefined, undefined, undefined, undefined]],
  ] as const)('is, phase by phase, one that %s', ([, state, rest, states]) => {
    const found = phases.map((phase) => told(state, phase, { input, ...rest })[0]?.state);

    expect(found).toEqual(states);
  });

  it.for([CALLING, PULLABLE, PULLING, AWAITING] as const)(
    'runs, or what it waits for is told: state %i',
    (state) => {
      expect(told(state, RUNNING, { input })).toMatchObject([
        { state: 'retrying', payload: 7, message: input, owner: undefined },
      ]);
      expect(told(state, RUNNING, { input: message(8) })).toMatchObject([{ state: 'running', payload: 8 }]);
    },
  );

  it('runs as part of a batch that has begun', () => {
    expect(told(HELD, RUNNING, { input: message(8) }, true)).toMatchObject([{ state: 'running' }]);
  });

  it('of a source or an inlet is a value that is not sent yet, with or without a caller', () => {
    const offered = { state: 'offered', payload: 'value', message: undefined };
    const ticket = new Delivery(1);

    expect(phases.map((phase) => told(VALUE, phase, {}))).toMatchObject([[offered], [offered], [], []]);
    expect(told(VALUE, RUNNING, { ticket })).toMatchObject([{ ...offered, owner: undefined }]);
    expect([SENT, PULLING].flatMap((state) => told(state as SlotState, RUNNING, { iterator }))).toEqual([]);
  });
});
