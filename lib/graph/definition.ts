import type { ProcessorError } from '../error/processor-error.ts';
import type { StandardSchema } from '../support/standard-schema.ts';
import type { Batch } from './batch-types.ts';
import type { Message } from './context.ts';
import type { Retry } from './retry-types.ts';
import type { Made, Wanted } from './schema-types.ts';
import type { Subgraph } from './subgraph.ts';
import type { RunIn, Transfer } from './worker-types.ts';

/** Any function, whatever it takes: a definition built at run time knows no more. */
export type AnyFunction = (...args: never[]) => unknown;

/** How a node with several inputs takes them. */
export type AggregateInputs = boolean | 'partial';

/** What becomes of a message whose function failed. */
export type OnErrorAction = 'fail' | 'skip' | 'dead-letter';

/** Decides for each failure. One that throws or returns something else is a failure of its own, under `'fail'`. */
export type OnErrorFunction = (error: ProcessorError<Message>, message: Message) => OnErrorAction;

/** What becomes of messages whose function failed. As JSON, a function is a registry name. */
export type OnError = OnErrorAction | OnErrorFunction | (string & {});

/** A pool, and how urgent a node's calls are in it. */
export interface PoolPlace {
  readonly name: string;
  /** Of the calls that wait, those with the highest go first. @default 0 */
  readonly priority?: number;
}

/** What becomes of a message whose queue is full. */
export type Overflow = 'block' | 'drop-oldest' | 'drop-newest' | 'error';

/** What several successors get of one value. */
export type FanOut = 'share' | 'clone' | 'freeze';

