import type { OverflowError } from '../error/overflow-error.ts';
import type { ProcessorError } from '../error/processor-error.ts';
import type { Message } from '../graph/context.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { OnErrorAction } from '../graph/definition.ts';

import type { Failure, Tracer, Watch } from '../processor/host.ts';

import type { Processor } from '../processor/processor.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import type { LiveMessage } from '../queue/message.ts';
import { type Scope, within } from '../support/async-context.ts';
import { Emitter } from '../support/emitter.ts';
import { countersOf, type NodeCounters, type Summary } from './summary.ts';

/** What a pipeline tells those who listen. Listeners run at once, inside the engine's step: keep them short. */
export interface PipelineEvents {
  /** Every `setup` has finished; sources start now. */
  start: { readonly nodes: readonly string[] };
  /** A node sent a message. */
  message: { readonly node: string; readonly message: Message };
  /** A function returned nothing for a message, or a join lost it since another branch had no value for its row. */
  skip: { readonly node: string; readonly message: Message };
  /**
   * A queue was full and dropped a message on its way from one node to another, or an inlet shed it: then `from` is
   * `undefined`.
   */
  drop: { readonly from: string | undefined; readonly to: string; readonly message: Message };
  /** A function failed, and `action` is what `onError` made of it; or a queue with `overflow: 'error'` was full. */
  error: { readonly error: ProcessorError | OverflowError; readonly action: OnErrorAction };
  /** A message became a dead letter; an `error` event came just before. */
  deadLetter: DeadLetter;
  /** An edge became full (the producer will wait), or has room again. */
  backpressure: { readonly from: string; readonly to: string; readonly isFull: boolean };
  /** A node has sent its last message. */
  nodeEnd: { readonly node: string; readonly counters: NodeCounters };
  /** Everything is over, `teardown`s included; `error` only if the pipeline failed or was aborted. */
  end: { readonly summary: Summary; readonly error?: unknown };
}

/** The names of the events. */
export const EVENT_NAMES: readonly (keyof PipelineEvents)[] = [
  'start',
  'message',
  'skip',
  'drop',
  'error',
  'deadLetter',
  'backpressure',
  'nodeEnd',
  'end',
];

/** Told of each message that has stood in a queue, when it is taken. */
export type Timer = (queue: BoundedQueue, message: LiveMessage) => void;

const UNTIMED: readonly Timer[] = [];

type Onlooker = (event: PipelineEvents['error']) => void;

const NOBODY: readonly Onlooker[] = [];

/** The events of one pipeline; nothing is made before somebody listens. */
export class Events implements Watch {
  private emitter: Emitter<PipelineEvents> | undefined;
  sent = false;
  skipped = false;
  deadLettered = false;
  dropped = false;
  isWatched = false;
  isTimed = false;
  /** Told of all that is sent, if tracing is on. */
  private tracer: Tracer | undefined;
  private timers: readonly Timer[] = UNTIMED;
  private onlookers = NOBODY;
  private readonly scope: Scope | undefined;

  /** @param scope the async context in which the pipeline was created */
  constructor(scope: Scope | undefined) {
    this.scope = scope;
  }

  trace(tracer: Tracer): void {
    this.tracer = tracer;
    this.look();
  }

  on<Name extends keyof PipelineEvents>(
    name: Name,
    listener: (event: PipelineEvents[Name]) => void,
  ): () => void {
    this.emitter ??= new Emitter();
    const off = this.emitter.on(name, listener);
    this.look();
    return () => {
      off();
      this.look();
    };
  }

  /**
   * Has somebody told of errors who only looks on: one of whom nobody else is told stays unheard. What it does must not
   * throw.
   */
  overhear(onlooker: Onlooker): () => void {
    this.onlookers = [...this.onlookers, onlooker];
    return () => {
      this.onlookers = this.onlookers.filter((other) => other !== onlooker);
    };
  }

  has(name: keyof PipelineEvents): boolean {
    return this.emitter?.has(name) ?? false;
  }

  /** @param message the one it is about: listeners run in the async context of whoever handed that in */
  emit<Name extends keyof PipelineEvents>(
    name: Name,
    event: PipelineEvents[Name],
    message?: LiveMessage,
  ): void {
    if (this.emitter === undefined) return;
    within(message?.origin.scope ?? this.scope, emitTo, this.emitter, name, event);
  }

  tellSent(node: string, message: LiveMessage): void {
    this.tracer?.sent(node, message);
    this.emit('message', { node, message }, message);
  }

  tellSkipped(node: string, message: LiveMessage): void {
    this.emit('skip', { node, message }, message);
  }

  tellDropped(from: string | undefined, to: string, message: LiveMessage): void {
    this.emit('drop', { from, to, message }, message);
  }

  tellError(error: Failure, action: OnErrorAction): void {
    for (const onlooker of this.onlookers) onlooker({ error, action });
    this.emit('error', { error, action }, error.input);
  }

  tellDeadLetter(letter: DeadLetter, message: LiveMessage): void {
    this.emit('deadLetter', letter, message);
  }

  /** @param now as a stamp */
  tellNodeEnd(node: Processor, now: number): void {
    this.emit('nodeEnd', { node: node.name, counters: countersOf(node, now) });
  }

  report({ producer, consumer }: BoundedQueue, isFull: boolean): void {
    this.emit('backpressure', { from: producer.name, to: consumer.name, isFull });
  }

  took(queue: BoundedQueue, message: LiveMessage): void {
    for (const timer of this.timers) timer(queue, message);
  }

  /** Has a callback told of each message that has stood in a queue; returns what takes it off. */
  time(timer: Timer): () => void {
    this.timers = [...this.timers, timer];
    this.isTimed = true;
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
      this.isTimed = this.timers.length > 0;
    };
  }

  /** The engine looks at flags: asking an emitter for every message would cost more than the message. */
  private look(): void {
    this.sent = this.tracer !== undefined || this.has('message');
    this.skipped = this.has('skip');
    this.deadLettered = this.has('deadLetter');
    this.dropped = this.has('drop');
    this.isWatched = this.has('backpressure');
  }
}

function emitTo<Name extends keyof PipelineEvents>(
  emitter: Emitter<PipelineEvents>,
  name: Name,
  event: PipelineEvents[Name],
): void {
  emitter.emit(name, event);
}
