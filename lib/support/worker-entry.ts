// What runs in a worker thread: a file of its own, which the pool of threads loads.
import { buffersIn } from './buffers.ts';
import { piscina, requireModule } from './piscina.ts';
import { takeApart } from './thread-errors.ts';
import { ABORTED, BEGUN, LISTENING, type ThreadOutcome, type ThreadTask } from './thread-task.ts';

type Run = (input: unknown, context: WorkerCallContext) => unknown;

const functions = new Map<string, Promise<Run>>();

/** Calls the function that a task names. */
export async function call({ task, flags }: { task: ThreadTask; flags: Int32Array }): Promise<unknown> {
  Atomics.store(flags, BEGUN, 1);
  const context = new WorkerCallContext(task.context, flags);
  try {
    if (Atomics.load(flags, ABORTED) === 1) throw new Error('given up');
    const run = await functionOf(task);
    const value = await run(task.input, context);
    if (isIterator(value)) throw new TypeError(ITERATOR);
    const outcome: ThreadOutcome = { kind: 'returned', value };
    return task.moves ? moved(outcome) : outcome;
  } catch (error) {
    return { kind: 'threw', error: takeApart(error, withoutEngine) } satisfies ThreadOutcome;
  } finally {
    context.end();
  }
}

function functionOf({ module, name }: ThreadTask): Promise<Run> {
  const key = `${name} ${module}`;
  let found = functions.get(key);
  if (found === undefined) {
    found = load(module, name);
    functions.set(key, found);
  }
  return found;
}

async function load(module: string, name: string): Promise<Run> {
  const all = await exportsOf(module);
  const exported = all[name];
  if (typeof exported === 'function') return exported as Run;
  const known = Object.keys(all).filter((key) => typeof all[key] === 'function');
  throw new TypeError(`${module} exports no function ${name}, only ${known.join(', ') || 'none at all'}`);
}

async function exportsOf(module: string): Promise<Record<string, unknown>> {
  try {
    return await import(/* @vite-ignore */ /* webpackIgnore: true */ module);
  } catch (error) {
    const { code } = error as { code?: unknown };
    // With Node.js 20, tsx compiles what a worker thread requires, and not what it imports.
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') return requireModule(module, error);
    const source = module.replace(/\.([cm]?)js$/, '.$1ts');
    if (code !== 'ERR_MODULE_NOT_FOUND' || source === module) throw error;
    // Not compiled yet: it is named as it will be, as imports name it.
    try {
      return await exportsOf(source);
    } catch (failed) {
      throw (failed as { code?: unknown }).code === code ? error : failed;
    }
  }
}

const ITERATOR =
  'it returned an iterator, which cannot leave its thread: return an array, and set many: true';

function isIterator(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'next' in value && typeof value.next === 'function';
}

function moved(outcome: ThreadOutcome & { readonly kind: 'returned' }): unknown {
  const buffers = buffersIn(outcome.value);
  if (buffers.length === 0) return outcome;
  const Piscina = piscina();
  const { transferableSymbol, valueSymbol } = Piscina;
  return Piscina.move({ [transferableSymbol]: buffers, [valueSymbol]: outcome });
}

/** A stack ends where the function was called from. */
function withoutEngine(stack: string): string {
  const lines = stack.split('\n');
  const end = lines.findIndex((line) => /worker-entry\.c?[jt]s|[\\/]piscina[\\/]/.test(line));
  return end < 0 ? stack : lines.slice(0, end).join('\n');
}

/** What a function is given beside its input; as much of a node's context as another thread can have. */
class WorkerCallContext {
  readonly args: unknown;
  readonly node: unknown;
  readonly message: unknown;
  /** As long as the call lasts: then they are those of another. */
  #flags: Int32Array | undefined;
  #signal: AbortSignal | undefined;

  constructor({ args, node, message }: Readonly<Record<string, unknown>>, flags: Int32Array) {
    this.args = args;
    this.node = node;
    this.message = message;
    this.#flags = flags;
  }

  get signal(): AbortSignal {
    this.#signal ??= signalOf(() => this.#flags);
    return this.#signal;
  }

  end(): void {
    // Whoever waits to be told of an abort need not wait any more.
    if (this.#flags !== undefined) Atomics.notify(this.#flags, ABORTED);
    this.#flags = undefined;
  }

  get env(): never {
    throw absent('env', 'send with the input what the function needs of it');
  }

  get state(): never {
    throw absent('state', 'keep it in the module, which each thread loads once');
  }

  get log(): never {
    throw absent('log', 'use console');
  }
}

function absent(name: string, instead: string): TypeError {
  return new TypeError(`there is no context.${name} in a worker thread: ${instead}`);
}

/** A signal that also a function which never pauses can ask: it looks at the flag itself. */
function signalOf(flagsOf: () => Int32Array | undefined): AbortSignal {
  const controller = new AbortController();
  const { signal } = controller;
  let wasAborted = false;
  const isAborted = (): boolean => {
    const flags = flagsOf();
    wasAborted ||= flags !== undefined && Atomics.load(flags, ABORTED) === 1;
    if (wasAborted) controller.abort();
    return wasAborted;
  };
  Object.defineProperty(signal, 'aborted', { get: isAborted });
  Object.defineProperty(signal, 'throwIfAborted', {
    value: () => {
      if (isAborted()) throw signal.reason;
    },
  });
  const flags = flagsOf();
  if (flags !== undefined) {
    Atomics.store(flags, LISTENING, 1);
    void waitAsync(flags, ABORTED, 0).value.then?.(isAborted);
  }
  isAborted();
  return signal;
}

/** Newer than the language level of this package, but not than the oldest Node.js it runs on. */
const { waitAsync } = Atomics as unknown as {
  waitAsync(flags: Int32Array, index: number, value: number): { readonly value: Partial<Promise<unknown>> };
};
