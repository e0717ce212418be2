import { StallError } from '../error/stall-error.ts';
import type { ObservedRun } from '../pipeline/observer.ts';
import type { Stalled } from './frames.ts';
import type { ProblemLog } from './problems.ts';
import type { One } from './protocol.ts';
import { codeOf, errorText } from './shown.ts';

/** Pipelines of which is known how they ended, and those whose last state is kept for who chooses them. */
const MOST_OUTCOMES = 2000;
const MOST_KEPT = 50;

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
  /** Of those that are over: the last ones, and those that somebody still looks at. */
  readonly #outcomes = new Map<number, One>();
  readonly #over = new WeakMap<ObservedRun, One>();
  /** Those that pages can choose, and of them the last that are over. */
  #offered: ReadonlySet<number> = new Set();
  readonly #kept = new Map<number, ObservedRun>();

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

  /** One that can be looked at: it runs, or was offered to pages and is over since. */
  find(id: number): ObservedRun | undefined {
    return this.#running.get(id) ?? this.#kept.get(id);
  }

  /** How one of the last ones ended. */
  outcomeOf(id: number): One | undefined {
    return this.#outcomes.get(id);
  }

  /** Pages can choose these: the last of them that are over are kept. */
  offer(ids: ReadonlySet<number>): void {
    this.#offered = ids;
  }

  /** Of one that runs; where one alone is looked at, it is the first, running or not. */
  idOf(run: ObservedRun): number {
    return this.#known.get(run)?.id ?? this.#over.get(run)?.id ?? 1;
  }

  stateOf(run: ObservedRun): One {
    return this.#over.get(run) ?? { id: this.idOf(run), state: 'running', error: null };
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
    this.#isOver(run, { id, ...endOf(error) });
    if (error === undefined) return;
    this.#failed++;
    this.#problems.ended(id, error);
    if (error instanceof StallError) this.#stall = { atMs: this.#now(), pipeline: id, error };
  }

  #isOver(run: ObservedRun, one: One): void {
    this.#over.set(run, one);
    remember(this.#outcomes, one.id, one, MOST_OUTCOMES);
    if (this.#offered.has(one.id)) remember(this.#kept, one.id, run, MOST_KEPT);
  }

  /** Listens to nothing more. */
  letGo(): void {
    for (const { off } of this.#known.values()) off();
    this.#known.clear();
    this.#kept.clear();
  }
}

function endOf(error: unknown): Omit<One, 'id'> {
  if (error === undefined) return { state: 'ended', error: null };
  const isAborted = codeOf(error) === 'ABORTED';
  return { state: isAborted ? 'aborted' : 'failed', error: errorText(error) };
}

function remember<T>(all: Map<number, T>, id: number, one: T, most: number): void {
  all.set(id, one);
  const [oldest] = all.keys();
  if (all.size > most && oldest !== undefined) all.delete(oldest);
}
