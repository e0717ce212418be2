/** Whether two values are equal in structure: primitives, arrays, plain objects, dates, maps and sets; others by identity. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const prototype: unknown = Object.getPrototypeOf(one);
  if (prototype !== Object.getPrototypeOf(other)) return false;
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  if (one instanceof Map && other instanceof Map) return same([...one], [...other]);
  if (one instanceof Set && other instanceof Set) return same([...one], [...other]);
  if (!Array.isArray(one) && prototype !== Object.prototype && prototype !== null) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) =>
        Object.hasOwn(other, key) && same(one[key as keyof typeof one], other[key as keyof typeof other]),
    )
  );
}
