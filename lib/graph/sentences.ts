/** A name as it stands in the compiler's sentences. */
export type Quoted<K> = `\`${K & string}\``;

/** An edge's value does not fit its node: told in words where both types have a name here, else printed as types. */
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