/** The options of a node, all optional; documented here and nowhere else. */
export interface NodeOptions {
  /** What the function finds in `context.args`. @default {} */
  readonly args?: Readonly<Record<string, unknown>>;
  /**
   * `true`: one row at a time, a record keyed by upstream node. `'partial'`: the record holds only the branches that
   * had a value. `false`: one value at a time, from whichever came. Means nothing with a single input.
   * @default true
   */
  readonly aggregateInputs?: AggregateInputs;
  /** Unroll what the function returns: each item of the iterable becomes a message. @default only for generator functions */
  readonly many?: boolean;
  /**
   * Messages in each of the node's input queues, and in the queue of each reader of a sink. Of an inlet with `overflow`:
   * values that wait there. Of a subgraph: messages in the queues that lead to it, and in those of its readers.
   * @default 16; for the queues that lead to a subgraph without `overflow`, that of its inlet if it sheds load
   */
  readonly queueSize?: number;
  /**
   * Calls of the function at once; under `batch`, batches, while one more is gathered.
   * @default 1; with `runIn: 'worker'` twice as many as there are threads
   */
  readonly concurrency?: number;
  /**
   * Which messages must not be worked on at the same time: those that it returns the same key for (the same as in a `Map`).
   * Their calls follow each other in the order in which they came, while calls of different keys run side by side; they are
   * found among the next `queueSize` messages, so that one busy key does not stop the others. Outputs still leave in
   * the order of the inputs, or with `order: 'completion'` in that order within each key. It is given what came in, before
   * `input` has seen it, and the message; if it throws, or returns a promise, the message has failed. A function or registry name.
   * @default none: any messages may be worked on at the same time
   */
  readonly keyBy?: AnyFunction | string;
  /** Whether outputs leave in the order of the inputs or as calls complete. @default 'input' */
  readonly order?: 'input' | 'completion';
  /**
   * What becomes of a message that finds an input queue of this node full. `'block'`: it waits, and so do those who sent
   * it. `'drop-oldest'`, `'drop-newest'`: one message is dropped. `'error'`: the message is dropped, and an OverflowError
   * fails the calls it descends from, or where there is none the pipeline. Each dropped message is counted and told to
   * `drop` listeners, settles its call and leaves a hole in its row.
   *
   * On an inlet it sheds load: at most `queueSize` values wait there, and of a `push` or `call` that is one too many the
   * oldest or the newest is dropped (its `push` resolves, its `call` resolves without outputs), or it rejects with an
   * OverflowError at once. What is pulled from `inputs` waits. In a subgraph, the queues that lead to it do as its inlet
   * would, each with room for `queueSize`, unless the subgraph has an `overflow` of its own.
   * @default 'block'
   */
  readonly overflow?: Overflow;
  /**
   * What several successors, or several readers of a sink, get of one value. `'share'`: all the same value: who changes it
   * changes it for all. `'clone'`: all but one of them a `structuredClone`; a value that cannot be cloned is a failure of
   * this node. `'freeze'`: the same value, with all plain objects and arrays in it frozen; anything else (an instance of a
   * class, a Map, a Date, a typed array) is left as it is.
   * @default 'share'
   */
  readonly fanOut?: FanOut;
  /**
   * `'fail'`: the calls the message descends from reject; where there is none, the pipeline fails.
   * `'skip'`: counted, told to `error` listeners, and the row has a hole.
   * `'dead-letter'`: the same, and the message goes to the definition's `deadLetter` node and to `deadLetters()`. At that
   * node and behind it, it means `'fail'`.
   * A function decides for each failure. Not for a source, which cannot go on.
   *
   * On an inlet, beside `input`: what becomes of a value that does not fit where the graph is a node of another. Where it is
   * not, whoever hands the value in is told, whatever `onError` says.
   * @default 'fail'
   */
  readonly onError?: OnError;
  /**
   * Tries a failed call again, after a delay that only holds up this call and what must leave after it. An abort of the
   * pipeline or of the call cuts it short. A function that gives many is called again only as long as it has given no
   * item. Not for a source.
   * @default no retry
   */
  readonly retry?: Retry;
  /**
   * The limit that its calls share with other nodes and pipelines: one of the Plumber's `pools`, by its name. A call waits
   * there for its turn, within the node's `concurrency`; everything behind it waits in the queue. A generator takes a turn
   * for each item. A retry takes another turn, and time in the pool is not part of `timeout`. Not for a source.
   * @default none
   */
  readonly pool?: string | PoolPlace;
  /**
   * How long one call, at each attempt, may take to answer, in ms; of one that gives many, the call and then each item.
   * Then `context.signal` is aborted and the call has failed with a TimeoutError; a later answer is ignored. A function
   * that does not answer to its signal goes on: the end of the pipeline waits for it during the `grace`, then names it
   * among the `stragglers`. Work without an `await` cannot be interrupted. Not for a source.
   * @default Infinity
   */
  readonly timeout?: number;
  /**
   * Validates what the function is given, and may transform it: a Standard Schema (of zod, valibot, arktype, ...) or a
   * registry name. A value that does not fit is a failure of this call, in phase `'input'`, with a ValidationError as its
   * `cause`; it is not tried again. At a join it validates the row. Not for a source.
   *
   * On an inlet, a `push` or `call` of what does not fit rejects with the ValidationError, and nothing enters the pipeline;
   * an item of `inputs` that does not fit fails the pipeline. In a subgraph, it is a failure that follows the inlet's `onError`.
   * @default none
   */
  readonly input?: StandardSchema | string;
  /**
   * Validates what the function returns, and may transform it; of a function that gives many, each item. `null` and
   * `undefined` are skipped without being validated. A value that does not fit is a failure of this call, in phase
   * `'output'`, with a ValidationError as its `cause`; `retry` tries again, and `timeout` includes the validation.
   *
   * On a source, it validates what is sent: an `emit` of what does not fit rejects, and the source has failed unless its
   * function catches that; an item of an iterable that does not fit is a failure of the source. Not for an inlet.
   * @default none
   */
  readonly output?: StandardSchema | string;
  /**
   * Gathers inputs (of a join, rows): the function is given an array of them, in their order. A batch is begun when it is
   * full, `within` ms after its first input, when its inputs have ended, when nothing that could still fill it can move, and
   * soon after a `stop`; it is never empty. `concurrency` counts batches, `timeout`, `retry` and `pool` are for a batch as
   * a whole; if it fails, each of its inputs has failed, by itself.
   *
   * The function runs in the async context of whoever created the pipeline; `context.message` is one whose payload is the
   * array, and `context.signal` is aborted when all callers of its inputs are gone. Not together with `keyBy`, `input` or
   * `output`, and with `scatter` not for a function that gives many: a default gives way to what the node says itself, and
   * two defaults that conflict are an error. Not for a source.
   * @default none: one input at a time
   */
  readonly batch?: Batch;
  /**
   * `'worker'`: the function runs in a worker thread, for work that would keep this thread busy. It is one of a module, told by
   * `fromModule`, and is given its input and a {@link WorkerContext}; what goes there and comes back is copied, as
   * `structuredClone` does. The threads are those of the Plumber's `workers`; needs Node.js and piscina.
   *
   * A call waits for a free thread within the node's `concurrency`, which is by default twice as many as there are threads. When its
   * signal is aborted its thread is ended, and with it what the function is doing; one that has asked for `context.signal`
   * has half a second to end by itself. `timeout` does not count the wait for a free thread. Everything else that a node may have (`keyBy`, `onError`,
   * `retry.if`, schemas) runs in the thread of the pipeline. Not for a source, nor together with `setup` or `teardown`.
   * @default 'main'
   */
  readonly runIn?: RunIn;
  /**
   * With `runIn: 'worker'`: moves the array buffers in the input, or in what the function returns, or in both, instead of copying them
   * (whole ones, also behind typed arrays, in plain objects, arrays, Maps and Sets). Where they came from they are empty from
   * then on, so an input that moves cannot be shared with other successors, tried again, or become a dead letter.
   * @default nothing moves
   */
  readonly transfer?: Transfer;
  /** Runs once per pipeline before the first message; what it returns is `context.state`. A function or registry name. */
  readonly setup?: AnyFunction | string;
  /** Runs once per pipeline after the last call, if `setup` succeeded. A function or registry name. */
  readonly teardown?: AnyFunction | string;
}

