// An alias would be printed by its name and arguments; this is printed as the properties it makes.
export type Expand<T> = T extends infer O ? { -readonly [K in keyof O]: O[K] } : never;

/** Whether a type has several members. */
export type IsUnion<T, U = T> = T extends U ? ([U] extends [T] ? false : true) : never;

/** The type of a property, if there is one. */
export type Own<T, O, Else> = O extends keyof T ? T[O] : Else;

/** The keys that cannot be left out. */
export type RequiredKeys<T> = {
  [P in keyof T]-?: undefined extends T[P] ? never : string extends P ? never : P;
}[keyof T];

/** What a function may return that sends values of a type. */
export type Returning<T, Many> = Many extends true
  ? Iterable<T> | AsyncIterable<T> | PromiseLike<Iterable<T> | AsyncIterable<T>>
  : T | PromiseLike<T> | Iterator<T> | AsyncIterator<T>;
