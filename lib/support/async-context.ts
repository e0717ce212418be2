/** The async context of one moment (what an `AsyncLocalStorage` holds), to run functions in later. */
export interface Scope {
  runInAsyncScope<A extends readonly unknown[], R>(fn: (...args: A) => R, thisArg: unknown, ...args: A): R;
}

type ScopeConstructor = new (type: string, options: { requireManualDestroy: boolean }) => Scope;

// Asked of the runtime rather than imported: a browser has no such module, and needs none.
const AsyncResource = (
  globalThis as {
    process?: { getBuiltinModule?(name: string): { AsyncResource?: ScopeConstructor } | undefined };
  }
).process?.getBuiltinModule?.('async_hooks')?.AsyncResource;

// Nothing is to be told when it is collected.
const OPTIONS = { requireManualDestroy: true };

/** Whether anybody in this process has been seen to use async contexts. Until then nothing is spent on them. */
export const contexts: { isInUse: boolean } = { isInUse: false };

/** What was captured before, and what an empty context has: ids, and maybe a place for what it could hold. */
let empty: Scope | undefined;
let emptySize = 0;
let emptyPlaces: readonly symbol[] = [];

/** The context of the caller; `undefined` as long as nobody uses any, and where the runtime has none. */
export function captureScope(): Scope | undefined {
  if (AsyncResource === undefined) return undefined;
  const scope = new AsyncResource('sluice', OPTIONS);
  contexts.isInUse ||= !isEmpty(scope as ScopeFields);
  if (contexts.isInUse) return scope;
  empty ??= scope;
  return undefined;
}

/** Calls a function in a context that was captured, or in an empty one. */
export function within<A extends readonly unknown[], R>(
  scope: Scope | undefined,
  fn: (...args: A) => R,
  ...args: A
): R {
  const entered = contexts.isInUse ? (scope ?? empty) : undefined;
  return entered === undefined ? fn(...args) : entered.runInAsyncScope(fn, undefined, ...args);
}

type ScopeFields = Scope & { readonly [key: symbol]: unknown };

/**
 * Whether a context holds nothing. No function tells, but runtimes keep what a context holds in
 * properties of the resource beside its ids. Where these are named otherwise it counts as used, which costs time and is right.
 */
function isEmpty(scope: ScopeFields): boolean {
  const keys = Object.getOwnPropertySymbols(scope);
  if (
    empty !== undefined &&
    keys.length === emptySize &&
    emptyPlaces.every((key) => scope[key] === undefined)
  )
    return true;
  const places = keys.filter(({ description }) => !IDS.test(description ?? ''));
  emptySize = keys.length;
  emptyPlaces = places;
  return places.every((key) => scope[key] === undefined);
}

const IDS = /^(trigger_)?async_id_symbol$/;
