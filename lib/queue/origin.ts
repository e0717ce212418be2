import type { Scope } from '../support/async-context.ts';

/**
 * Who waits for everything that descends from a message: a `call`. It counts the messages alive, so that it settles when
 * there are none left, and no earlier.
 */
export interface Owner {
  /** Nobody waits any more: what descends from it need not be worked on. */
  readonly isSettled: boolean;
  readonly signal: AbortSignal;
  /** `count` more messages descend from it. */
  hold(count: number): void;
  /** One of them is accounted for. */
  release(): void;
  /** A sink returned a value for it. */
  collect(sink: string, value: unknown): void;
  fail(error: unknown): void;
}

/** Where messages come from: shared by all that descend from the same inputs. */
export class Origin {
  /** The numbers of the messages of sources and inlets, ascending. */
  readonly roots: number | readonly number[];
  /** Nobody waits for what a source sends, or a `push`. */
  readonly owner: Owner | undefined;
  /** The async context of whoever handed it in; there is none for what a source sends, and as long as nobody uses any. */
  readonly scope: Scope | undefined;

  constructor(roots: number | readonly number[], owner: Owner | undefined, scope?: Scope) {
    this.roots = roots;
    this.owner = owner;
    this.scope = scope;
  }

  get isAbandoned(): boolean {
    return this.owner?.isSettled === true;
  }
}

/**
 * The origin of a row. A row of one origin, as behind a fan-out, needs no new one. The async context of a row of several
 * is that of its first branch.
 */
export function joinOrigins(origins: readonly Origin[]): Origin {
  const one = origins[0] as Origin;
  if (origins.every((origin) => origin === one)) return one;
  const distinct = new Set(origins);
  const roots = new Set([...distinct].flatMap((origin) => origin.roots));
  const owners = new Set(
    [...distinct].flatMap(({ owner }) => (owner instanceof OwnerGroup ? owner.owners : (owner ?? []))),
  );
  const [first] = owners;
  return new Origin(
    [...roots].sort((a, b) => a - b),
    owners.size > 1 ? new OwnerGroup([...owners]) : first,
    one.scope,
  );
}

/** Several callers whose inputs met in a row: what becomes of it is told to each. */
class OwnerGroup implements Owner {
  readonly owners: readonly Owner[];
  #signal: AbortSignal | undefined;

  constructor(owners: readonly Owner[]) {
    this.owners = owners;
  }

  get isSettled(): boolean {
    return this.owners.every(({ isSettled }) => isSettled);
  }

  get signal(): AbortSignal {
    this.#signal ??= whenAllAborted(this.owners.map(({ signal }) => signal));
    return this.#signal;
  }

  hold(count: number): void {
    for (const owner of this.owners) owner.hold(count);
  }

  release(): void {
    for (const owner of this.owners) owner.release();
  }

  collect(sink: string, value: unknown): void {
    for (const owner of this.owners) owner.collect(sink, value);
  }

  fail(error: unknown): void {
    for (const owner of this.owners) owner.fail(error);
  }
}

/** Work for several callers is in vain only when all of them are gone. */
function whenAllAborted(signals: readonly AbortSignal[]): AbortSignal {
  const controller = new AbortController();
  const check = (): void => {
    if (signals.every(({ aborted }) => aborted)) controller.abort(signals[0]?.reason);
  };
  // These signals are ours and die with their calls: so do the listeners.
  for (const signal of signals) signal.addEventListener('abort', check, { once: true });
  check();
  return controller.signal;
}
