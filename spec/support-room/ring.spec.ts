import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ring } from '../../lib/support/ring.ts';
import { turn } from '../support/turns.ts';

type Command = fc.Command<number[], Ring<number>>;

/** What every command leaves behind: a ring that looks like the array. */
function expectAlike(model: readonly number[], ring: Ring<number>): void {
  expect([ring.size, ring.first(), ring.last()]).toEqual([model.length, model[0], model.at(-1)]);
}

function push(item: number): Command {
  return {
    check: () => true,
    run(model, ring) {
      model.push(item);
      ring.push(item);

      expectAlike(model, ring);
    },
    toString: () => `push(${item})`,
  };
}

function shift(): Command {
  return {
    check: () => true,
    run(model, ring) {
      expect(ring.shift()).toBe(model.shift());

      expectAlike(model, ring);
    },
    toString: () => 'shift()',
  };
}

describe('a ring', () => {
  it('is empty when it is new', () => {
    expectAlike([], new Ring());
  });

  it('gives items back in the order in which they came, like an array', () => {
    const commands = fc.commands([fc.integer().map(push), fc.constant(shift())], { size: '+1' });

    fc.assert(
      fc.property(commands, (run) => fc.modelRun(() => ({ model: [], real: new Ring<number>() }), run)),
    );
  });

  it('keeps the order when it grows while its items go around its end', () => {
    const ring = new Ring<number>();
    for (const item of [1, 2, 3, 4]) ring.push(item);
    for (const item of [1, 2]) expect(ring.shift()).toBe(item);

    for (const item of [5, 6, 7, 8, 9]) ring.push(item);

    const items = Array.from({ length: 7 }, () => ring.shift());
    expect(items).toEqual([3, 4, 5, 6, 7, 8, 9]);
    expect(ring.shift()).toBeUndefined();
  });

  it('keeps no item alive that it has given back', async () => {
    setFlagsFromString('--expose-gc');
    const ring = new Ring<object>();
    const items = [{}, {}, {}].map((item) => {
      ring.push(item);
      return new WeakRef(item);
    });
    ring.shift();
    ring.shift();

    // References that were made or read in this turn are held until its end.
    await turn();
    (runInNewContext('gc') as () => void)();

    expect(items.map((item) => item.deref() !== undefined)).toEqual([false, false, true]);
    expect(ring.size).toBe(1);
  });

  it('shares nothing with other rings, not even while they are empty', () => {
    const [one, other] = [new Ring<number>(), new Ring<number>()];

    one.push(1);

    expect(other.shift()).toBeUndefined();
    expect(new Ring<number>().first()).toBeUndefined();
  });

  it('may hold undefined, which counts', () => {
    const ring = new Ring<undefined>();

    ring.push(undefined);

    expect(ring.size).toBe(1);
    ring.shift();
    expect(ring.size).toBe(0);
  });
});
