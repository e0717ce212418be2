import type { Message } from '../graph/context.ts';
import type { Processor } from '../processor/processor.ts';
import type { Unfinished } from '../processor/unfinished.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import type { LiveMessage } from '../queue/message.ts';
import type { Reader } from './reader.ts';

/** A message that an abort found unfinished, and where. One that was in several queues is told of once for each. */
export interface LeftMessage {
  /**
   * On its way to a node or a reader: `'queued'`; `'blocked'`: the queue was full, and it waited for room.
   *
   * At a source or an inlet: `'offered'`: handed in, or given by an iterable, and not sent. It is no message yet.
   *
   * In the hands of a node: `'running'`: its function had not returned, or its iterable had more to give; `'held'`: it
   * waited for its key, or for its batch to begin; `'pooled'`: for a slot of its pool, or a worker thread; `'retrying'`: for its next attempt;
   * `'answered'`: its function had returned or failed, and what came of it waited for its turn to be sent.
   */
  readonly state: 'offered' | 'queued' | 'blocked' | 'held' | 'pooled' | 'retrying' | 'running' | 'answered';
  /** The node that had it, or was to take it; a reader by its name. */
  readonly node: string;
  /** Who had sent it, of one that was `'queued'` or `'blocked'`. */
  readonly from?: string;
  readonly payload: unknown;
  /** With its id, roots and parents; absent of one that was `'offered'`. */
  readonly message?: Message;
  /** For how long it had been a message, in ms; absent of one that was `'offered'`. */
  readonly age?: number;
  /** Whether a `call` waited for what came of it. */
  readonly isAwaited: boolean;
}

interface Found extends Omit<Unfinished, 'state'> {
  readonly state: LeftMessage['state'];
  readonly node: string;
  readonly from: string | undefined;
}

/** How many messages there are on their way. */
export function countLeft(processors: readonly Processor[], readers: Iterable<Reader<unknown>>): number {
  let count = 0;
  for (const _ of everything(processors, readers)) count++;
  return count;
}

/**
 * The same, one by one. Their ids are read here, so it is asked for only by whom it is wanted.
 *
 * @param now in ms since 1970
 */
export function describeLeft(
  processors: readonly Processor[],
  readers: Iterable<Reader<unknown>>,
  now: number,
): LeftMessage[] {
  return Array.from(everything(processors, readers), (found) => described(found, now));
}

function described({ state, node, from, payload, message, owner }: Found, now: number): LeftMessage {
  const isAwaited = owner !== undefined && !owner.isSettled;
  const common = { state, node, ...(from !== undefined && { from }), payload };
  if (message === undefined) return { ...common, isAwaited };
  return { ...common, message: message.toJSON(), age: now - message.timestamp, isAwaited };
}

function* everything(
  processors: readonly Processor[],
  readers: Iterable<Reader<unknown>>,
): Generator<Found, undefined> {
  for (const node of processors) {
    for (const queue of node.inputs) yield* inQueue(queue);
    const { name, mailbox } = node;
    for (const unfinished of node.unfinished) yield { ...unfinished, node: name, from: undefined };
    for (const { value, owner } of mailbox?.waiting ?? [])
      yield { state: 'offered', node: name, from: undefined, payload: value, message: undefined, owner };
  }
  for (const { queues } of readers) for (const queue of queues) yield* inQueue(queue);
}

function* inQueue({ producer, consumer, queued, atDoor }: BoundedQueue): Generator<Found, undefined> {
  const found = (state: 'queued' | 'blocked', message: LiveMessage): Found => {
    const { payload, origin } = message;
    return { state, node: consumer.name, from: producer.name, payload, message, owner: origin.owner };
  };
  for (const message of queued) yield found('queued', message);
  if (atDoor !== undefined) yield found('blocked', atDoor);
}
