import { GraphError } from '../error/graph-error.ts';
import { checkLimit, type Limits } from './limits.ts';
import { collectProblems } from './report.ts';
import { shown } from './values.ts';

/**
 * A copy of a document from a stranger, which is plain JSON and within the limits on its size: nothing past here meets a getter, a
 * proxy, a function, or an inherited key. It stops at the first limit on size that is exceeded, so that a document costs no
 * more than one that is let in; only the keys of an object that is too wide are listed all the same, for nothing else counts them.
 *
 * @throws GraphError
 */
export function screened(document: unknown, limits: Limits): unknown {
  const screening = new Screening(limits);
  try {
    return screening.run(document);
  } catch (error) {
    if (error instanceof GraphError) throw error;
    // A proxy, or what else is not JSON, has thrown.
    return screening.refuse('not-json', 'cannot be read');
  }
}

const JSON_ONLY = 'must be JSON, in which functions and schemas are names in the registry';

class Screening {
  readonly #limits: Limits;
  readonly #problems = collectProblems();
  /** The keys on the way to what is being copied. */
  readonly #way: (string | number)[] = [];
  #edges = 0;
  /** Characters so far, and the most there may be here. */
  #size = 0;
  #most: number;
  /** While `args` are copied: where they began. */
  #argsFrom: number | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
    this.#most = limits.size;
  }

  run(document: unknown): unknown {
    const copy = this.#copy(document);
    this.#problems.throwAny();
    return copy;
  }

  /** Ends it. */
  refuse(code: 'not-json', message: string): never {
    this.#problems.report(code, this.#path(), message);
    this.#problems.throwAny();
    throw new Error('unreachable: a problem was reported');
  }

  #copy(value: unknown): unknown {
    switch (typeof value) {
      case 'string':
        this.#checkName(value);
        this.#spendText(value);
        return value;
      case 'number':
        this.#spend(String(value).length);
        return value;
      case 'boolean':
        this.#spend(value ? 4 : 5);
        return value;
      case 'object':
        if (value !== null) return this.#copyNested(value);
        this.#spend(4);
        return null;
      case 'undefined':
        return undefined;
      default:
        this.#problems.report('not-json', this.#path(), `is ${shown(value)}, ${JSON_ONLY}`);
        return undefined;
    }
  }

  #copyNested(value: object): unknown {
    this.#check('nesting', this.#way.length + 1, 'lies at a depth of');
    const isArgs = this.#isArgs();
    if (!isArgs) return Array.isArray(value) ? this.#copyArray(value) : this.#copyObject(value);
    const most = this.#most;
    this.#argsFrom = this.#size;
    this.#most = Math.min(most, this.#size + this.#limits.argsSize);
    const copy = Array.isArray(value) ? this.#copyArray(value) : this.#copyObject(value);
    this.#argsFrom = undefined;
    this.#most = most;
    return copy;
  }

  #copyArray(array: readonly unknown[]): unknown[] {
    const length = Math.max(0, array.length);
    if (this.#way.length === 2 && this.#way[0] === 'graph') {
      this.#edges += length;
      this.#check('edges', this.#edges, 'brings the number of edges to', 'graph');
    }
    // Each element takes a character and a comma: it is refused before it is walked through.
    this.#spend(2 + Math.max(0, length - 1), length);
    const copy: unknown[] = [];
    for (let index = 0; index < length; index++) copy.push(this.#copyField(array, index));
    return copy;
  }

  #copyObject(value: object): object {
    const prototype: unknown = Object.getPrototypeOf(value);
    // Of another realm, too, the prototype of an object literal has none itself.
    if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
      this.#problems.report('not-json', this.#path(), `is an object of a class, ${JSON_ONLY}`);
      return {};
    }
    const keys = Object.keys(value);
    const isWide = this.#way.length === 1 && (this.#way[0] === 'nodes' || this.#way[0] === 'graph');
    if (isWide) this.#check('nodes', keys.length, 'names as many nodes as');
    this.#spend(2 + Math.max(0, keys.length - 1), 4 * keys.length);
    const copy: Record<string, unknown> = this.#argsFrom === undefined ? Object.create(null) : {};
    for (const key of keys) {
      this.#spendText(key);
      this.#spend(1);
      if (key in Object.prototype) {
        this.#way.push(key);
        this.#problems.report('bad-name', this.#path(), 'is a property of every JavaScript object');
        this.#way.pop();
        continue;
      }
      this.#checkName(key);
      const field = this.#copyField(value, key);
      if (field !== undefined) copy[key] = field;
    }
    return copy;
  }

  #copyField(holder: object, key: string | number): unknown {
    this.#way.push(key);
    const property = Object.getOwnPropertyDescriptor(holder, key);
    let copy: unknown;
    if (property === undefined) this.#problems.report('not-json', this.#path(), `is missing, ${JSON_ONLY}`);
    else if ('value' in property) copy = this.#copy(property.value);
    else this.#problems.report('not-json', this.#path(), `is a getter, ${JSON_ONLY}`);
    this.#way.pop();
    return copy;
  }

  #isArgs(): boolean {
    const [part, , third] = this.#way;
    const { length } = this.#way;
    return (
      (part === 'nodes' && length === 3 && third === 'args') ||
      (part === 'defaults' && length === 2 && this.#way[1] === 'args')
    );
  }

  #checkName(name: string): void {
    if (this.#argsFrom !== undefined || name.length <= this.#limits.nameLength) return;
    const what = 'holds a name whose length is';
    checkLimit('nameLength', name.length, this.#limits, this.#path(), this.#problems.report, what);
  }

  #spendText(text: string): void {
    // A long one is not even read.
    this.#spend(2, text.length);
    this.#spend(JSON.stringify(text).length - 2);
  }

  /** Takes room for so many characters, while there is room for those to come, too. */
  #spend(characters: number, toCome = 0): void {
    this.#size += characters;
    if (this.#size + toCome <= this.#most) return;
    const from = this.#argsFrom;
    const isArgs = from !== undefined && this.#most < this.#limits.size;
    if (isArgs) this.#way.splice(this.#way[0] === 'nodes' ? 3 : 2);
    else this.#way.length = 0;
    this.#check(
      isArgs ? 'argsSize' : 'size',
      this.#size + toCome - (isArgs ? from : 0),
      'has at least this many characters as JSON:',
    );
  }

  /** A limit on size: nothing is read any more that lies beyond it. */
  #check(name: keyof Limits, value: number, what: string, path?: string): void {
    if (!(value > this.#limits[name])) return;
    checkLimit(name, value, this.#limits, path ?? this.#path(), this.#problems.report, what);
    this.#problems.throwAny();
  }

  #path(): string {
    if (this.#way.length === 0) return 'definition';
    return this.#way.reduce<string>((path, key) => {
      if (typeof key === 'number') return `${path}[${key}]`;
      const shortened = key.length > 60 ? `${key.slice(0, 57)}...` : key;
      return path === '' ? shortened : `${path}.${shortened}`;
    }, '');
  }
}
