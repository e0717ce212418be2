import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turns } from '../../lib/support/turns.ts';

describe('turns', () => {
  it('let in as many as they may, first come, first served, whoever leaves or gives up, and how often', () => {
    const acts = fc.array(fc.oneof(fc.constant('enter' as const), fc.nat(12)), { maxLength: 60 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), acts, (most, acts) => {
        const turns = new Turns(most);
        const leaves: (() => void)[] = [];
        const begun: number[] = [];
        // The model: who is inside and who waits, in their order.
        let inside: number[] = [];
        let waiting: number[] = [];

        for (const act of acts) {
          if (act === 'enter') {
            const who = leaves.length;
            waiting.push(who);
            leaves.push(turns.enter(0, () => begun.push(who)));
          } else if (act < leaves.length) {
            leaves[act]?.();
            inside = inside.filter((who) => who !== act);
            waiting = waiting.filter((who) => who !== act);
          }
          while (inside.length < most && waiting.length > 0) inside.push(waiting.shift() as number);

          expect([turns.running, turns.waiting]).toEqual([inside.length, waiting.length]);
          expect(begun).toEqual(expect.arrayContaining(inside));
        }
        expect(begun).toEqual(begun.toSorted((one, other) => one - other));
        expect(new Set(begun).size).toBe(begun.length);
      }),
    );
  });

  it('may be left inside of a beginning', () => {
    const turns = new Turns(1);
    const leave = turns.enter(0, () => {});
    let leaveNext = (): void => {};
    leaveNext = turns.enter(0, () => leaveNext());
    let isIn = false;
    turns.enter(0, () => {
      isIn = true;
    });

    leave();

    expect([isIn, turns.running, turns.waiting]).toEqual([true, 1, 0]);
  });
});
