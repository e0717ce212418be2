/** A name as it stands in the compiler's sentences. */
export type Quoted<K> = `\`${K & string}\``;

// Types that have no name here are left to the compiler to print.
/** What an edge sends does not fit what the node wants: told in words where both have a name, else as types. */
export type Misfit<
  K,
  T,
  S,
  I,
  Text = `${Quoted<Arrow<K, T>>} sends ${NameOf<S>}, ${Quoted<T>} wants ${NameOf<I>}`,
> = [Text] extends [never] ? { edge: Arrow<K, T>; sends: S; wants: I } : Text;
type Arrow<K, T> = `${K & string} -> ${T & string}`;
type NameOf<T> = { [P in keyof Names]: [T, Names[P]] extends [Names[P], T] ? P : never }[keyof Names];

interface Names {
  readonly string: string;
  readonly number: number;
  readonly boolean: boolean;
  readonly unknown: unknown;
}
