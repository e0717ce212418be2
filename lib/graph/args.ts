import type { ProblemCode } from '../error/graph-error.ts';
import { type Issue, isStandardSchema, type StandardSchema } from '../support/standard-schema.ts';
import { isCloneable } from '../support/thread-errors.ts';
import { isRecord } from './aliases.ts';
import type { AnyFunction } from './definition.ts';
import type { RegisteredFunction } from './registered.ts';
import type { Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';

/** Where a function keeps the schema of its args. */
const ARGS = Symbol('args');

interface WithSchema {
  readonly [ARGS]?: StandardSchema;
}

/** The function of an entry in a registry, which knows the schema of its args. */
export function functionOf(entry: RegisteredFunction, path: string, report: Report): AnyFunction {
  const { run, args } = entry;
  reportUnknownKeys(
    entry,
    ['run', 'args'],
    (key) => `${path}.${key}`,
    report,
    'a registered function has run and args',
  );
  if (args !== undefined && !isStandardSchema(args)) {
    report('bad-option', `${path}.args`, `is ${shown(args)}, must be a Standard Schema`);
  }
  const bound = Function.prototype.bind.call(run, entry) as AnyFunction;
  return isStandardSchema(args) ? Object.defineProperty(bound, ARGS, { value: args }) : bound;
}

type Args = Readonly<Record<string, unknown>>;

/** What a schema, or none, has made of args. */
interface Answer {
  readonly args: Args;
  /** Paths from the args on, such as `.width`. */
  readonly faults: readonly { readonly code: ProblemCode; readonly at: string; readonly message: string }[];
}

/**
 * The args of nodes as their functions will find them, once the schemas of all that were registered with one have seen them.
 * Those from `defaults` reach many nodes: they are copied once, and shown to each schema once.
 */
export class ArgsReader {
  readonly #answers = new Map<Args, Map<StandardSchema | undefined, Answer>>();
  readonly #sendable = new Map<Args | undefined, boolean>();

  read(
    written: Args | undefined,
    functions: readonly (AnyFunction | undefined)[],
    path: string,
    report: Report,
  ): Args {
    const schemas = new Set(functions.map(schemaOf).filter((schema) => schema !== undefined));
    let args = written ?? {};
    for (const schema of schemas.size === 0 ? [undefined] : schemas) {
      const answer = this.#answer(args, schema);
      for (const { code, at, message } of answer.faults) report(code, `${path}${at}`, message);
      args = answer.args;
    }
    return args;
  }

  /** Whether args, as they are written, can be sent to a worker thread. */
  isSendable(written: Args | undefined): boolean {
    const is = this.#sendable.get(written) ?? isCloneable(written);
    this.#sendable.set(written, is);
    return is;
  }

  #answer(args: Args, schema: StandardSchema | undefined): Answer {
    const known = this.#answers.get(args) ?? new Map<StandardSchema | undefined, Answer>();
    this.#answers.set(args, known);
    const answer = known.get(schema) ?? answerOf(args, schema);
    known.set(schema, answer);
    return answer;
  }
}

function schemaOf(run: AnyFunction | undefined): StandardSchema | undefined {
  return (run as WithSchema | undefined)?.[ARGS];
}

function answerOf(args: Args, schema: StandardSchema | undefined): Answer {
  if (schema === undefined) return { args: Object.freeze({ ...args }), faults: [] };
  const refuse = (message: string, code: ProblemCode = 'bad-args'): Answer => ({
    args,
    faults: [{ code, at: '', message }],
  });
  let answer: unknown;
  try {
    // A copy: what a schema does to what it is shown is seen by no other.
    answer = schema['~standard'].validate({ ...args });
  } catch (error) {
    return refuse(
      `cannot be validated, their schema fails: ${String((error as Error | undefined)?.message)}`,
    );
  }
  if (isThenable(answer)) {
    // Nobody waits for it any more.
    Promise.resolve(answer).catch(() => {});
    return refuse(ASYNC, 'async-schema');
  }
  const { issues, value } = (isRecord(answer) ? answer : {}) as {
    issues?: readonly Issue[];
    value?: unknown;
  };
  if (issues === undefined) {
    if (isRecord(value)) return { args: Object.freeze({ ...value }), faults: [] };
    return refuse(`become ${shown(value)}, must be an object`);
  }
  if (issues.length === 0) return refuse('do not fit their schema');
  const faults = issues.map((issue) => ({
    code: 'bad-args' as const,
    at: pathTo(issue),
    message: issue.message,
  }));
  return { args, faults };
}

const ASYNC =
  'have a schema that answers with a promise, must have one that answers at once ' +
  '(one of zod answers with a promise where a transform or refinement is async, or throws)';

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isRecord(value) && typeof value.then === 'function';
}

function pathTo({ path = [] }: Issue): string {
  const keys = Array.from(path, (part) => (typeof part === 'object' ? part.key : part));
  return keys.reduce<string>(
    (at, key) => `${at}${typeof key === 'number' ? `[${key}]` : `.${String(key)}`}`,
    '',
  );
}
