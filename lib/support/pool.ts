import PQueue from 'p-queue';

/** How much may happen at once, and how often. */
export interface Limits {
  /** Calls at once, of all nodes and pipelines that share the pool. @default Infinity */
  readonly concurrency?: number;
  /** The length of the window that `intervalCap` counts in, in ms. @default no windows */
  readonly interval?: number;
  /** Calls begun in each window. @default Infinity */
  readonly intervalCap?: number;
}

/** Lets in as many as its limits say, and has the others wait for their turn. The time of its windows is the machine's. */
export class Limiter {
  readonly #queue: PQueue;
  /** Whether a call may have to wait although there is room: the queue tells of its rate too late to ask. */
  readonly #hasRate: boolean;

  constructor({ concurrency, interval = 0, intervalCap }: Limits) {
    this.#queue = new PQueue({
      interval,
      ...(concurrency !== undefined && { concurrency }),
      ...(intervalCap !== undefined && { intervalCap }),
    });
    this.#hasRate = interval > 0;
  }

  /** Calls that run. */
  get running(): number {
    return this.#queue.pending;
  }

  /** Calls that wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Calls `begin` when there is room: before it returns, if there is now. Among those that wait the highest priority is
   * first, and among equals whoever came first.
   *
   * @internal
   * @returns what gives the place back, or the turn up; the latter takes nothing from the rate
   */
  enter(priority: number, begin: () => void): () => void {
    let leave: (() => void) | undefined;
    const turn = (): Promise<void> => {
      const left = new Promise<void>((resolve) => {
        leave = resolve;
      });
      begin();
      return left;
    };
    // What only a call that has to wait needs costs five times the rest.
    const isFree = !this.#hasRate && this.#queue.size === 0 && this.#queue.pending < this.#queue.concurrency;
    if (isFree) {
      void this.#queue.add(turn, { priority });
      return () => leave?.();
    }
    const signal = new GivingUp();
    // Given up by whoever waited: there is nobody to tell.
    this.#queue.add(turn, { priority, signal: signal as unknown as AbortSignal }).catch(() => {});
    return () => {
      if (leave === undefined) signal.abort();
      else leave();
    };
  }
}

/** As much of an `AbortSignal` as the queue asks for: to make a real one takes as long as all the rest of a turn. */
class GivingUp {
  aborted = false;
  readonly reason = 'given up';
  private listeners: readonly (() => void)[] = [];

  addEventListener(_abort: string, listener: () => void): void {
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_abort: string, listener: () => void): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
  }

  throwIfAborted(): void {
    if (this.aborted) throw this.reason;
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.listeners) listener();
  }
}
