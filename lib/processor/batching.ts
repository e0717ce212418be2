import type { BatchPlan } from '../graph/batch.ts';
import type { Slot } from './slot.ts';

/**
 * Which inputs of a node with `batch` wait for their call, and which are worked on together.
 *
 * ```text
 *   gathering --full, or due--> open --answered, and nothing more to send--> closed
 * ```
 */
export class Batching {
  readonly plan: BatchPlan;
  readonly #concurrency: number;
  #gathered: Slot[] = [];
  #isDue = false;
  #stopTimer: (() => void) | undefined;
  /** The places of the inputs of each batch that is worked on, by the first of them. */
  readonly #open = new Map<Slot, readonly Slot[]>();

  constructor(plan: BatchPlan, concurrency: number) {
    this.plan = plan;
    this.#concurrency = concurrency;
  }

  /** Inputs that wait for others. */
  get gathered(): number {
    return this.#gathered.length;
  }

  get isFull(): boolean {
    return this.#gathered.length === this.plan.size;
  }

  /** Whether there is a batch to begin, and it may be now. */
  get mayBegin(): boolean {
    return this.canFlush && (this.#isDue || this.isFull);
  }

  /** Whether there is something that could be begun with, if it need not wait for others. */
  get canFlush(): boolean {
    return this.#gathered.length > 0 && this.#open.size < this.#concurrency;
  }

  /** @param setTimer asked when it is to be begun after some time; returns what takes that back */
  gather(slot: Slot, setTimer: (ms: number) => () => void): void {
    this.#gathered.push(slot);
    const { within } = this.plan;
    if (this.#gathered.length === 1 && within !== undefined) this.#stopTimer = setTimer(within);
  }

  /** What is gathered waits for no others. */
  flush(): void {
    this.#isDue = true;
  }

  /** The inputs that waited, which wait no more. */
  take(): readonly Slot[] {
    const slots = this.#gathered;
    this.#gathered = [];
    this.#isDue = false;
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    return slots;
  }

  open(slots: readonly Slot[]): void {
    this.#open.set(slots[0] as Slot, slots);
  }

  /** All places of the batch whose first this one is; `undefined` if there is none. */
  opened(first: Slot): readonly Slot[] | undefined {
    return this.#open.get(first);
  }

  /** Whether a function works on it, together with others. */
  isOpen(slot: Slot): boolean {
    for (const slots of this.#open.values()) if (slots.includes(slot)) return true;
    return false;
  }

  close(first: Slot): void {
    this.#open.delete(first);
  }
}
