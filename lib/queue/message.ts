import type { Message } from '../graph/context.ts';
import { showAs } from '../support/inspect.ts';
import type { Origin } from './origin.ts';

/** What a message asks of the run it belongs to. */
export interface Run {
  idOf(number: number): string;
  /** Milliseconds since 1970 of a stamp. */
  timeOf(stamp: number): number;
}

/** Who sends messages. */
export interface Sender {
  readonly name: string;
  readonly run: Run;
}

/**
 * A message as the engine passes it on. It keeps numbers where users read ids, and no reference to the messages it was
 * made from: a long chain of descendants must not keep its ancestors' payloads alive.
 */
export class LiveMessage<T = unknown> implements Message<T> {
  readonly payload: T;
  readonly origin: Origin;
  /** Its place in the order of sending of its run. */
  readonly number: number;
  /** The numbers of the messages it was made from. */
  readonly madeFrom: number | readonly number[] | undefined;
  private readonly sender: Sender;
  private readonly stamp: number;

  constructor(
    payload: T,
    origin: Origin,
    number: number,
    madeFrom: number | readonly number[] | undefined,
    sender: Sender,
    stamp: number,
  ) {
    this.payload = payload;
    this.origin = origin;
    this.number = number;
    this.madeFrom = madeFrom;
    this.sender = sender;
    this.stamp = stamp;
  }

  /** The same message, for a successor that gets a copy of its payload. */
  with(payload: T): LiveMessage<T> {
    return new LiveMessage(payload, this.origin, this.number, this.madeFrom, this.sender, this.stamp);
  }

  get id(): string {
    return this.sender.run.idOf(this.number);
  }

  get node(): string {
    return this.sender.name;
  }

  get timestamp(): number {
    return this.sender.run.timeOf(this.stamp);
  }

  get roots(): string[] {
    return idsOf(this.origin.roots, this.sender.run);
  }

  get parents(): string[] {
    return this.madeFrom === undefined ? [] : idsOf(this.madeFrom, this.sender.run);
  }

  /** Getters of a prototype are not seen by `JSON.stringify` and loggers. */
  toJSON(): Message<T> {
    const { id, payload, node, timestamp, roots, parents } = this;
    return { id, payload, node, timestamp, roots, parents };
  }
}

showAs(LiveMessage.prototype, 'Message', (message) => message.toJSON());

function idsOf(numbers: number | readonly number[], run: Run): string[] {
  return [numbers].flat().map((number) => run.idOf(number as number));
}

/** A run of rows without a value: skipped, failed, or not meant for this edge. Takes no room in a queue. */
export class Hole {
  rows: number;

  constructor(rows: number) {
    this.rows = rows;
  }
}

/** Whether an item among rows is a run of holes. */
export function isHole(item: object): item is Hole {
  // Not `instanceof`, which walks the prototypes of every message: in a profile of the chain, 4 % of the samples.
  return (item as Partial<Hole>).rows !== undefined;
}
