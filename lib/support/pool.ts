import PQueue from 'p-queue';

/** The limits of a {@link Pool}. */
export interface PoolOptions {
  /** Calls at once, of all nodes and pipelines that share the pool. @default Infinity */
  readonly concurrency?: number;
  /** The length of the window that `intervalCap` counts in, in ms. @default 0 */
  readonly interval?: number;
  /** Calls begun in each window. @default Infinity */
  readonly intervalCap?: number;
}

/** The limits by name. */
export const POOL_LIMITS: readonly string[] = ['concurrency', 'interval', 'intervalCap'];

/**
 * A limit that nodes share: of one pipeline, of all pipelines of a Plumber, or of several Plumbers that are given the same
 * one. It holds no backlog: only calls that their node's `concurrency` has let begin wait here for their turn.
 *
 * The time of its windows is that of the machine, whatever the Plumber's `clock` is.
 */
export class Pool {
  readonly #queue: PQueue;
  /** Whether a call may have to wait although there is room: the queue tells of its rate too late to ask. */
  readonly #hasRate: boolean;

  /** @throws TypeError if a limit is none. */
  constructor({ concurrency, interval = 0, intervalCap }: PoolOptions = {}) {
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
    const controller = new AbortController();
    // Given up by whoever waited: there is nobody to tell.
    this.#queue.add(turn, { priority, signal: controller.signal }).catch(() => {});
    return () => {
      if (leave === undefined) controller.abort();
      else leave();
    };
  }
}
