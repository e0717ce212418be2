/** As much of piscina as is used here. */
export interface Piscina {
  new (options: PiscinaOptions): PiscinaPool;
  /** Marks what a thread returns: what it names is moved instead of being copied. */
  move(value: object): unknown;
  /** Under which such a value keeps what is moved, and what is sent. */
  readonly transferableSymbol: symbol;
  readonly valueSymbol: symbol;
}

interface PiscinaOptions {
  readonly filename: string;
  readonly name: string;
  readonly minThreads: number;
  readonly maxThreads: number;
  /** In ms. */
  readonly idleTimeout: number;
  readonly recordTiming: boolean;
  readonly execArgv?: string[];
  readonly resourceLimits?: object;
}

export interface PiscinaPool {
  run(
    task: unknown,
    options: { readonly transferList: ArrayBuffer[]; readonly signal: Kill },
  ): Promise<unknown>;
  on(event: 'error' | 'workerDestroy', listener: (what: unknown) => void): unknown;
  readonly threads: readonly unknown[];
}

/** What ends the thread that a task runs in: as much of an event emitter as it asks for, which costs less than a signal. */
export class Kill {
  private listener: (() => void) | undefined;

  once(_event: string, listener: () => void): void {
    this.listener = listener;
  }

  removeListener(): void {
    this.listener = undefined;
  }

  now(): void {
    this.listener?.();
  }
}

interface ModuleOfModules {
  createRequire(
    url: string,
  ): ((name: string) => unknown) & { resolve(name: string): string; readonly extensions: object };
}

/** Why there are no worker threads; `undefined` if there are. */
export function lackOfThreads(): string | undefined {
  const modules = builtin('node:module') as ModuleOfModules | undefined;
  if (modules === undefined) return 'worker threads are those of Node.js, and it is not there';
  try {
    modules.createRequire(import.meta.url).resolve('piscina');
    return undefined;
  } catch {
    return 'worker threads need piscina, which is not installed: npm install piscina';
  }
}

/**
 * The piscina that is installed beside this package, or beside whoever uses it. It is looked up when it is first needed:
 * most programs do without.
 *
 * @throws Error if there is none
 */
export function piscina(): Piscina {
  found ??= lookUp();
  return found;
}

let found: Piscina | undefined;

function lookUp(): Piscina {
  const lack = lackOfThreads();
  if (lack !== undefined) throw new Error(lack);
  const { createRequire } = builtin('node:module') as ModuleOfModules;
  return createRequire(import.meta.url)('piscina') as Piscina;
}

/** What a module of TypeScript exports, if something compiles what is required; if not, throws `otherwise`. */
export function requireModule(url: string, otherwise: unknown): Record<string, unknown> {
  const { createRequire } = builtin('node:module') as ModuleOfModules;
  const require = createRequire(url);
  if (!('.ts' in require.extensions)) throw otherwise;
  const file = decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));
  return require(`./${file}`) as Record<string, unknown>;
}

/** How many threads can work at the same time. */
export function parallelism(): number {
  const os = builtin('node:os') as { availableParallelism(): number } | undefined;
  return os?.availableParallelism() ?? 1;
}

function builtin(id: string): unknown {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  return process?.getBuiltinModule?.(id);
}
