import { describeWait } from '../error/stall-error.ts';
import type { MetricsSnapshot } from '../metrics/index.ts';
import { explain } from '../pipeline/explain.ts';
import type { ObservedRun } from '../pipeline/observer.ts';
import { isPaused } from '../processor/source.ts';
import type { Followed } from './followed.ts';
import { type Asked, type Counted, frameOf, type Quantiles, type Speeds } from './frames.ts';
import type { GraphIndex } from './graph.ts';
import { History } from './history.ts';
import type { CallsFrame, Detail, Frame } from './protocol.ts';
import { Rates } from './rates.ts';
import { Sample } from './sample.ts';
import { Text } from './stream.ts';

/** Nodes that are asked what they do for one frame: of as many pipelines as they make up, and of one at least. */
const MOST_ASKED = 2000;
/** Pipelines that a page can choose from. */
const MOST_CHOICES = 200;
/** Ms between points of the charts. */
const BETWEEN_POINTS = 1000;

/** What all views have in common. */
export interface Scene {
  readonly graph: GraphIndex;
  readonly followed: Followed;
  /** The pipeline, where one alone is looked at. */
  readonly only: ObservedRun | undefined;
}

/** One round of telling: its time, and the measurements that all views of it share. */
export interface Round {
  readonly atMs: number;
  readonly snapshot: MetricsSnapshot;
}

/** All pipelines together, or one of them: what the pages that look at the same have in common. */
export class View {
  readonly #scene: Scene;
  readonly #run: ObservedRun | undefined;
  readonly #id: number;
  readonly #rates = new Rates();
  readonly #history: History;
  readonly #samples = new Map<number, Sample>();
  #round: Round | undefined;
  #counted: Counted = { nodes: {}, edges: [] };
  #asked: readonly Asked[] = [];
  #told: Text<Frame> | undefined;

  /** @param run the one; `undefined`: all */
  constructor(scene: Scene, run: ObservedRun | undefined) {
    this.#scene = scene;
    this.#run = run;
    this.#id = run === undefined ? 0 : scene.followed.idOf(run);
    this.#history = new History(scene.graph.told.nodes.length);
  }

  /** What it is at this moment; made once for a round. */
  frame(round: Round): Text<Frame> {
    if (this.#told === undefined || this.#round !== round) this.#told = new Text(this.#look(round));
    this.#round = round;
    return this.#told;
  }

  /** More of one node; to be asked after the frame. */
  detail(node: number): Detail {
    const { nodes } = this.#scene.graph.told;
    const name = nodes[node]?.name ?? '';
    const counters = Object.entries(this.#counted.nodes[name] ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && !entry[0].endsWith('PerSecond'),
    );
    const waits = this.#asked.flatMap(({ explanation }) => explanation.nodes[name]?.waits ?? []);
    return {
      node,
      counters: counters.map(([counter, value]) => [counter, Math.round(value)]),
      waits: [...new Set(waits.slice(0, 100).map(describeWait))].slice(0, 5),
      history: this.#history.of(node),
      messages: this.#sample(node).lines,
    };
  }

  /** Listens for messages of these nodes, and of no others. */
  listenTo(nodes: ReadonlySet<number>): void {
    for (const [node, sample] of this.#samples) {
      if (nodes.has(node)) continue;
      sample.stop();
      this.#samples.delete(node);
    }
    for (const node of nodes) this.#sample(node).listen(this.#numbered);
  }

  #sample(node: number): Sample {
    const { nodes, payloads } = this.#scene.graph.told;
    const sample = this.#samples.get(node) ?? new Sample(nodes[node]?.name ?? '', payloads);
    this.#samples.set(node, sample);
    return sample;
  }

