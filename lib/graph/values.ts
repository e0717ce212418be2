export const isFunctionOrName = (value: unknown): boolean =>
  typeof value === 'function' || typeof value === 'string';

/** Whether a value is plain data: an instance of a class has fields of its own, which are no options. */
export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** A value as messages show it: short, and never its own code. */
export function shown(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > 60 ? `${value.slice(0, 57)}...` : value);
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'undefined'
    ? 'undefined'
    : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
}
