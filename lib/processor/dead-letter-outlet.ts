import type { DeadLetter } from '../graph/dead-letters.ts';
import type { BoundedQueue, Consumer, Producer } from '../queue/bounded-queue.ts';
import { LiveMessage, type Sender } from '../queue/message.ts';
import { Origin } from '../queue/origin.ts';
import type { Watch } from './host.ts';
import type { Sequence } from './sequence.ts';

/** The node whose dead letters are sent. */
export interface DeadLetterSender extends Sender {
  readonly hasEnded: boolean;
  /** A queue has not accepted yet what was sent. */
  block(): void;
  /** One of them has. */
  admitted(): void;
  /** One of them had no room, and let go of this one. */
  overflowed(queue: BoundedQueue, message: LiveMessage): void;
  readonly watch: Watch;
  readonly sequence: Sequence;
}

/** Somebody who reads, or is going to. */
interface Follower extends Consumer {
  readonly isFollowed: boolean;
}

/**
 * Fan-out of one node's dead letters: to the dead-letter node, and to every reader.
 *
 * Backpressures while one queue is full, but not for a reader who has not begun to read: what its queue cannot hold is
 * counted as unread. Completes when its node ends. Cancels never: without takers, letters are counted as unread.
 */
export class DeadLetterOutlet implements Producer {
  readonly name: string;
  readonly queueSize: number;
  readonly #node: DeadLetterSender;
  #toNode: BoundedQueue | undefined;
  // Replaced, never changed: a reader may leave while a letter is being put.
  #toReaders: readonly BoundedQueue[] = [];
  /** Letters that no reader, no node and no listener took, and of each reader, those it missed or left behind. */
  unread = 0;

  constructor(node: DeadLetterSender, queueSize: number) {
    this.name = node.name;
    this.queueSize = queueSize;
    this.#node = node;
  }

  /** The node whose letters they are. */
  get node(): object {
    return this.#node;
  }

  /** Where they go. */
  get queues(): readonly BoundedQueue[] {
    return this.#toNode === undefined ? this.#toReaders : [this.#toNode, ...this.#toReaders];
  }

  get hasEnded(): boolean {
    return this.#node.hasEnded;
  }

  connect(queue: BoundedQueue): void {
    this.#toNode = queue;
  }

  /** @param queues each with a {@link Follower} for a consumer */
  attach(queues: readonly BoundedQueue[]): void {
    this.#toReaders = [...this.#toReaders, ...queues];
  }

  admitted(): void {
    this.#node.admitted();
  }

  closed(queue: BoundedQueue): void {
    if (queue === this.#toNode) this.#toNode = undefined;
    else this.#toReaders = this.#toReaders.filter((other) => other !== queue);
  }

  overflowed(queue: BoundedQueue, message: LiveMessage): void {
    this.#node.overflowed(queue, message);
  }

  /** The node is blocked for as long as a queue has no room. */
  send(letter: DeadLetter, input: LiveMessage, madeFrom: LiveMessage['madeFrom']): void {
    const { origin } = input;
    let isTaken = this.#node.watch.deadLettered;
    if (this.#toNode !== undefined) {
      isTaken = true;
      origin.owner?.hold(1);
      this.#put(this.#toNode, this.#message(letter, origin, madeFrom));
    }
    for (const queue of this.#toReaders) {
      isTaken = true;
      if (queue.size === queue.capacity && !(queue.consumer as Follower).isFollowed) {
        this.unread++;
        continue;
      }
      // A reader does not work for the caller, who need not wait for it.
      this.#put(queue, this.#message(letter, new Origin(origin.roots, undefined, origin.scope), madeFrom));
    }
    if (!isTaken) this.unread++;
  }

  end(): void {
    this.#toNode?.end();
    for (const queue of this.#toReaders) queue.end();
  }

  #put(queue: BoundedQueue, message: LiveMessage): void {
    if (!queue.put(message)) this.#node.block();
  }

  #message(letter: DeadLetter, origin: Origin, madeFrom: LiveMessage['madeFrom']): LiveMessage {
    const { sequence } = this.#node;
    return new LiveMessage(letter, origin, sequence.next(), madeFrom, this.#node, sequence.stamp());
  }
}
