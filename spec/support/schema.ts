import type { StandardSchema } from 'sluice';

type Validate<I, O> = StandardSchema<I, O>['~standard']['validate'];

/** A schema made by hand. */
export function schemaOf<I = unknown, O = I>(validate: Validate<I, O>): StandardSchema<I, O> {
  return { '~standard': { version: 1, vendor: 'spec', validate } };
}
