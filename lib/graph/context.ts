/** One value on its way through the graph, with where it comes from. Identity and lineage are made when first read. */
export interface Message<T = unknown> {
  /** A uuid v7. The ids of one run sort in the order of sending; the time in them is the start of the run. */
  readonly id: string;
  readonly payload: T;
  /** The node that sent it. */
  readonly node: string;
  /** When it was sent, in ms since 1970, as exact as the engine's time slices (a few ms). */
  readonly timestamp: number;
  /** The ids of the messages of sources and inlets it descends from. Its own, if it is one of them. */
  readonly roots: readonly string[];
  /** The ids of the messages it was made from: none for a source's, one per branch after a join. */
  readonly parents: readonly string[];
}

/** The few methods that are called on a logger; `console`, pino and winston have them. */
export interface Logger {
  debug(...parts: unknown[]): void;
  info(...parts: unknown[]): void;
  warn(...parts: unknown[]): void;
  error(...parts: unknown[]): void;
}

/** What every function of a node is given beside its input. */
export interface Context<Env = unknown, State = unknown, Args = Readonly<Record<string, unknown>>> {
  /** The node's `args`, frozen and shared by all pipelines of the Plumber. */
  readonly args: Args;
  /** What `createPipeline` was given as `env`: the request, the socket id. */
  readonly env: Env;
  /** What this pipeline's `setup` of this node returned. */
  readonly state: State;
  /** The node's name; of a node in a subgraph, behind the subgraph's and a dot: `clean.lower`. */
  readonly node: string;
  /**
   * The message worked on; at a join, one whose payload is the row, and of a batch, one whose payload is the array: its
   * parents and roots are those of all that is in it. A source has none.
   */
  readonly message: Message;
  /**
   * Aborted with the pipeline, or when every caller whose input the message descends from is gone.
   * A source's is aborted by `stop()`, too.
   */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * What a function in a worker thread is given beside its input. There is no `env`, `state` or `log`: they stay where the
 * pipeline runs, and asking for one of them is an error.
 */
export interface WorkerContext<Args = Readonly<Record<string, unknown>>>
  extends Pick<Context<unknown, unknown, Args>, 'args' | 'node' | 'signal'> {
  readonly message: Pick<Message, 'id' | 'timestamp'>;
}

/** What a source's function is given. */
export interface SourceContext<
  T = unknown,
  Env = unknown,
  State = unknown,
  Args = Readonly<Record<string, unknown>>,
> extends Omit<Context<Env, State, Args>, 'message'> {
  /**
   * Sends one value; resolves when every successor's queue has accepted it, which is the backpressure: await it.
   * Rejects with a StoppedError (STOPPED or ABORTED) when nobody takes values any more.
   */
  emit(value: T): Promise<void>;
}

/** What `setup` and `teardown` are given; `state` is there from `setup`'s return on. */
export type LifeContext<Env = unknown, State = unknown, Args = Readonly<Record<string, unknown>>> = Omit<
  Context<Env, State, Args>,
  'message'
>;
