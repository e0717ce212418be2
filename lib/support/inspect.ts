const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/**
 * Says what the console of Node.js shows of the objects of a class. For those that users hold and that refer to the engine:
 * it would show the whole pipeline otherwise, `env` and the payloads of others with it.
 */
export function showAs<T extends object>(prototype: T, name: string, fieldsOf: (shown: T) => object): void {
  const value = function (
    this: T,
    _depth: number,
    options: object,
    inspect: (fields: object, options: object) => string,
  ): string {
    return `${name} ${inspect(fieldsOf(this), options)}`;
  };
  Object.defineProperty(prototype, INSPECT, { value });
}
