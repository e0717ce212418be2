import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../../lib/support/freeze.ts';

describe('deep freezing', () => {
  it('freezes plain objects and arrays, with all that is in them, symbols and hidden keys too', () => {
    const key = Symbol('key');
    const hidden = { n: 1 };
    const value = { list: [{ n: 1 }], bare: Object.create(null) as object, [key]: { n: 1 } };
    Object.defineProperty(value, 'hidden', { value: hidden, enumerable: false });

    deepFreeze(value);

    const inside = [value, value.list, value.list[0], value.bare, value[key], hidden];
    expect(inside.filter((part) => !Object.isFrozen(part))).toEqual([]);
  });

  it('looks into what was frozen on the surface only', () => {
    const value = Object.freeze({ inner: { n: 1 } });

    deepFreeze(value);

    expect(Object.isFrozen(value.inner)).toBe(true);
  });

  it('comes to an end on cycles, and on data deeper than the stack', () => {
    const cycle: { self?: unknown; list: unknown[] } = { list: [] };
    cycle.self = cycle;
    cycle.list.push(cycle);
    let deep: unknown = null;
    for (let i = 0; i < 100_000; i++) deep = { deep };

    deepFreeze(cycle);
    deepFreeze(deep);

    expect([cycle, cycle.list, deep].every(Object.isFrozen)).toBe(true);
  });

  it('leaves alone what it cannot keep from changing, or what has methods of its own', () => {
    class Counter {
      count = 0;
    }
    const parts = {
      bytes: new Uint8Array(2),
      buffer: new ArrayBuffer(2),
      map: new Map([[1, { n: 1 }]]),
      date: new Date(0),
      counter: new Counter(),
      run: () => 1,
    };

    deepFreeze(parts);

    expect(Object.isFrozen(parts)).toBe(true);
    expect(Object.values(parts).filter(Object.isFrozen)).toEqual([]);
  });

  it('calls no getter, and passes over what is no object', () => {
    const value = {
      get boom(): never {
        throw new Error('called');
      },
    };

    for (const one of [value, null, undefined, 1, 'text', 1n, Symbol('s')]) deepFreeze(one);

    expect(Object.isFrozen(value)).toBe(true);
  });
});
