import type { BoundedQueue } from '../queue/bounded-queue.ts';
import type { Hole, LiveMessage } from '../queue/message.ts';
import { type FanIn, Merge } from './fan-in.ts';
import type { Round } from './loop.ts';

/**
 * One value at a time: what comes back first, and from outside only while the loop has room for it.
 *
 * Emits when a feedback edge has a message, or another one has and every loop has room. Backpressures what comes from
 * outside while a loop is full. Completes when all inputs have. Fails never. Cancels all inputs when its node is cut off.
 */
export class LoopHead implements FanIn {
  readonly #rounds: readonly Round[];
  readonly #back: Merge;
  readonly #outside: Merge;
  /** Something from outside was left where it is. */
  #isHoldingBack = false;

  constructor(queues: readonly BoundedQueue[], rounds: readonly Round[]) {
    this.#rounds = rounds;
    const leadsBack = (queue: BoundedQueue): boolean => rounds.some((round) => round.queue === queue);
    this.#back = new Merge(queues.filter(leadsBack));
    this.#outside = new Merge(queues.filter((queue) => !leadsBack(queue)));
  }

  /** The loop that is too full for what there is outside. */
  get fullRound(): Round | undefined {
    return this.#outside.hasTurn ? this.#rounds.find(({ hasRoom }) => !hasRoom) : undefined;
  }

  get isOver(): boolean {
    return this.#back.isOver && this.#outside.isOver;
  }

  filled(queue: BoundedQueue): boolean {
    const leadsBack = this.#rounds.some((round) => round.queue === queue);
    return (leadsBack ? this.#back : this.#outside).filled(queue);
  }

  take(): LiveMessage | Hole | undefined {
    if (this.#back.hasTurn) return this.#back.take();
    this.#isHoldingBack = this.fullRound !== undefined;
    return this.#isHoldingBack ? undefined : this.#outside.take();
  }

  /** Whether its node has to look again at what it has left outside, since there is room for it now. Said once. */
  mayTakeAgain(): boolean {
    if (!this.#isHoldingBack || this.fullRound !== undefined) return false;
    this.#isHoldingBack = false;
    return true;
  }
}
