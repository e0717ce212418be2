import type { StandardSchemaV1 } from '@standard-schema/spec';

/** A validator as https://standardschema.dev defines it: those of zod, valibot and arktype are, among others. */
export interface StandardSchema<Input = unknown, Output = Input> extends StandardSchemaV1<Input, Output> {}

/** One thing a validator found wrong: its `message`, and the `path` to it inside of the value. */
export interface Issue extends StandardSchemaV1.Issue {}

/** What a schema takes, as far as it says. */
export type TakenBy<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input'];

/** What a schema gives, as far as it says. */
export type GivenBy<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output'];

/** Whether a value is one. Some libraries make functions of them. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if ((typeof value !== 'object' || value === null) && typeof value !== 'function') return false;
  const standard: unknown = (value as { readonly '~standard'?: unknown })['~standard'];
  if (typeof standard !== 'object' || standard === null) return false;
  const { version, validate } = standard as { readonly version?: unknown; readonly validate?: unknown };
  return version === 1 && typeof validate === 'function';
}
