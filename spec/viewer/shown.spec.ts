import { runInThisContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { codeOf, errorText, payloadText, stackOf } from '../../lib/viewer/shown.ts';

const anything = fc.anything({
  ...{ withBigInt: true, withBoxedValues: true, withDate: true, withMap: true, withNullPrototype: true },
  ...{ withObjectString: true, withSet: true, withSparseArray: true, withTypedArray: true },
});

/** Objects that count how often anything of theirs is called; all of it throws, too. */
class Trap {
  calls = 0;
  readonly spring = (): never => {
    this.calls++;
    throw new Error('was called');
  };
  readonly getter = { get: this.spring, enumerable: true, configurable: true };

  readonly kinds: Readonly<Record<string, () => unknown>> = {
    proxy: () => this.proxyOf({}),
    'proxy of a function': () => this.proxyOf(() => {}),
    'proxy of an array': () => this.proxyOf([]),
    'proxy of an error': () => this.proxyOf(new Error('x')),
    'revoked proxy': () => {
      const { proxy, revoke } = Proxy.revocable([], {});
      revoke();
      return proxy;
    },
    'proxy as prototype': () => Object.create(this.proxyOf({}) as object),
    'error with a proxy as prototype': () =>
      Object.setPrototypeOf(new Error('x'), this.proxyOf({}) as object),
    'constructor that is a proxy': () => Object.create({ constructor: this.proxyOf(class {}) }),
    getter: () => this.having({}, 'a', 'constructor', 'toString', 'toJSON', 'then'),
    symbols: () => this.having({}, Symbol.toStringTag, Symbol.iterator, Symbol.toPrimitive),
    'symbols of a prototype': () => Object.create(this.having({}, Symbol.toStringTag, 'constructor')),
    inspected: () => ({ [Symbol.for('nodejs.util.inspect.custom')]: this.spring, toJSON: this.spring }),
    array: () => this.having([1, 2], '0', 'constructor', Symbol.iterator),
    'typed array': () => this.having(new Uint8Array(3), 'length', 'constructor', Symbol.toStringTag),
    map: () => this.having(new Map([[1, 2]]), 'size', 'entries', Symbol.iterator, Symbol.toStringTag),
    set: () => this.having(new Set([1]), 'size', 'values', Symbol.iterator, Symbol.toStringTag),
    date: () => this.having(new Date(0), 'getTime', 'toISOString', Symbol.toPrimitive),
    'regular expression': () => this.having(/x/g, 'source', 'flags', 'global', 'toString'),
    'boxed text': () => this.having(Object('text'), 'valueOf', 'toString'),
    function: () => this.having(() => {}, 'name', 'toString', 'constructor'),
    promise: () => this.having(Promise.resolve(), 'then', 'constructor'),
    error: () => this.having(new Error('x'), 'stack', 'name', 'message', 'cause', 'constructor'),
    'error with a name': () => this.having(new Error('x'), 'name'),
    'error with a message': () => this.having(new Error('x'), 'message'),
    'error with a name that is no text': () =>
      Object.assign(new Error('x'), { name: { toString: this.spring } }),
    'error with a code': () => this.having(new Error('x'), 'code'),
    'cause that is a proxy': () => new Error('x', { cause: this.proxyOf(new Error('y')) }),
  };

  having(target: object, ...keys: PropertyKey[]): object {
    for (const key of keys) Object.defineProperty(target, key, this.getter);
    return target;
  }

  proxyOf(target: object): unknown {
    const spring = this.spring;
    return new Proxy(target, new Proxy({}, { get: () => spring }));
  }
}

describe('what is shown of a payload', () => {
  it('is short, whatever it is, and the same each time', () => {
    fc.assert(
      fc.property(anything, (payload) => {
        const text = payloadText(payload);

        expect(text.length).toBeGreaterThan(0);
        expect(text.length).toBeLessThanOrEqual(301);
        expect(text).not.toContain('cannot be shown');
        expect(payloadText(payload)).toBe(text);
      }),
    );
  });

  it('is all of it, and true, where it is small', () => {
    const key = fc.string({ maxLength: 5 }).filter((text) => text !== '__proto__');
    const leaf = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.integer(),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    );
    const list = <T>(item: fc.Arbitrary<T>) =>
      fc.oneof(
        leaf,
        fc.array(item, { maxLength: 3 }),
        fc.dictionary(key, item, { maxKeys: 3, noNullPrototype: true }),
      );

    fc.assert(
      fc.property(list(list(leaf)), (payload) => {
        const text = payloadText(payload);
        fc.pre(text.length <= 300);

        expect(runInThisContext(`(${text})`)).toEqual(payload);
      }),
    );
  });

  it.each<[string, unknown, string]>([
    ['a record', { a: 1, 'b c': ["it's", undefined] }, "{ a: 1, 'b c': [ 'it\\'s', undefined ] }"],
    ['nothing in it', { list: [], record: {} }, '{ list: [], record: {} }'],
    [
      'an instance',
      new (class Order {
        id = 7;
      })(),
      'Order { id: 7 }',
    ],
    ['no prototype', Object.assign(Object.create(null), { a: 1 }), '[no prototype] { a: 1 }'],
    ['a hole', Object.assign(new Array(3), { 0: 1, 2: 3 }), '[ 1, <empty>, 3 ]'],
    ['a map', new Map([[{ a: 1 }, 'x']]), "Map(1) { { a: 1 } => 'x' }"],
    ['a set', new Set([1, 2]), 'Set(2) { 1, 2 }'],
    ['bytes', Buffer.from('ab'), 'Buffer(2) [ 97, 98 ]'],
    ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['no date', new Date(Number.NaN), 'Invalid Date'],
    ['a regular expression', /a+/, 'RegExp(a+)'],
    ['a boxed text', Object('a'), "String('a')"],
    ['an error', new TypeError('no'), '[TypeError: no]'],
    ['a function', function named() {}, '[Function: named]'],
    ['a symbol', Symbol('s'), 'Symbol(s)'],
    ['numbers', [-0, 5n, Number.NaN], '[ -0, 5n, NaN ]'],
    ['a promise', Promise.resolve(1), 'Promise {}'],
    ['a proxy', [new Proxy({}, {})], '[ [Proxy] ]'],
    ['a setter', Object.defineProperty({}, 'a', { set() {}, enumerable: true }), '{ a: [Setter] }'],
    ['what is deep', { a: { b: { c: { d: { e: 1 } } } } }, '{ a: { b: { c: { d: {…} } } } }'],
  ])('names %s', (_, payload, text) => {
    expect(payloadText(payload)).toBe(text);
  });

  it('says where it leads back to itself, and only there', () => {
    const shared = { a: 1 };
    const payload: { self?: unknown; one: unknown; two: unknown } = { one: shared, two: shared };
    payload.self = payload;

    expect(payloadText(payload)).toBe('{ one: { a: 1 }, two: { a: 1 }, self: [Circular] }');
  });

  const many = 100_000;
  const wide = () => Object.fromEntries(Array.from({ length: many }, (_, n) => [`key${n}`, n]));
  it.each<[string, () => unknown]>([
    ['keys', wide],
    ['items', () => Array.from({ length: many }, (_, n) => n)],
    ['holes', () => new Array(2 ** 32 - 1)],
    ['bytes', () => new Uint8Array(many)],
    ['entries', () => new Map(Array.from({ length: many }, (_, n) => [n, n]))],
    ['members', () => new Set(Array.from({ length: many }, (_, n) => n))],
    ['records', () => Array.from({ length: many }, () => ({ a: { b: [1, 2, 3] } }))],
    [
      'branches',
      () => [0, 1, 2, 3, 4, 5].reduce<unknown>((part) => Array.from({ length: 20 }, () => part), 1),
    ],
    ['letters', () => ['x'.repeat(1e6), Object('x'.repeat(1e6)), Symbol('x'.repeat(1e6)), 10n ** 10_000n]],
    ['letters of a key', () => ({ ['x'.repeat(1e6)]: 1 })],
  ])('costs a look at a few of many %s', (_, make) => {
    const payload = make();
    const looks = vi.spyOn(Object, 'getOwnPropertyDescriptor');

    const text = payloadText(payload);

    expect(looks.mock.calls.length).toBeLessThan(300);
    looks.mockRestore();
    expect(text.length).toBeLessThanOrEqual(301);
    expect(text).toMatch(/…/);
  });

  it('costs one list of many keys, not one for each place where there are as many', () => {
    const payload = Array.from({ length: 10 }, wide);
    const lists = vi.spyOn(Object, 'keys');

    const text = payloadText(payload);

    expect(lists.mock.calls.length).toBe(1);
    lists.mockRestore();
    expect(text.length).toBeLessThanOrEqual(301);
  });
});

