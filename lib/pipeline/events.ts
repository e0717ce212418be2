import type { ProcessorError } from '../error/processor-error.ts';
import type { Message } from '../graph/context.ts';
import type { OnError } from '../graph/definition.ts';
import type { Watch } from '../processor/host.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import { Emitter } from '../support/emitter.ts';
import type { NodeCounters, Summary } from './summary.ts';

/** What a pipeline tells those who listen. Listeners run at once, inside the engine's step: keep them short. */
export interface PipelineEvents {
  /** Every `setup` has finished; sources start now. */
  start: { readonly nodes: readonly string[] };
  /** A node sent a message. */
  message: { readonly node: string; readonly message: Message };
  /** A function returned nothing for a message, or a join lost it since another branch had no value for its row. */
  skip: { readonly node: string; readonly message: Message };
  /** A function failed; `action` is what `onError` made of it. */
  error: { readonly error: ProcessorError; readonly action: OnError };
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
  'error',
  'backpressure',
  'nodeEnd',
  'end',
];

/** The events of one pipeline; nothing is made before somebody listens. */
export class Events implements Watch {
  #emitter: Emitter<PipelineEvents> | undefined;
  sent = false;
  skipped = false;
  isWatched = false;

  on<Name extends keyof PipelineEvents>(
    name: Name,
    listener: (event: PipelineEvents[Name]) => void,
  ): () => void {
    this.#emitter ??= new Emitter();
    const off = this.#emitter.on(name, listener);
    this.#look();
    return () => {
      off();
      this.#look();
    };
  }

  has(name: keyof PipelineEvents): boolean {
    return this.#emitter?.has(name) ?? false;
  }

  emit<Name extends keyof PipelineEvents>(name: Name, event: PipelineEvents[Name]): void {
    this.#emitter?.emit(name, event);
  }

  tellSent(node: string, message: Message): void {
    this.emit('message', { node, message });
  }

  tellSkipped(node: string, message: Message): void {
    this.emit('skip', { node, message });
  }

  tellError(error: ProcessorError, action: OnError): void {
    this.emit('error', { error, action });
  }

  report({ producer, consumer }: BoundedQueue, isFull: boolean): void {
    this.emit('backpressure', { from: producer.name, to: consumer.name, isFull });
  }

  /** The engine looks at flags: asking an emitter for every message would cost more than the message. */
  #look(): void {
    this.sent = this.has('message');
    this.skipped = this.has('skip');
    this.isWatched = this.has('backpressure');
  }
}
