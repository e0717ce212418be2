import type { Logger } from '../graph/context.ts';
import type { NodeOptions, Registry } from '../graph/definition.ts';
import type { CheckedOptions } from '../graph/wiring.ts';
import type { Clock } from '../support/clock.ts';
import type { IdFactory } from '../support/ids.ts';

/** What all pipelines of a Plumber share. */
export interface PlumberOptions<R = Registry, D = NodeOptions> {
  /** Functions by name, for definitions that are plain JSON. */
  readonly registry?: R;
  /** What functions find in `context.env`, if `createPipeline` gives no other. @default undefined */
  readonly env?: unknown;
  /** Options for every node that neither sets its own nor finds one in the definition's `defaults`. */
  readonly defaults?: CheckedOptions<D>;
  /** What functions find in `context.log`; the engine itself logs nothing. @default console */
  readonly logger?: Logger;
  /** Where timestamps and timers come from. @default the time of this machine */
  readonly clock?: Clock;
  /**
   * Names the n-th message of a pipeline; asked only when an id is read, and must answer the same for the same number.
   * @default uuids v7
   */
  readonly ids?: IdFactory;
}

/** What an inlet may be fed from: it is pulled at the pipeline's pace, and closed at its end. */
export type InputOf<T> = Iterable<T> | AsyncIterable<T> | ReadableStream<T>;

/** What inlets may be fed from, by name. */
export type InputsOf<Inlets> = { readonly [Name in keyof Inlets]?: InputOf<Inlets[Name]> };

/** What one pipeline is created with. */
export interface RunOptions<Inputs = Readonly<Record<string, InputOf<unknown>>>> {
  /** What functions find in `context.env`: the request, the socket id. @default the Plumber's */
  readonly env?: unknown;
  /** Feeds inlets, by name; such an inlet refuses `push` and `call`. */
  readonly inputs?: Inputs;
  /** Aborts the pipeline. */
  readonly signal?: AbortSignal;
  /** How long an abort waits for functions and teardowns that do not return, in ms. @default 1000 */
  readonly grace?: number;
}
