import { types } from 'node:util';

/** Prototypes that are looked through: a chain may be of any length. */
const LONGEST_CHAIN = 20;

/** Getters of the platform: they read, and call nothing. */
const PLATFORM: ReadonlySet<unknown> = new Set(
  [
    Object.getOwnPropertyDescriptor(DOMException.prototype, 'name'),
    Object.getOwnPropertyDescriptor(DOMException.prototype, 'message'),
    // Newer engines have it as a getter, of each error or of all.
    Object.getOwnPropertyDescriptor(new Error(), 'stack'),
    Object.getOwnPropertyDescriptor(Error.prototype, 'stack'),
  ].flatMap((found) => found?.get ?? []),
);

/** It and its prototypes; `undefined` if a proxy is among them, or too many: a proxy cannot be looked at without calling it. */
export function chainOf(object: object): readonly object[] | undefined {
  const chain: object[] = [];
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    if (types.isProxy(at) || chain.length === LONGEST_CHAIN) return undefined;
    chain.push(at);
  }
  return chain;
}

/** The value of a property, its own or inherited, if it can be had without calling anything that is not the platform's. */
export function read(object: object, key: PropertyKey): unknown {
  const chain = chainOf(object) ?? [];
  for (const one of chain) {
    const found = Object.getOwnPropertyDescriptor(one, key);
    if (found === undefined) continue;
    if (Object.hasOwn(found, 'value')) return found.value;
    return PLATFORM.has(found.get) ? Reflect.apply(found.get as () => unknown, object, []) : undefined;
  }
  return undefined;
}

export function readText(object: object, key: PropertyKey): string | undefined {
  const value = read(object, key);
  return typeof value === 'string' ? value : undefined;
}

export function isError(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  return types.isNativeError(value) || chainOf(value)?.includes(Error.prototype) === true;
}
