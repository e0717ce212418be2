import { StallError } from '../error/stall-error.ts';
import type { ObservedRun } from '../pipeline/observer.ts';
import type { Stalled } from './frames.ts';
import type { ProblemLog } from './problems.ts';

/** A pipeline that runs. */
interface Known {
  readonly id: number;
  /** Ends listening to it. */
  readonly off: () => void;
}

/** The pipelines that are looked at, and what became of those that are over. */
export class Followed {
  readonly #problems: ProblemLog;
  readonly #now: () => number;
  /** By numbers that are theirs from now on. */
  readonly #running = new Map<number, ObservedRun>();
  readonly #known = new Map<ObservedRun, Known>();
  #joined = 0;
  #ended = 0;
  #failed = 0;
  #stall: Stalled | undefined;
  /** Told of while somebody looks at them. */
  readonly #failures = new WeakSet<ObservedRun>();

  constructor(problems: ProblemLog, now: () => number) {
    this.#problems = problems;
    this.#now = now;
  }

  /** Those that run, the oldest first. */
  get running(): ReadonlyMap<number, ObservedRun> {
    return this.#running;
  }

  get counts(): { readonly running: number; readonly ended: number; readonly failed: number } {
    return { running: this.#running.size, ended: this.#ended, failed: this.#failed };
  }

  /** The last one. */
  get stall(): Stalled | undefined {
    return this.#stall;
  }

  /** Of one that runs; where one alone is looked at, it is the first, running or not. */
  idOf(run: ObservedRun): number {
    return this.#known.get(run)?.id ?? 1;
  }

  stateOf(run: ObservedRun): 'running' | 'ended' | 'failed' {
    if (this.#known.has(run)) return 'running';
    return this.#failures.has(run) ? 'failed' : 'ended';
  }

  joined(run: ObservedRun): void {
    const id = ++this.#joined;
    const off = run.watch.overhear((event) => this.#problems.failed(id, event));
    this.#running.set(id, run);
    this.#known.set(run, { id, off });
  }

  left(run: ObservedRun, error: unknown): void {
    const id = this.idOf(run);
    this.#running.delete(id);
    this.#known.delete(run);
    this.#ended++;
    if (error === undefined) return;
    this.#failed++;
    this.#failures.add(run);
    this.#problems.ended(id, error);
    if (error instanceof StallError) this.#stall = { atMs: this.#now(), pipeline: id, error };
  }

  /** Listens to nothing more. */
  letGo(): void {
    for (const { off } of this.#known.values()) off();
    this.#known.clear();
  }
}
