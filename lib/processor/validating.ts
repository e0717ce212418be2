import { ValidationError } from '../error/validation-error.ts';
import type { StandardSchema } from '../support/standard-schema.ts';
import { type AttemptHost, awaitingFor, Failure, LET_GO, type Run } from './attempt.ts';
import { asPromise, faultOf, openIterator } from './iterate.ts';
import { type Awaiting, chain, close, isDone, pull, Wrapped } from './pulling.ts';
import type { AnyIterator } from './slot.ts';

/** Which of its schemas a value does not fit. */
export type SchemaPhase = 'input' | 'output';

/**
 * What a schema makes of a value, or a promise of it if the schema takes its time.
 *
 * @throws Failure, or rejects with one, if the value does not fit or the validator itself fails.
 */
export function validate(schema: StandardSchema, value: unknown, phase: SchemaPhase): unknown {
  try {
    const answer = schema['~standard'].validate(value);
    const promise = asPromise(answer);
    if (promise === undefined) return valueIn(answer);
    return promise.then(valueIn).catch((error) => refuse(error, phase));
  } catch (error) {
    return refuse(error, phase);
  }
}

function valueIn(answer: unknown): unknown {
  if (typeof answer !== 'object' || answer === null) throw new TypeError('its validator returned no result');
  const { value, issues } = answer as { readonly value: unknown; readonly issues?: [] };
  if (issues) throw new ValidationError(issues);
  return value;
}

/** For an input that does not fit, the function is not called even once. */
function refuse(error: unknown, phase: SchemaPhase): never {
  throw new Failure(error, phase === 'input' ? 0 : 1, phase);
}

/** Has a function be given only what fits its schema. A subgraph's inlet has no function: it sends that on. */
export function checkingInput(run: Run = (input) => input, schema: StandardSchema): Run {
  return (input, context) => {
    const checked = validate(schema, input, 'input');
    const promise = asPromise(checked);
    if (promise === undefined) return run(checked, context);
    return promise.then((value) => {
      if (context.signal.aborted) throw LET_GO;
      return run(value, context);
    });
  };
}

/** Has a function give only what fits its schema. */
export function checkingOutput(run: Run, schema: StandardSchema, isMany: boolean, node: AttemptHost): Run {
  if (!isMany) return (input, context) => chain(run(input, context), (value) => checkedOutput(schema, value));
  return (input, context) =>
    chain(run(input, context), (iterable) => {
      const iterator = openIterator(iterable);
      return iterator === undefined
        ? iterable
        : new CheckedIterator(iterator, schema, 'output', awaitingFor(node, context));
    });
}

/** What is skipped need not fit, and what cannot be sent is no concern of a schema. */
function checkedOutput(schema: StandardSchema, value: unknown): unknown {
  if (value === undefined || value === null || faultOf(value) !== undefined) return value;
  return validate(schema, value, 'output');
}

/** The items of an iterable, each of which has to fit. With the first that does not, it has come to its end. */
export class CheckedIterator extends Wrapped {
  readonly #schema: StandardSchema;
  readonly #phase: SchemaPhase;
  readonly #awaiting: Awaiting;

  constructor(inner: AnyIterator, schema: StandardSchema, phase: SchemaPhase, awaiting: Awaiting) {
    super(inner);
    this.#awaiting = awaiting;
    this.#schema = schema;
    this.#phase = phase;
  }

  next(): unknown {
    return chain(pull(this.inner, this.#awaiting), (result) => this.#checked(result));
  }

  #checked(result: unknown): unknown {
    if (isDone(result)) return result;
    const { value } = result as IteratorYieldResult<unknown>;
    if (value === undefined || value === null) return result;
    try {
      const item = validate(this.#schema, value, this.#phase);
      const promise = asPromise(item);
      if (promise === undefined) return { done: false, value: item };
      return promise.then(
        (checked) => ({ done: false, value: checked }),
        (error) => this.#end(error),
      );
    } catch (error) {
      return this.#end(error);
    }
  }

  /** It does not know that its item was refused. */
  #end(error: unknown): never {
    close(this, this.#awaiting);
    throw error;
  }
}
