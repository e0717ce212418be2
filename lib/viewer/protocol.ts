/** What the server tells its pages, as JSON: the graph once, then frames. Nodes and edges are told by their places. */

/** The graph, told once. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
  /** Whether many pipelines are looked at, and not one alone. */
  readonly isPlumber: boolean;
  /** Whether payloads are shown. */
  readonly payloads: boolean;
  /** What had failed before anybody looked: it is neither counted nor listed. `null`: nothing. */
  readonly before: { readonly failed: number; readonly untilMs: number } | null;
}

interface GraphNode {
  readonly name: string;
  readonly kind: 'inlet' | 'source' | 'transform';
  /** Options that tell what it does: `join`, `8 at once`. */
  readonly notes: readonly string[];
}

export interface GraphEdge {
  readonly from: number;
  readonly to: number;
  /** Of one pipeline; `null`: unbounded. */
  readonly queueSize: number | null;
  readonly kind: 'plain' | 'feedback' | 'dead-letter';
}

/**
 * What a node is doing. `'blocked'`: it is held up, for a queue or a loop after it is full. `'idle'`: it has nothing to do.
 * `'paused'`: the viewer has a source or an inlet do nothing.
 */
export type State = 'running' | 'blocked' | 'paused' | 'idle' | 'ended';

/** One pipeline of those that are looked at. */
export interface One {
  readonly id: number;
  readonly state: 'running' | 'ended' | 'failed' | 'aborted';
  /** What it failed with. */
  readonly error: string | null;
}

/** Everything at one moment. */
export interface Frame {
  /** Ms since 1970. */
  readonly atMs: number;
  readonly pipelines: { readonly running: number; readonly ended: number; readonly failed: number };
  /** Of whom the frame tells: of all pipelines, or of one. */
  readonly of: 'all' | One;
  /** The `call`s of inlets, of all pipelines. */
  readonly calls: CallsFrame;
  /** Pipelines that were asked for states and waits; where many run, these are the oldest. */
  readonly asked: number;
  /** Those that can be selected, the oldest of those that run. */
  readonly choices: readonly { readonly id: number; readonly startedAtMs: number }[];
  readonly nodes: readonly NodeFrame[];
  readonly edges: readonly EdgeFrame[];
  readonly bottleneck: BottleneckFrame | null;
  readonly stall: StallFrame | null;
}

export interface CallsFrame {
  readonly running: number;
  readonly answered: number;
  /** Rejected, or aborted. */
  readonly failed: number;
  /** From the call to its answer, over the last minutes; `null`: none was answered in them. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface NodeFrame {
  /** In how many of the pipelines that were asked it is in which state. */
  readonly states: Readonly<Partial<Record<State, number>>>;
  readonly received: number;
  readonly sent: number;
  /** Failed, dead letters included. */
  readonly failed: number;
  readonly inFlight: number;
  /** Of the messages it took, over the last seconds. */
  readonly perSecond: number;
  readonly failedPerSecond: number;
  /** Of calls, over the last minutes and all pipelines; `null`: none was timed. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface EdgeFrame {
  readonly queued: number;
  /** Of all pipelines that run; `null`: unbounded. */
  readonly capacity: number | null;
  readonly perSecond: number;
  /** What somebody waits for at it: above all, for room. */
  readonly wait: 'room' | 'input' | 'loop' | 'batch' | null;
}

export interface BottleneckFrame {
  /** A node, or a reader by its name. */
  readonly node: string;
  readonly why: string;
  /** Pipelines in which it is one, of those that were asked. */
  readonly pipelines: number;
}

/** A circle of nodes that waited for each other. */
export interface StallFrame {
  readonly atMs: number;
  readonly pipeline: number;
  readonly text: string;
  /** Places. */
  readonly nodes: readonly number[];
  readonly edges: readonly number[];
}

/** An error, a dead letter, or a pipeline that failed. */
export interface Problem {
  readonly number: number;
  readonly atMs: number;
  readonly kind: 'error' | 'dead-letter' | 'pipeline';
  readonly pipeline: number;
  /** `null`: none in particular. */
  readonly node: string | null;
  readonly text: string;
  /** What became of it, or its code. */
  readonly outcome: string;
  /** Where the cause was thrown. */
  readonly stack: string | null;
  /** Absent unless payloads are shown. */
  readonly payload?: string;
}

/** The problems that have come since the last time, the newest first. */
export interface Problems {
  /** Of all that ever happened: where they come too fast, not all are told. */
  readonly count: number;
  readonly list: readonly Problem[];
}

/** More of the one node that a page has open. */
export interface Detail {
  readonly node: number;
  readonly counters: readonly (readonly [name: string, value: number])[];
  readonly waits: readonly string[];
  readonly history: HistoryColumns;
  readonly messages: readonly MessageLine[];
}

/** A point a second; `null` where nothing is known. */
export interface HistoryColumns {
  readonly atMs: readonly number[];
  readonly perSecond: readonly (number | null)[];
  readonly failedPerSecond: readonly (number | null)[];
  readonly p50Ms: readonly (number | null)[];
  readonly p99Ms: readonly (number | null)[];
}

export interface MessageLine {
  readonly id: string;
  readonly atMs: number;
  readonly pipeline: number;
  /** How many sources' messages it descends from. */
  readonly roots: number;
  readonly payload?: string;
}

/** What a page asked for and is not there: it is told of everything else instead. */
export interface Gone {
  /** The name of no node. */
  readonly node: string | null;
  /** The number of a pipeline of which no more is known than this; `null` if nothing is. */
  readonly pipeline: { readonly asked: string; readonly one: One | null } | null;
}

/** The names of what is told, as server-sent events. */
export interface Told {
  graph: Graph;
  gone: Gone;
  frame: Frame;
  problems: Problems;
  detail: Detail;
}

/** What a page asks for by `POST pause`. */
export interface PauseRequest {
  readonly node: string;
  /** Absent: in all pipelines, those to come included. */
  readonly pipeline?: number;
  readonly paused: boolean;
}
