import type { AnyFunction, FanOut } from '../graph/definition.ts';
import type { NodePlan } from '../graph/plan.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import type { LiveMessage } from '../queue/message.ts';
import { type Scope, within } from '../support/async-context.ts';
import { deepFreeze } from '../support/freeze.ts';
import { asPromise } from './iterate.ts';

type When = (value: unknown, message: LiveMessage) => unknown;

/** What one queue gets of a message. */
export interface Parcel {
  readonly queue: BoundedQueue;
  /** `undefined`: the message does not take this edge. */
  readonly message: LiveMessage | undefined;
}

/**
 * Which edges a message takes, and what each successor gets: the value itself, a copy, or the value frozen. All of it is
 * decided before anything is sent: where it fails, nothing has been.
 */
export class Routing {
  readonly #fanOut: FanOut;
  readonly #predicates: readonly (AnyFunction | undefined)[];
  #edges: readonly BoundedQueue[] = [];

  /** Nothing for a node that sends the same to everybody. */
  static of({ outputs, fanOut, traits }: NodePlan): Routing | undefined {
    return traits.sharesAll ? undefined : new Routing(outputs, fanOut);
  }

  private constructor(outputs: NodePlan['outputs'], fanOut: FanOut) {
    this.#fanOut = fanOut;
    this.#predicates = outputs.map(({ when }) => when);
  }

  /** The queues of the node's edges, in their order; a sink has none. */
  attach(queues: readonly BoundedQueue[]): void {
    this.#edges = queues;
  }

  /**
   * Throws what a predicate throws, and what cannot be copied.
   *
   * @param readers the queues of a sink's readers
   * @param scope the async context of the message, in which predicates run
   */
  parcels(message: LiveMessage, readers: readonly BoundedQueue[], scope: Scope | undefined): Parcel[] {
    if (this.#fanOut === 'freeze') deepFreeze(message.payload);
    // Edges that nobody takes from any more are asked for like the others: when one closes is a matter of timing, and must
    // not decide whether a message fails.
    const queues = this.#predicates.length > 0 ? this.#edges : readers;
    const takers = queues.map((queue, place) => this.#takes(queue, place, message, scope));
    // The last gets the value itself, and all copies are made before anybody can change it.
    const last = takers.lastIndexOf(true);
    return queues.map((queue, place) => {
      if (takers[place] !== true) return { queue, message: undefined };
      const isCopy = this.#fanOut === 'clone' && place !== last;
      return { queue, message: isCopy ? message.with(structuredClone(message.payload)) : message };
    });
  }

  #takes(queue: BoundedQueue, place: number, message: LiveMessage, scope: Scope | undefined): boolean {
    const when = this.#predicates[place] as When | undefined;
    if (when === undefined) return true;
    const answer = within(scope, when, message.payload, message);
    const promise = asPromise(answer);
    if (promise === undefined) return Boolean(answer);
    // Or else its rejection would be nobody's.
    promise.catch(() => {});
    throw new TypeError(
      `\`when\` of the edge to ${queue.consumer.name} returned a promise, must be true or false`,
    );
  }
}
