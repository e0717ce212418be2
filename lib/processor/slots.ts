import type { LiveMessage } from '../queue/message.ts';
import { Slot, type SlotHost } from './slot.ts';

/**
 * The calls of a node, in a line: the order in which their outputs leave. Under `order: 'input'` a slot stands in line from
 * its start on, under `'completion'` from when it settles: that is all the difference there is.
 */
export class Slots {
  readonly #host: SlotHost;
  readonly #all: Slot[] = [];
  #free: Slot | undefined = undefined;
  #last: Slot | undefined = undefined;
  /** Whose turn it is. */
  first: Slot | undefined = undefined;
  /** Slots that are not free. */
  busy = 0;

  constructor(host: SlotHost) {
    this.#host = host;
  }

  get all(): readonly Slot[] {
    return this.#all;
  }

  get last(): Slot | undefined {
    return this.#last;
  }

  occupy(input: LiveMessage | undefined): Slot {
    let slot = this.#free;
    if (slot === undefined) {
      slot = new Slot(this.#host);
      this.#all.push(slot);
    } else {
      this.#free = slot.next;
      slot.next = undefined;
    }
    slot.input = input;
    this.busy++;
    return slot;
  }

  lineUp(slot: Slot): void {
    if (this.#last === undefined) this.first = slot;
    else this.#last.next = slot;
    this.#last = slot;
  }

  /** The first steps out of the line, to come back or to be freed. */
  stepOut(): void {
    const first = this.first as Slot;
    this.first = first.next;
    if (this.first === undefined) this.#last = undefined;
    first.next = undefined;
  }

  free(slot: Slot): void {
    slot.clear();
    slot.next = this.#free;
    this.#free = slot;
    this.busy--;
  }
}
