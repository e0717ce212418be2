import type { BoundedQueue, Producer } from '../queue/bounded-queue.ts';
import type { LiveMessage } from '../queue/message.ts';
import { type Probe, UNWATCHED } from './probing.ts';
import type { Parcel, Routing } from './routing.ts';

/**
 * Fan-out: what a node sends goes to the queue of every successor (of a sink: of every reader), and the next thing is
 * sent only after each has accepted it.
 *
 * Emits when its node has a value and no queue is waited for. Backpressures while one queue is full. Completes when its
 * node ends. Fails never: failures travel beside the data. Cancels when the last successor has closed its queue; a sink goes on without readers.
 */
// Here and wherever every message passes, members are `private` rather than `#private`: what these check at each use kept
// V8 from inlining, and cost 8 % of making a pipeline and 3 % of a hop.
export abstract class Outlet implements Producer {
  abstract readonly name: string;
  // Replaced, never changed: a successor may leave while a message is being put.
  queues: readonly BoundedQueue[] = [];
  /** Queues that have not accepted yet what was sent. */
  blocked = 0;
  /** Where not everybody gets the same: which edges a message takes, and who gets a copy. */
  protected routing: Routing | undefined = undefined;

  probes: readonly Probe[] = UNWATCHED;

  /** A queue has not accepted what was sent. */
  protected abstract becameBlocked(): void;
  /** All queues have accepted what was sent. */
  protected abstract becameFree(): void;
  /** No successor takes anything any more. */
  abstract wasCut(): void;

  abstract overflowed(queue: BoundedQueue, message: LiveMessage): void;

  attach(queues: readonly BoundedQueue[]): void {
    this.routing?.attach(queues);
    this.queues = this.queues.length === 0 ? queues : [...this.queues, ...queues];
  }

  admitted(): void {
    this.blocked--;
    if (this.blocked > 0) return;
    for (const probe of this.probes) probe.freed();
    this.becameFree();
  }

  get isWatched(): boolean {
    return this.probes.length > 0;
  }

  tookLong(ms: number): void {
    for (const probe of this.probes) probe.tookLong(ms);
  }

  closed(queue: BoundedQueue): void {
    this.queues = this.queues.filter((other) => other !== queue);
    if (this.queues.length === 0) this.wasCut();
  }

  protected put(message: LiveMessage): void {
    const { queues } = this;
    message.origin.owner?.hold(queues.length);
    for (let i = 0; i < queues.length; i++) {
      if (!(queues[i] as BoundedQueue).put(message)) this.block();
    }
  }

  /** A queue has not accepted what was sent: nothing more is sent before it has. */
  block(): void {
    if (this.blocked++ === 0) for (const probe of this.probes) probe.blocked();
    this.becameBlocked();
  }

  protected putParcels(parcels: readonly Parcel[]): void {
    for (const { message } of parcels) message?.origin.owner?.hold(1);
    for (const { queue, message } of parcels) {
      if (message === undefined) queue.passBy();
      else if (!queue.put(message)) this.block();
    }
  }

  protected putHoles(rows: number): void {
    const { queues } = this;
    for (let i = 0; i < queues.length; i++) (queues[i] as BoundedQueue).holes(rows);
  }

  protected endQueues(): void {
    for (const queue of this.queues) queue.end();
  }
}