describe('nothing is called of what others made', () => {
  it.each(Object.keys(new Trap().kinds))('a %s', (kind) => {
    const trap = new Trap();
    const made = trap.kinds[kind]?.();

    const texts = [payloadText(made), payloadText([{ made }]), errorText(made), stackOf(made), codeOf(made)];
    stackOf(new Error('outer', { cause: made }));

    expect(trap.calls).toBe(0);
    expect(texts.join()).not.toContain('was called');
  });

  it('however they are put together', () => {
    const trap = new Trap();
    // Made by the property: fast-check itself looks at what it makes.
    type Make = () => unknown;
    const { value } = fc.letrec<{ value: Make }>((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(...Object.values(trap.kinds)),
        fc.anything().map((made) => () => made),
        fc.array(tie('value'), { maxLength: 4 }).map((makers) => () => makers.map((make) => make())),
        fc
          .array(fc.tuple(fc.string(), tie('value')), { maxLength: 4 })
          .map((makers) => () => Object.fromEntries(makers.map(([key, make]) => [key, make()]))),
        fc
          .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
          .map((makers) => () => new Map(makers.map(([key, held]) => [key(), held()]))),
        tie('value').map((make) => () => new Error('x', { cause: make() })),
      ),
    }));

    fc.assert(
      fc.property(value, (make) => {
        const made = make();
        const calls = trap.calls;

        for (const show of [payloadText, errorText, stackOf, codeOf]) show(made);

        expect(trap.calls).toBe(calls);
      }),
    );
  });
});

describe('what is shown of an error', () => {
  it.each<[string, unknown, string]>([
    ['its message', new RangeError('too far'), 'too far'],
    ['the message of one of the platform', new DOMException('given up', 'AbortError'), 'given up'],
    ['its name, if it has no message', new RangeError(), '[RangeError]'],
    ['what was thrown in its place', 'a text', "'a text'"],
    [
      'its message, if it is an error by its prototype',
      Object.assign(Object.create(Error.prototype), { message: 'm' }),
      'm',
    ],
  ])('is %s', (_, error, text) => {
    expect(errorText(error)).toBe(text);
  });

  it('is the stack of its first cause, as far as causes are errors', () => {
    const first = new Error('first', { cause: 'a text' });

    expect(stackOf(new Error('outer', { cause: new Error('inner', { cause: first }) }))).toMatch(
      /^Error: first\n.*shown\.spec\.ts/,
    );
    expect(stackOf(new DOMException('given up', 'AbortError'))).toContain('shown.spec.ts');
    expect(stackOf('a text')).toBe(null);
  });
});
