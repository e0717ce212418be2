/** What was thrown in another thread, in parts that can be sent: an error as it is would lose its name and its fields. */
export interface SentError {
  /** Whether it was an error; if not, `value` is what was thrown. */
  readonly isError: boolean;
  readonly value?: unknown;
  readonly name?: string;
  readonly message?: string;
  readonly stack?: string | undefined;
  readonly cause?: SentError;
  /** Of an AggregateError. */
  readonly errors?: readonly SentError[];
  /** What it carries beside: a `code`, a `status`. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** Causes have causes; some are their own. */
const DEEPEST = 10;

/** Takes an error apart, to be sent. What cannot be sent of it becomes words, or is left out. */
export function takeApart(thrown: unknown, trim: (stack: string) => string, depth = 0): SentError {
  if (!(thrown instanceof Error) || depth === DEEPEST)
    return { isError: false, value: isCloneable(thrown) ? thrown : wordsOf(thrown) };
  const { name, message, stack, cause } = thrown;
  const inner = (error: unknown): SentError => takeApart(error, trim, depth + 1);
  return {
    isError: true,
    name: String(name),
    message: String(message),
    stack: typeof stack === 'string' ? trim(stack) : undefined,
    ...('cause' in thrown && { cause: inner(cause) }),
    ...(thrown instanceof AggregateError && { errors: thrown.errors.map(inner) }),
    fields: fieldsOf(thrown),
  };
}

const OWN: readonly string[] = ['name', 'message', 'stack', 'cause'];

function fieldsOf(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (OWN.includes(key)) continue;
    try {
      const value: unknown = error[key as keyof Error];
      if (isCloneable(value)) fields[key] = value;
    } catch {
      // A getter that throws tells nothing.
    }
  }
  return fields;
}

/** Whether a value can be sent to a thread. */
export function isCloneable(value: unknown): boolean {
  try {
    structuredClone(value);
    return true;
  } catch {
    return false;
  }
}

function wordsOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

type ErrorMaker = new (message?: string) => Error;
const CLASSES: Readonly<Record<string, ErrorMaker>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Puts an error together again: of the language's own class by its name, or else an Error that has this name. */
export function putTogether(sent: SentError): unknown {
  if (!sent.isError) return sent.value;
  const { name = 'Error', message = '', stack, cause, errors, fields } = sent;
  const error = makeError(name, message, errors);
  const set = (key: string, value: unknown): void => {
    Object.defineProperty(error, key, { value, writable: true, configurable: true });
  };
  if (error.name !== name) set('name', name);
  set('stack', stack);
  if (cause !== undefined) set('cause', putTogether(cause));
  return Object.assign(error, fields);
}

function makeError(name: string, message: string, errors: readonly SentError[] | undefined): Error {
  if (errors !== undefined) return new AggregateError(errors.map(putTogether), message);
  const Class = Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined;
  return Class === undefined ? new Error(message) : new Class(message);
}
