import { types } from 'node:util';
import { isError, read, readText } from './reading.ts';

/** Of what is shown: a list's first entries, entries of all lists, lists within lists. */
const MOST = { inList: 20, entries: 60, depth: 4 } as const;
/** Keys can only be listed all at once, which takes long where there are many: after so many no other object is opened. */
const MOST_LISTED = 1000;
/** Beyond it, writing the digits down takes long. */
const LARGEST = 10n ** 40n;

const getterOf = (prototype: object, key: PropertyKey): ((this: unknown) => unknown) =>
  Object.getOwnPropertyDescriptor(prototype, key)?.get as (this: unknown) => unknown;
const numberBy = (getter: (this: unknown) => unknown, object: object): number =>
  Reflect.apply(getter, object, []) as number;

// The platform's own: those of an object may be overridden.
const mapSize = getterOf(Map.prototype, 'size');
const setSize = getterOf(Set.prototype, 'size');
const lengthOfTyped = getterOf(Object.getPrototypeOf(Uint8Array.prototype), 'length');
const sourceOf = getterOf(RegExp.prototype, 'source');

/**
 * One value in words, about as a console shows it. Calls nothing of the value's: it reads what its properties hold, opens no
 * proxy, and no more entries and characters than are shown.
 */
export class Portrait {
  /** Those that the value stands in. */
  readonly #within: object[] = [];
  #characters: number;
  #entries: number = MOST.entries;
  #listed = 0;

  /** @param characters may be exceeded by what closes the brackets */
  constructor(characters: number) {
    this.#characters = characters;
  }

  of(value: unknown): string {
    if (typeof value === 'object' && value !== null) return this.#objectText(value);
    if (typeof value === 'string') return this.#quoted(value);
    if (typeof value === 'bigint') return this.#spent(bigintText(value));
    if (typeof value === 'symbol') return `Symbol(${this.#clipped(value.description ?? '')})`;
    if (typeof value === 'function') return this.#functionText(value);
    return this.#spent(Object.is(value, -0) ? '-0' : String(value));
  }

  #objectText(value: object): string {
    if (types.isProxy(value)) return this.#spent('[Proxy]');
    if (this.#within.includes(value)) return this.#spent('[Circular]');
    const text = this.#leafText(value);
    if (text !== undefined) return text;
    if (this.#within.length >= MOST.depth) return this.#spent(Array.isArray(value) ? '[…]' : '{…}');
    this.#within.push(value);
    const shown = this.#listText(value);
    this.#within.pop();
    return shown;
  }

  /** What has no entries. */
  #leafText(value: object): string | undefined {
    if (isError(value)) {
      const message = readText(value, 'message') ?? '';
      const name = readText(value, 'name') ?? 'Error';
      return `[${this.#clipped(message === '' ? name : `${name}: ${message}`)}]`;
    }
    if (types.isDate(value)) {
      const at = Date.prototype.getTime.call(value);
      return this.#spent(Number.isNaN(at) ? 'Invalid Date' : new Date(at).toISOString());
    }
    if (types.isRegExp(value))
      return `RegExp(${this.#clipped(Reflect.apply(sourceOf, value, []) as string)})`;
    if (types.isStringObject(value)) return `String(${this.#quoted(String.prototype.valueOf.call(value))})`;
    return undefined;
  }

  #listText(value: object): string {
    const name = this.#nameOf(value);
    if (Array.isArray(value)) return this.#arrayText(name, value, value.length);
    if (types.isTypedArray(value)) return this.#arrayText(name, value, numberBy(lengthOfTyped, value));
    if (types.isMap(value)) {
      const entries = Map.prototype.entries.call(value);
      const next = (): string => {
        const [key, held] = entries.next().value as [unknown, unknown];
        return `${this.of(key)} => ${this.of(held)}`;
      };
      return this.#list(`${name}(${numberBy(mapSize, value)}) {`, '}', numberBy(mapSize, value), next);
    }
    if (types.isSet(value)) {
      const members = Set.prototype.values.call(value);
      const size = numberBy(setSize, value);
      return this.#list(`${name}(${size}) {`, '}', size, () => this.of(members.next().value));
    }
    return this.#recordText(name === 'Object' ? '' : `${name} `, value);
  }

  #arrayText(name: string, array: object, length: number): string {
    const open = name === 'Array' ? '[' : `${name}(${length}) [`;
    return this.#list(open, ']', length, (index) => this.#heldBy(array, String(index)));
  }

  #recordText(prefix: string, record: object): string {
    if (this.#listed > MOST_LISTED) return this.#spent(`${prefix}{…}`);
    const keys = Object.keys(record);
    this.#listed += keys.length;
    return this.#list(`${prefix}{`, '}', keys.length, (index) => {
      const key = keys[index] as string;
      const isPlain = key.length <= this.#characters && /^[A-Za-z_$][\w$]*$/.test(key);
      return `${isPlain ? this.#spent(key) : this.#quoted(key)}: ${this.#heldBy(record, key)}`;
    });
  }

  #heldBy(object: object, key: string): string {
    const found = Object.getOwnPropertyDescriptor(object, key);
    if (found === undefined) return this.#spent('<empty>');
    if (Object.hasOwn(found, 'value')) return this.of(found.value);
    return this.#spent(found.get === undefined ? '[Setter]' : '[Getter]');
  }

  #list(open: string, close: string, total: number, entryAt: (index: number) => string): string {
    const entries: string[] = [];
    while (entries.length < Math.min(total, MOST.inList) && this.#characters > 0 && this.#entries > 0) {
      this.#entries--;
      this.#characters -= 2;
      entries.push(entryAt(entries.length));
    }
    const left = total - entries.length;
    if (left > 0) entries.push(`… ${left} more`);
    return entries.length === 0 ? open + close : `${open} ${entries.join(', ')} ${close}`;
  }

  #functionText(value: object): string {
    if (types.isProxy(value)) return this.#spent('[Proxy]');
    const name = readText(value, 'name') ?? '';
    return name === '' ? this.#spent('[Function]') : `[Function: ${this.#clipped(name)}]`;
  }

  #nameOf(value: object): string {
    if (Object.getPrototypeOf(value) === null) return '[no prototype]';
    const maker = read(value, 'constructor');
    const name = typeof maker === 'function' ? readText(maker, 'name') : undefined;
    return this.#clipped(name || 'Object');
  }

  #quoted(text: string): string {
    const inner = JSON.stringify(this.#clipped(text)).slice(1, -1);
    return `'${inner.replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  }

  #clipped(text: string): string {
    const room = Math.max(this.#characters, 0);
    return this.#spent(text.length <= room ? text : `${text.slice(0, room)}…`);
  }

  #spent(text: string): string {
    this.#characters -= text.length;
    return text;
  }
}

function bigintText(value: bigint): string {
  return -LARGEST < value && value < LARGEST ? `${value}n` : '[BigInt of many digits…]';
}
