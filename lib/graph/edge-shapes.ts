import type { Message } from './context.ts';
import type { EdgeObject } from './definition.ts';

/** An edge as the compiler infers it from a literal: inline predicates get their parameters' types from here. */
interface EdgeShape extends Omit<EdgeObject, 'when'> {
  readonly when?: ((value: any, message: Message<any>) => unknown) | object | string;
}

/** What may stand under `graph`. */
export type GraphShape = Readonly<Record<string, readonly (string | EdgeShape)[] | null>>;

/** The nodes to which a list of edges leads. `null` is asked for because it extends everything where the compiler is not strict. */
export type To<L> = L extends null
  ? never
  : L extends readonly (infer E)[]
    ? E extends { readonly to: infer T }
      ? T
      : E
    : never;

/** What the `when` of a list's edge to `T` lets through, if it is a type guard. */
export type Guarded<L, T> = L extends null
  ? never
  : L extends readonly (infer E)[]
    ? E extends { readonly to: T; readonly when: (value: any, ...rest: any) => value is infer G }
      ? G
      : never
    : never;
