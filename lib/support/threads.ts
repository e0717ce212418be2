import { onAbort } from './abort.ts';
import { within } from './async-context.ts';
import { Kill, type PiscinaPool, parallelism, piscina } from './piscina.ts';
import {
  ABORTED,
  BEGUN,
  createFlags,
  LISTENING,
  type ThreadOutcome,
  type ThreadTask,
} from './thread-task.ts';
import { Turns } from './turns.ts';

/** How many worker threads there are, and how they are started. */
export interface ThreadOptions {
  /** Threads at most, which is also how many calls run at once. @default one for each core */
  readonly threads?: number;
  /** How long a thread without work is kept, in ms. It does not keep the process alive. @default 10000 */
  readonly idleTimeout?: number;
  /** Options of Node.js for the threads, such as `['--import', 'tsx']`. @default those of the process */
  readonly execArgv?: readonly string[];
  /** How much memory a thread may take, in MB, as `worker_threads` names it. One that takes more ends, and its call has failed. */
  readonly resourceLimits?: {
    readonly maxOldGenerationSizeMb?: number;
    readonly maxYoungGenerationSizeMb?: number;
    readonly codeRangeSizeMb?: number;
    readonly stackSizeMb?: number;
  };
}

/** How long a function that listens to its signal may take to stop, in ms. */
const PATIENCE = 500;

interface Running {
  readonly flags: Int32Array;
  readonly kill: Kill;
  readonly settle: (outcome: ThreadOutcome) => void;
}

/**
 * Worker threads, started when they are needed and ended when they have had no work for a while. They hold no backlog: what
 * has not entered waits outside.
 */
export class Threads extends Turns {
  readonly #options: ThreadOptions;
  readonly #running = new Set<Running>();
  /** Used again: made anew for each call, they took 6 % of this thread's time in collecting garbage. */
  readonly #flags: Int32Array[] = [];
  #pool: PiscinaPool | undefined;

  constructor(options: ThreadOptions) {
    const { threads = parallelism() } = options;
    super(threads);
    this.#options = { ...options, threads };
  }

  /** Threads at most. */
  get threads(): number {
    return this.#options.threads as number;
  }

  /**
   * Has a thread work on a task. An abort ends the thread, unless the function listens: then it has a moment to end by itself.
   *
   * @internal
   * @param moved buffers of the input that are moved instead of being copied
   */
  work(task: ThreadTask, signal: AbortSignal, moved: ArrayBuffer[]): Promise<ThreadOutcome> {
    return new Promise((resolve) => {
      if (signal.aborted) {
        resolve({ kind: 'lost', reason: signal.reason });
        return;
      }
      const flags = this.#flags.pop() ?? createFlags();
      const kill = new Kill();
      let patience: unknown;
      const off = onAbort(signal, () => {
        Atomics.store(flags, ABORTED, 1);
        Atomics.notify(flags, ABORTED);
        if (Atomics.load(flags, LISTENING) === 0) kill.now();
        else patience = unheld(setTimeout(() => kill.now(), PATIENCE));
      });
      const settle = (outcome: ThreadOutcome): void => {
        off();
        clearTimeout(patience as number);
        this.#running.delete(running);
        // Of one that is lost, a thread may still hold them.
        if (outcome.kind !== 'lost') this.#flags.push(flags.fill(0));
        resolve(outcome);
      };
      const running = { flags, kill, settle };
      this.#running.add(running);
      // Threads live longer than whoever called first: they must not keep what that one's async context holds.
      within(undefined, () => {
        try {
          this.#pool ??= this.#open();
          this.#pool.run({ task, flags }, { transferList: moved, signal: kill }).then(
            (outcome) => settle(outcome as ThreadOutcome),
            (reason) => settle({ kind: 'lost', reason }),
          );
        } catch (reason) {
          // No thread could be made. The pool has kept the task, and may yet give it to another.
          Atomics.store(flags, ABORTED, 1);
          settle({ kind: 'lost', reason });
        }
      });
    });
  }

  #open(): PiscinaPool {
    const { idleTimeout = 10_000, execArgv, resourceLimits } = this.#options;
    const Piscina = piscina();
    const pool = new Piscina({
      filename: entry(),
      name: 'call',
      minThreads: 0,
      // As many as have entered; and more for a moment, while those are ended whose calls were given up.
      maxThreads: Number.POSITIVE_INFINITY,
      idleTimeout,
      recordTiming: false,
      ...(execArgv !== undefined && { execArgv: [...execArgv] }),
      ...(resourceLimits !== undefined && { resourceLimits }),
    });
    const unbegun = new Error('it ended before it had begun');
    let reason: unknown = unbegun;
    // Looked at when those that the thread worked on have been told, and why it ended is known.
    const ended = (): void => {
      setTimeout(() => {
        this.#strand(pool, reason);
        reason = unbegun;
      }, 0);
    };
    pool.on('error', (error) => {
      reason = error;
      ended();
    });
    pool.on('workerDestroy', ended);
    return pool;
  }

  /** Each call has a thread, or one that is started for it; those for whom there is none any more are told. */
  #strand(pool: PiscinaPool, reason: unknown): void {
    let lacking = this.#running.size - pool.threads.length;
    for (const { flags, kill, settle } of this.#running) {
      if (lacking <= 0) return;
      if (Atomics.load(flags, BEGUN) === 1) continue;
      lacking--;
      settle({ kind: 'lost', reason });
      kill.now();
    }
  }
}

/** It is beside this file, and of its kind: bundled in the package, TypeScript among the sources. */
function entry(): string {
  const { url } = import.meta;
  return new URL(`./worker-entry${url.slice(url.lastIndexOf('.'))}`, url).href;
}

function unheld(timer: unknown): unknown {
  (timer as { unref?(): unknown }).unref?.();
  return timer;
}
