import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { putTogether, takeApart } from '../../lib/support/thread-errors.ts';

const whole = (stack: string): string => stack;

/** Through what lies between two threads. */
function across(thrown: unknown): unknown {
  return putTogether(structuredClone(takeApart(thrown, whole)));
}

/** All there is to see of an error. One that has the name of another class is of none. */
function portraitOf(thrown: unknown): unknown {
  if (!(thrown instanceof Error)) return { thrown };
  const { name, message, stack, cause, ...fields } = thrown;
  const made = Object.getPrototypeOf(thrown).name === name ? Object.getPrototypeOf(thrown) : Error.prototype;
  return { made, name, message, stack, fields, ...('cause' in thrown && { cause: portraitOf(cause) }) };
}

describe('an error that goes to another thread', () => {
  it('is the same there: class, name, words, stack, fields, causes and what it is of several', () => {
    const classes = [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError];
    const { error: errors } = fc.letrec<{ error: Error }>((tie) => ({
      error: fc
        .record({
          make: fc.constantFrom(...classes),
          message: fc.string(),
          name: fc.option(fc.string(), { nil: undefined }),
          fields: fc.dictionary(fc.stringMatching(/^[a-d]$/), fc.jsonValue()),
          cause: fc.option(fc.oneof({ maxDepth: 4 }, fc.jsonValue(), tie('error')), {
            nil: undefined,
          }),
        })
        .map(({ make, message, name, fields, cause }) =>
          Object.assign(
            new make(message, cause === undefined ? {} : { cause }),
            fields,
            name !== undefined && { name },
          ),
        ),
    }));
    fc.assert(
      fc.property(errors, (error) => {
        expect(portraitOf(across(error))).toEqual(portraitOf(error));
      }),
    );
  });

  it('keeps its class though it has `errors`, and tells nothing of a field that cannot be read', () => {
    const error = Object.assign(new TypeError('invalid'), { errors: [{ path: 'a' }], code: 1 });
    Object.defineProperty(error, 'odd', {
      enumerable: true,
      get: () => {
        throw new Error('no');
      },
    });
    const there = across(error);
    expect(there).toBeInstanceOf(TypeError);
    expect({ ...(there as object) }).toEqual({ errors: [{ path: 'a' }], code: 1 });
  });

  it('may be any value at all', () => {
    fc.assert(fc.property(fc.anything({ withNullPrototype: false }), (value) => void across(value)));
    expect(across(undefined)).toBeUndefined();
    expect(across(Symbol('odd'))).toBe('Symbol(odd)');
    expect(across({ toString: () => 1, f: () => 1 })).toBe('1');
    expect(across({ toString: () => ({}), f: () => 1 })).toBe('object');
  });

  it('leaves behind what cannot be sent', () => {
    const error = Object.assign(new Error('no'), { code: 'E_NO', retry: () => 1 });

    expect(across(error)).toEqual(Object.assign(new Error('no'), { code: 'E_NO' }));
  });

  it('ends somewhere, though it is its own cause', () => {
    const error = new Error('round');
    error.cause = error;

    let depth = 0;
    for (let at: unknown = across(error); at instanceof Error; at = at.cause) depth++;

    expect(depth).toBe(10);
  });
});