  get #runs(): Iterable<ObservedRun> {
    return this.#run === undefined ? this.#scene.followed.running.values() : [this.#run];
  }

  get #numbered(): Iterable<readonly [number, ObservedRun]> {
    const { followed } = this.#scene;
    return this.#run === undefined ? followed.running : [[this.#id, this.#run]];
  }

  #look({ atMs, snapshot }: Round): Frame {
    const { graph, followed, only } = this.#scene;
    const run = this.#run;
    this.#counted = run === undefined || run === only ? snapshot : run.summary();
    this.#asked = this.#ask();
    const speeds = this.#speeds(atMs);
    const quantiles = graph.told.nodes.map(({ name }) => quantilesOf(snapshot, name));
    this.#note(atMs, speeds, quantiles);
    const { stall } = followed;
    return frameOf(graph, {
      ...{ atMs, speeds, quantiles, pipelines: followed.counts },
      of: run === undefined ? 'all' : followed.stateOf(run),
      calls: callsOf(snapshot),
      choices: this.#choices(),
      counted: this.#counted,
      asked: this.#asked,
      stall: run === undefined || stall?.pipeline === this.#id ? stall : undefined,
    });
  }

  #ask(): Asked[] {
    const most = Math.max(1, Math.floor(MOST_ASKED / this.#scene.graph.told.nodes.length));
    const asked: Asked[] = [];
    for (const { processors } of this.#runs) {
      if (asked.length >= most) break;
      const paused = processors.filter(isPaused).map(({ name }) => name);
      asked.push({ explanation: explain(processors), paused: new Set(paused) });
    }
    return asked;
  }

  #speeds(atMs: number): Speeds {
    const { graph } = this.#scene;
    const { nodes, edges } = this.#counted;
    const all = graph.told.nodes.map(({ name }) => nodes[name]);
    const taken = new Array<number>(graph.told.edges.length).fill(0);
    for (const edge of edges) {
      const place = graph.edge(edge.from, edge.to);
      if (place !== undefined) taken[place] = edge.taken;
    }
    const received = all.map((counters) => counters?.received ?? 0);
    const failed = all.map((counters) => (counters?.failed ?? 0) + (counters?.deadLettered ?? 0));
    const rates = this.#rates.next(atMs, [...received, ...failed, ...taken]);
    const count = all.length;
    return {
      received: rates.slice(0, count),
      failed: rates.slice(count, 2 * count),
      taken: rates.slice(2 * count),
    };
  }

  #note(atMs: number, { received, failed }: Speeds, quantiles: readonly Quantiles[]): void {
    // A frame that comes a little early is not left out: the next would be late.
    if (!this.#rates.isWarm || atMs - this.#history.lastAtMs < BETWEEN_POINTS * 0.9) return;
    const points = quantiles.map((each, place) => ({
      ...each,
      perSecond: received[place] ?? 0,
      failedPerSecond: failed[place] ?? 0,
    }));
    this.#history.note(atMs, points);
  }

  #choices(): Frame['choices'] {
    if (!this.#scene.graph.told.isPlumber) return [];
    const choices: Frame['choices'][number][] = [];
    for (const [id, { startedAtMs }] of this.#scene.followed.running) {
      if (choices.length >= MOST_CHOICES) break;
      choices.push({ id, startedAtMs });
    }
    this.#scene.followed.offer(new Set(choices.map(({ id }) => id)));
    return choices;
  }
}

function callsOf({ calls: { running, answered, failed, time } }: MetricsSnapshot): CallsFrame {
  return { running, answered, failed, ...quantiles(time) };
}

function quantilesOf({ nodes }: MetricsSnapshot, name: string): Quantiles {
  return quantiles(nodes[name]?.callTime);
}

function quantiles(timing: MetricsSnapshot['calls']['time'] | undefined): Quantiles {
  if (timing === undefined || timing.count === 0) return { p50Ms: null, p99Ms: null };
  return { p50Ms: short(timing.p50Ms), p99Ms: short(timing.p99Ms) };
}

function short(ms: number): number {
  return Number(ms.toPrecision(3));
}
