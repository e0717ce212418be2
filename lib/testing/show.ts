/** Longer values are cut. */
const LONGEST = 80;

/** A value as the kit's messages show it, on one line; whatever it is, looking at it does not throw. */
export function show(value: unknown): string {
  const text = textOf(value).replace(/\s+/g, ' ');
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 3)}...` : text;
}

function textOf(value: unknown): string {
  try {
    if (value instanceof Error) return String(value);
    if (typeof value === 'function') return value.name === '' ? 'a function' : `function ${value.name}`;
    return JSON.stringify(value) ?? String(value);
  } catch {
    return `a value of type ${typeof value}`;
  }
}

const FAST_CHECK_PRINTS = Symbol.for('fast-check/toStringMethod');
const NODE_PRINTS = Symbol.for('nodejs.util.inspect.custom');

/** Has fast-check and `console.log` print an object in these words. */
export function printedAs<T extends object>(value: T, words: () => string): T {
  return Object.defineProperties(value, {
    [FAST_CHECK_PRINTS]: { value: words },
    [NODE_PRINTS]: { value: words },
  });
}
