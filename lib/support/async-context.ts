/** The async context of one moment (what an `AsyncLocalStorage` holds), to run functions in later. */
export interface Scope {
  runInAsyncScope<A extends readonly unknown[], R>(fn: (...args: A) => R, thisArg: unknown, ...args: A): R;
}

type ScopeFields = Scope & { readonly [key: symbol]: unknown };

type ScopeConstructor = new (type: string, options: { requireManualDestroy: boolean }) => ScopeFields;

// Asked of the runtime rather than imported: a browser has no such module, and needs none.
const AsyncResource = (
  globalThis as {
    process?: { getBuiltinModule?(name: string): { AsyncResource?: ScopeConstructor } | undefined };
  }
).process?.getBuiltinModule?.('async_hooks')?.AsyncResource;

const IDS = /^(trigger_)?async_id_symbol$/;
// Nothing is to be told when it is collected.
const OPTIONS = { requireManualDestroy: true };

/** Whether anybody in this process has been seen to use async contexts. Until then nothing is spent on them. */
export const contexts: { isInUse: boolean } = { isInUse: false };

/** What was captured before anybody used any. */
let empty: Scope | undefined;

/** Where resources of this runtime hold something beside their ids; `undefined`: they do not say. */
const places: readonly symbol[] | undefined =
  AsyncResource === undefined ? undefined : placesIn(new AsyncResource('sluice', OPTIONS));
/** Whether hooks have been seen, which may add places of their own. */
let isHooked = false;

/** The context of the caller; `undefined` as long as nobody uses any, and where the runtime has none. */
export function captureScope(): Scope | undefined {
  if (AsyncResource === undefined) return undefined;
  if (contexts.isInUse) return new AsyncResource('sluice', OPTIONS);
  const scope = isHooked ? new AsyncResource('sluice', OPTIONS) : captureUnhooked(AsyncResource);
  contexts.isInUse = !isEmpty(scope);
  if (contexts.isInUse) return scope;
  empty ??= scope;
  return undefined;
}

/**
 * Nothing says whether hooks are told of new resources but this: one without a type is refused only if there is somebody to
 * be told. To look for what hooks have added costs fifteen times as much, a tenth of what a request through five nodes takes.
 */
function captureUnhooked(Resource: ScopeConstructor): ScopeFields {
  try {
    return new Resource('', OPTIONS);
  } catch {
    isHooked = true;
    return new Resource('sluice', OPTIONS);
  }
}

/** Whether a context holds nothing. Where nothing tells it counts as used, which costs time and is right. */
function isEmpty(scope: ScopeFields): boolean {
  const found = isHooked ? placesIn(scope) : places;
  return found?.every((place) => scope[place] === undefined) === true;
}

function placesIn(scope: ScopeFields): readonly symbol[] | undefined {
  const keys = Object.getOwnPropertySymbols(scope);
  const found = keys.filter(({ description }) => !IDS.test(description ?? ''));
  return found.length < keys.length ? found : undefined;
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
