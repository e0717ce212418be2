import type { BoundedQueue } from '../queue/bounded-queue.ts';

/** A node of a loop. */
interface LoopNode {
  /** Messages it has taken and not accounted for. */
  readonly inHand: number;
  /** Has it take and send nothing more. */
  wasCut(): void;
}

/** What goes round by way of one feedback edge. */
export class Round {
  /** Of the feedback edge. */
  readonly queue: BoundedQueue;
  readonly nodes: readonly LoopNode[];
  readonly #queues: readonly BoundedQueue[];

  /** @param queues those between the nodes, the feedback edge's included */
  constructor(queue: BoundedQueue, nodes: readonly LoopNode[], queues: readonly BoundedQueue[]) {
    this.queue = queue;
    this.nodes = nodes;
    this.#queues = queues;
  }

  /** Whether all that is in it, and one more, could be sent back and find room. */
  get hasRoom(): boolean {
    const most = this.queue.capacity;
    if (most === Number.POSITIVE_INFINITY) return true;
    let count = 0;
    for (const { inHand } of this.nodes) {
      count += inHand;
      if (count >= most) return false;
    }
    for (const { held } of this.#queues) {
      count += held;
      if (count >= most) return false;
    }
    return true;
  }
}

/** The queues of a loop: those that lead into it, out of it and through it; of the last, some lead back. */
export interface LoopQueues {
  readonly entries: readonly BoundedQueue[];
  readonly exits: readonly BoundedQueue[];
  readonly inside: readonly BoundedQueue[];
  readonly feedback: readonly BoundedQueue[];
}

/**
 * Nodes that send to each other in a circle. None of them can end before the others, so they end together: when nothing can
 * come in from outside any more, and nothing is left inside.
 */
// What is inside is counted when it is asked for: loops are small, and the messages of other nodes must not pay for it.
export class Loop {
  readonly #nodes: readonly LoopNode[];
  readonly #queues: LoopQueues;
  readonly #onMove: () => void;
  #isOver = false;

  /** @param onMove told whenever something in it has moved, and it has not come to its end */
  constructor(nodes: readonly LoopNode[], queues: LoopQueues, onMove: () => void) {
    this.#nodes = nodes;
    this.#queues = queues;
    this.#onMove = onMove;
  }

  /** A node of it has done what it could. */
  moved(): void {
    if (this.#isOver) return;
    if (!this.#isDrained) this.#onMove();
    else {
      this.#isOver = true;
      for (const queue of this.#queues.feedback) queue.end();
    }
  }

  /** A queue that led out of it, or through it, is closed. */
  lostExit(): void {
    const { exits } = this.#queues;
    if (exits.length === 0 || exits.some(({ isClosed }) => !isClosed)) return;
    for (const node of this.#nodes) node.wasCut();
  }

  get #isDrained(): boolean {
    const { entries, inside } = this.#queues;
    return (
      entries.every(({ isOver }) => isOver) &&
      inside.every(({ held }) => held === 0) &&
      this.#nodes.every(({ inHand }) => inHand === 0)
    );
  }
}
