import { describe, expect, it } from 'vitest';
import { joinOrigins, Origin, type Owner } from '../../lib/queue/origin.ts';
import { FakeOwner } from './messages.ts';

describe('the origin of a row', () => {
  it('is that of its messages when they have one, and no new one', () => {
    const origin = new Origin(1, new FakeOwner());

    expect(joinOrigins([origin])).toBe(origin);
    expect(joinOrigins([origin, origin, origin])).toBe(origin);
  });

  it('has the roots of all its messages, each once and in order', () => {
    const row = joinOrigins([
      new Origin([3, 5], undefined),
      new Origin(1, undefined),
      new Origin([1, 30], undefined),
    ]);

    expect(row.roots).toEqual([1, 3, 5, 30]);
  });

  it('has the one caller there is, once, and nobody if there is none', () => {
    const owner = new FakeOwner();

    expect(joinOrigins([new Origin(1, undefined), new Origin(2, owner)]).owner).toBe(owner);
    expect(joinOrigins([new Origin(1, owner), new Origin(2, owner)]).owner).toBe(owner);
    expect(joinOrigins([new Origin(1, undefined), new Origin(2, undefined)]).owner).toBeUndefined();
  });
});

describe('an origin', () => {
  it('is abandoned when its caller is gone, and never if it has none', () => {
    const owner = new FakeOwner();
    const origins = [new Origin(1, owner), new Origin(2, undefined)];

    const before = origins.map(({ isAbandoned }) => isAbandoned);
    owner.isSettled = true;

    expect([before, origins.map(({ isAbandoned }) => isAbandoned)]).toEqual([
      [false, false],
      [true, false],
    ]);
  });
});

describe('several callers whose inputs met in a row', () => {
  /** A row of the inputs of two callers. */
  function met(): { one: FakeOwner; other: FakeOwner; group: Owner } {
    const [one, other] = [new FakeOwner(), new FakeOwner()];
    return { one, other, group: joinOrigins([new Origin(1, one), new Origin(2, other)]).owner as Owner };
  }

  it('are each told what becomes of it', () => {
    const { one, other, group } = met();

    group.hold(3);
    group.release();
    group.collect('sink', 'x');
    group.fail('no');

    for (const { alive, collected, failures } of [one, other]) {
      expect({ alive, collected, failures }).toEqual({
        alive: 2,
        collected: [['sink', 'x']],
        failures: ['no'],
      });
    }
  });

  it('are told once each, however often their inputs meet', () => {
    const { one, other, group } = met();
    const third = new FakeOwner();

    const again = joinOrigins([new Origin([1, 2], group), new Origin(1, one), new Origin(3, third)]).owner;
    again?.hold(1);

    expect([one.alive, other.alive, third.alive]).toEqual([1, 1, 1]);
  });

  it('are gone when the last one is', () => {
    const { one, other, group } = met();

    one.isSettled = true;
    const whileOneWaits = group.isSettled;
    other.isSettled = true;

    expect([whileOneWaits, group.isSettled]).toEqual([false, true]);
  });

  it('have a signal that is aborted with the last of theirs, and not before', () => {
    const { one, other, group } = met();
    const { signal } = group;

    other.controller.abort('first');
    const whileOneWaits = signal.aborted;
    one.controller.abort('last');

    expect([whileOneWaits, signal.aborted]).toEqual([false, true]);
    expect(group.signal).toBe(signal);
  });

  it('have a signal that is aborted from the start when all of theirs are', () => {
    const { one, other, group } = met();
    one.controller.abort('one');
    other.controller.abort('other');

    expect(group.signal.aborted).toBe(true);
  });
});
