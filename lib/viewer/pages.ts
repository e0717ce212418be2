import type { MetricsSnapshot } from '../metrics/index.ts';
import type { ObservedRun } from '../pipeline/observer.ts';
import type { ProblemLog } from './problems.ts';
import type { Gone } from './protocol.ts';
import { type Sink, Stream } from './stream.ts';
import { type Round, type Scene, View } from './view.ts';

/** Pages that are told of at a time. */
export const MOST_PAGES = 16;
/** Ms between rounds, at least. */
const BETWEEN_ROUNDS = 400;
/** How much of the time rounds may take: where one is expensive, the next is later. */
const SHARE = 0.05;

/** What a page looks at. */
export interface Selection {
  /** One pipeline; `undefined`: all. */
  readonly run: ObservedRun | undefined;
  /** The node that is open, by its place. */
  readonly node: number | undefined;
  /** What it wanted to look at. */
  readonly gone?: Gone | undefined;
}

interface Page {
  readonly stream: Stream;
  readonly selection: Selection;
  readonly view: View;
  toldProblems: number;
}

/** What rounds are made with. */
export interface Tools {
  readonly snapshot: () => MetricsSnapshot;
  /** Ms since 1970. */
  readonly now: () => number;
  /** Of a clock that never is set. */
  readonly elapsed: () => number;
  readonly setTimeout: (callback: () => void, ms: number) => unknown;
  readonly clearTimeout: (timer: unknown) => void;
}

/** The pages that are open. While there is none, no timer runs and nothing is read. */
export class Pages {
  readonly #scene: Scene;
  readonly #problems: ProblemLog;
  readonly #tools: Tools;
  readonly #pages = new Set<Page>();
  readonly #views = new Map<ObservedRun | undefined, View>();
  #timer: unknown;

  constructor(scene: Scene, problems: ProblemLog, tools: Tools) {
    this.#scene = scene;
    this.#problems = problems;
    this.#tools = tools;
  }

  get isFull(): boolean {
    return this.#pages.size >= MOST_PAGES;
  }

  get count(): number {
    return this.#pages.size;
  }

  /** Tells a page from now on; returns what ends that. */
  add(sink: Sink, selection: Selection): () => void {
    const { run } = selection;
    const view = this.#views.get(run) ?? new View(this.#scene, run);
    this.#views.set(run, view);
    const page = { stream: new Stream(sink), selection, view, toldProblems: -1 };
    page.stream.tell('graph', this.#scene.graph.told);
    if (selection.gone !== undefined) page.stream.tell('gone', selection.gone);
    this.#pages.add(page);
    this.#schedule(0);
    return () => this.#remove(page);
  }

  close(): void {
    for (const page of this.#pages) {
      page.stream.end();
      this.#remove(page);
    }
  }

  #remove(page: Page): void {
    if (!this.#pages.delete(page)) return;
    const { view } = page;
    const { run } = page.selection;
    this.#listen(view);
    // That of all pipelines is kept, and its charts with it, for whoever comes back.
    if (run !== undefined && ![...this.#pages].some((other) => other.view === view)) this.#views.delete(run);
    if (this.#pages.size === 0) this.#stop();
  }

  /** Tells every page that reads what there is now. */
  #tell(): void {
    const began = this.#tools.elapsed();
    let round: Round | undefined;
    const views = new Set<View>();
    for (const page of this.#pages) {
      if (!page.stream.takesRound()) continue;
      round ??= { atMs: this.#tools.now(), snapshot: this.#tools.snapshot() };
      views.add(page.view);
      this.#tellPage(page, round);
    }
    for (const view of views) this.#listen(view);
    const took = this.#tools.elapsed() - began;
    if (this.#pages.size > 0) this.#schedule(Math.max(BETWEEN_ROUNDS, took / SHARE));
  }

  #tellPage(page: Page, round: Round): void {
    const { stream, view, selection } = page;
    stream.tell('frame', view.frame(round));
    if (selection.node !== undefined) stream.tell('detail', view.detail(selection.node));
    if (page.toldProblems === this.#problems.count) return;
    stream.tell('problems', this.#problems.after(page.toldProblems));
    page.toldProblems = this.#problems.count;
  }

  /** To the nodes that are open in pages of a view. */
  #listen(view: View): void {
    const nodes = [...this.#pages].flatMap((page) => (page.view === view ? (page.selection.node ?? []) : []));
    view.listenTo(new Set(nodes));
  }

  #schedule(ms: number): void {
    this.#stop();
    this.#timer = this.#tools.setTimeout(() => {
      this.#timer = undefined;
      this.#tell();
    }, ms);
  }

  #stop(): void {
    if (this.#timer !== undefined) this.#tools.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
