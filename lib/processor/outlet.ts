import type { BoundedQueue, Producer } from '../queue/bounded-queue.ts';
import type { LiveMessage } from '../queue/message.ts';

/** The node behind an outlet. */
export interface OutletHost {
  readonly name: string;
  /** All queues have accepted what was sent. */
  free(): void;
  /** No successor takes anything any more. */
  cut(): void;
}

/**
 * Fan-out: what a node sends goes to the queue of every successor (of a sink: of every reader), and the next thing is
 * sent only after each has accepted it.
 *
 * Emits when its node has a value and no queue is waited for. Backpressures while one queue is full. Completes when its
 * node ends. Fails never: failures travel beside the data. Cancels when the last successor has closed its queue.
 */
export class Outlet implements Producer {
  readonly #host: OutletHost;
  // Replaced, never changed: a successor may leave while a message is being put.
  #queues: readonly BoundedQueue[] = [];
  /** Queues that have not accepted yet what was sent. */
  blocked = 0;

  constructor(host: OutletHost) {
    this.#host = host;
  }

  get name(): string {
    return this.#host.name;
  }

  get queues(): readonly BoundedQueue[] {
    return this.#queues;
  }

  attach(queue: BoundedQueue): void {
    this.#queues = [...this.#queues, queue];
  }

  send(message: LiveMessage): void {
    const queues = this.#queues;
    message.origin.owner?.hold(queues.length);
    for (let i = 0; i < queues.length; i++) {
      if (!(queues[i] as BoundedQueue).put(message)) this.blocked++;
    }
  }

  holes(rows: number): void {
    for (const queue of this.#queues) queue.holes(rows);
  }

  end(): void {
    for (const queue of this.#queues) queue.end();
  }

  admitted(): void {
    this.blocked--;
    if (this.blocked === 0) this.#host.free();
  }

  closed(queue: BoundedQueue): void {
    this.#queues = this.#queues.filter((other) => other !== queue);
    if (this.#queues.length === 0) this.#host.cut();
  }
}
