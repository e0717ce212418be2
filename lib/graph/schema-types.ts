import type { GivenBy, StandardSchema, TakenBy } from '../support/standard-schema.ts';

// Schemas as the compiler sees them. What one does not say of its types, and one that is not known before run time, is
// `Else`.

/** What a schema wants, which may stand under a name in the registry. */
export type Wanted<S, R, Else> =
  Named<S, R> extends infer T extends StandardSchema ? Said<TakenBy<T>, Else> : Else;

/** What a schema makes of it. */
export type Made<S, R, Else> =
  Named<S, R> extends infer T extends StandardSchema ? Said<GivenBy<T>, Else> : Else;

type Named<S, R> = S extends keyof R ? R[S] : S;

// A schema made by hand may say nothing, and one that is only known to be one says `unknown`.
type Said<T, Else> = [T] extends [never] ? Else : unknown extends T ? Else : T;