/** A node written as an object. */
export interface NodeObject extends NodeOptions {
  /** The function, the Plumber, or the registry name of either; a method keeps its `this`. */
  readonly run: AnyFunction | Subgraph | string;
}

declare const VALUE: unique symbol;

/** A node that is fed from outside, by `push`, `call` or `inputs`. As JSON: `{ "inlet": true }`. */
export interface Inlet<T = unknown> {
  readonly inlet: true;
  /** Only for the compiler: the type of what may be pushed. */
  readonly [VALUE]?: T;
}

/** An inlet that validates what it is fed, and maybe transforms it. */
export interface ValidatedInlet<T = unknown, Sent = T> extends Inlet<T> {
  readonly input: StandardSchema<T, Sent>;
}

/**
 * Declares a node that is fed from outside.
 *
 * @example
 * import { createPipeline, inlet } from 'sluice';
 *
 * const pipeline = createPipeline({
 *   nodes: { word: inlet<string>(), length: (word: string) => word.length },
 *   graph: { word: ['length'] },
 * });
 * console.log(await pipeline.call('sluice')); // prints: { length: [ 6 ] }
 * await pipeline.stop();
 */
export function inlet<T>(): Inlet<T>;
/**
 * Declares one whose values are validated, and maybe transformed, when they are handed in; see the option `input`.
 *
 * @example
 * import { createPipeline, inlet, type StandardSchema } from 'sluice';
 *
 * // Usually one of zod's, valibot's or arktype's.
 * const port: StandardSchema<string, number> = {
 *   '~standard': {
 *     version: 1,
 *     vendor: 'example',
 *     validate: (value) => (Number(value) > 0 ? { value: Number(value) } : { issues: [{ message: 'no port' }] }),
 *   },
 * };
 * const pipeline = createPipeline({
 *   nodes: { port: inlet({ input: port }), next: (n: number) => n + 1 },
 *   graph: { port: ['next'] },
 * });
 * console.log(await pipeline.call('80')); // prints: { next: [ 81 ] }
 * await pipeline.call('none').catch(({ code, message }) => console.log(code, message)); // prints: VALIDATION node port does not take that: no port
 * await pipeline.stop();
 */
export function inlet<S extends StandardSchema>(options: {
  readonly input: S;
}): ValidatedInlet<Wanted<S, object, unknown>, Made<S, object, unknown>>;
export function inlet(options?: Pick<NodeOptions, 'input'>): Inlet {
  return options === undefined ? INLET : { ...INLET, ...options };
}

const INLET: Inlet<never> = Object.freeze({ inlet: true });

/** Whatever may stand under `nodes`. */
export type NodeSpec = AnyFunction | Subgraph | string | Inlet | NodeObject;

/** An edge with options of its own. */
export interface EdgeObject {
  readonly to: string;
  /**
   * Messages this one queue holds; `Infinity` only with `feedback`, for a loop in which messages multiply.
   * @default the `queueSize` of the node it leads to
   */
  readonly queueSize?: number;
  /**
   * Leads back, to a node with `aggregateInputs: false`. It is taken from first, and from outside only while fewer
   * messages are in the loop than this queue holds. A loop that fills up nevertheless fails with a StallError.
   * @default false
   */
  readonly feedback?: boolean;
  /** What becomes of a message that finds this one queue full. @default the `overflow` of the node it leads to */
  readonly overflow?: Overflow;
  /**
   * Which messages take this edge: `(value, message) => boolean`, a function or registry name, called once for each message
   * in the order of sending. One that does not take it leaves a hole in its row, so that branches meet again aligned; one
   * that takes no edge at all is done with, and its call settles. A predicate that throws, or returns a promise, is a
   * failure of the node that sends, as if it had failed in place of returning this value: the message takes no edge.
   * @default all
   */
  readonly when?: When | string;
}

/** Decides whether a message takes an edge. */
export type When = (value: never, message: Message<never>) => unknown;

/** Whatever may stand in a list under `graph`. */
export type Edge = string | EdgeObject;

/** What a Plumber builds: plain data plus functions, or plain JSON with registry names. */
export interface Definition {
  readonly nodes: Readonly<Record<string, NodeSpec>>;
  readonly graph: Readonly<Record<string, readonly Edge[] | null>>;
  /** Options for every node that does not set its own, where they can apply; not for the nodes of subgraphs. */
  readonly defaults?: NodeOptions;
  /** The node that takes dead letters, each as a `DeadLetter`; no edge may lead there. */
  readonly deadLetter?: string;
}
