/** As much of Node's process as the kit asks for. */
interface Process {
  getActiveResourcesInfo(): string[];
  getBuiltinModule(id: string): unknown;
  listeners(event: string): ((...args: unknown[]) => void)[];
  on(event: string, listener: (...args: unknown[]) => void): this;
  removeAllListeners(event: string): this;
}

/** As much of its modules. */
export interface Modules {
  readonly process: Process;
  readonly events: { getEventListeners(target: AbortSignal, event: string): unknown[] };
  readonly v8: {
    setFlagsFromString(flags: string): void;
    readonly promiseHooks: {
      createHook(hooks: {
        init?(promise: Promise<unknown>): void;
        settled?(promise: Promise<unknown>): void;
      }): () => void;
    };
  };
  readonly vm: { runInNewContext(code: string): unknown };
  readonly asyncHooks: {
    AsyncLocalStorage: new () => { getStore(): unknown; run<T>(store: unknown, act: () => T): T };
  };
}

/**
 * The process and the modules of Node.js that can see what is left behind. They are asked for when they are needed: the
 * rest of the kit works anywhere, and a static import would not even load there.
 *
 * @throws Error where there is no such process
 */
export function theProcess(who: string): Modules {
  const { process } = globalThis as { process?: Partial<Process> };
  if (process?.getBuiltinModule === undefined || process.getActiveResourcesInfo === undefined) {
    throw new Error(`${who} sees what is left behind through the process of Node.js, and there is none here`);
  }
  const builtin = <T>(id: string): T => process.getBuiltinModule?.(`node:${id}`) as T;
  return {
    process: process as Process,
    events: builtin('events'),
    v8: builtin('v8'),
    vm: builtin('vm'),
    asyncHooks: builtin('async_hooks'),
  };
}
