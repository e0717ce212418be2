import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createIds } from '../../lib/support/ids.ts';

const uuid7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const numbers = fc.integer({ min: 0, max: 2 ** 40 });

/** The milliseconds in a uuid v7. */
const timeIn = (id: string): number => Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16);

describe('the ids of a run', () => {
  it('are uuids of version 7', () => {
    const ids = createIds(1_700_000_000_000);

    fc.assert(fc.property(numbers, (number) => uuid7.test(ids(number))));
  });

  it('are the same for the same number, whenever they are asked for', () => {
    const ids = createIds(0);

    fc.assert(
      fc.property(numbers, numbers, (number, other) => {
        const first = ids(number);
        ids(other);

        expect(ids(number)).toBe(first);
      }),
    );
  });

  it('sort in the order of the numbers', () => {
    const ids = createIds(1_700_000_000_000);

    fc.assert(
      fc.property(numbers, numbers, (one, other) => {
        expect(Math.sign(ids(one).localeCompare(ids(other), 'en'))).toBe(Math.sign(one - other));
      }),
    );
  });

  it('hold the time of the start, until four thousand million of them have been made', () => {
    const startedAt = 1_700_000_000_000;

    const ids = createIds(startedAt);

    expect(timeIn(ids(0))).toBe(startedAt);
    expect(timeIn(ids(2 ** 32))).toBe(startedAt + 1);
  });

  it('differ from those of another run of the same millisecond', () => {
    const [one, other] = [createIds(5), createIds(5)];
    const some = Array.from({ length: 1000 }, (_, number) => number);

    const all = new Set([...some.map(one), ...some.map(other)]);

    expect(all.size).toBe(2000);
  });
});
