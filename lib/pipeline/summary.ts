import type { Processor } from '../processor/processor.ts';
import type { LeftMessage } from './left.ts';

/**
 * What one node did.
 * `received` = `processed` + `skipped` + `failed` + `deadLettered` + `discarded` + `inFlight`.
 */
export interface NodeCounters {
  /**
   * Messages taken from its queues (a join: rows); of a source or an inlet, values that came in. Under `batch` too, a call
   * counts once for each of its inputs.
   */
  readonly received: number;
  /** Calls that returned a value; with `many`, whose iterable was exhausted. */
  readonly processed: number;
  /** Calls that returned nothing, and rows of a join that one branch had no value for. */
  readonly skipped: number;
  /** Calls that failed, whether `onError` said `'fail'` or `'skip'`. */
  readonly failed: number;
  /** Calls that failed and whose message became a dead letter. */
  readonly deadLettered: number;
  /**
   * Let go while they waited for their key, or in a batch: by an abort, of the pipeline or the call, or when no successor
   * took any more. Of an inlet: values that waited to be taken when their call was aborted, where it needed their room.
   */
  readonly discarded: number;
  /** Of an inlet that sheds load: values that it dropped or refused. They are not among `received`. */
  readonly dropped: number;
  /** Attempts of calls that had failed before; a call counts once in the others, however often it was tried. */
  readonly retried: number;
  /** Calls that have not returned, or that wait for their key or in a batch. */
  readonly inFlight: number;
  /**
   * Of a source or an inlet: values handed in that wait to be validated or taken. They are not among `received`; how many
   * there can be only `overflow` on the inlet bounds.
   */
  readonly waiting: number;
  /** Messages sent; of a sink, values returned. */
  readonly sent: number;
  /** Of a sink: values that nobody was there to read, or that a reader left behind in its queue. */
  readonly unread: number;
  /** From the first message it received to its end, or to now, in ms. */
  readonly elapsed: number;
}

/** What became of the messages of one edge. `accepted` = `taken` + `queued` + `dropped` + `unpaired` + `discarded`. */
export interface EdgeCounters {
  readonly from: string;
  readonly to: string;
  readonly accepted: number;
  readonly taken: number;
  readonly queued: number;
  /** The most that were queued at once. */
  readonly highWater: number;
  /** Dropped by `overflow`, since there was no room. */
  readonly dropped: number;
  /** Left over when the other branches of a join had ended, or no successor took anything any more. */
  readonly unpaired: number;
  /** Let go by an abort, of the pipeline or of the call they belonged to. */
  readonly discarded: number;
  /** Sent by the node, but not along this edge: its `when` said no. They are not among `accepted`. */
  readonly passedBy: number;
}

/** The counters of a pipeline. Plain JSON. */
export interface Summary {
  readonly nodes: Readonly<Record<string, NodeCounters>>;
  readonly edges: readonly EdgeCounters[];
  /**
   * Dead letters that neither a reader nor the dead-letter node nor a listener took, and of each reader, those that its
   * queue could not hold before it began to read, or that it left behind.
   */
  readonly unreadDeadLetters: number;
  /**
   * Messages that an abort of the pipeline found on their way: in queues and before full ones, in the hands of functions,
   * handed in and not accepted, not read. One is counted once for each place; 0 after an orderly end. A function that has
   * the pipeline aborted before it has returned or awaited anything may be missing.
   */
  readonly left: number;
  /** The same one by one, if a `stop` has asked for it before the pipeline was aborted or had ended. */
  readonly leftMessages?: readonly LeftMessage[];
  /** Nodes whose functions had not returned when the grace of an abort was over. */
  readonly stragglers: readonly string[];
  /** From the start to the end, or to now, in ms. */
  readonly elapsed: number;
}

/** What is to be told beside the counters. */
interface Past extends Pick<Summary, 'left' | 'stragglers'> {
  /** As a stamp. */
  readonly startedAt: number;
  readonly leftMessages: readonly LeftMessage[] | undefined;
}

// Built once per pipeline, and a pipeline may live for one request: plain loops and literals are ten times as fast here
// as the same with `map`, spreads and `fromEntries`.
export function summarize(
  processors: readonly Processor[],
  now: number,
  { startedAt, left, leftMessages, stragglers }: Past,
): Summary {
  const nodes: Record<string, NodeCounters> = {};
  const edges: EdgeCounters[] = [];
  let unreadDeadLetters = 0;
  for (const node of processors) {
    nodes[node.name] = countersOf(node, now);
    if (node.deadLetters !== undefined) unreadDeadLetters += node.deadLetters.unread;
    for (const queue of node.inputs) {
      edges.push({
        from: queue.producer.name,
        to: node.name,
        accepted: queue.accepted,
        taken: queue.taken,
        queued: queue.size,
        highWater: queue.highWater,
        dropped: queue.dropped,
        unpaired: queue.unpaired,
        discarded: queue.discarded,
        passedBy: queue.passedBy,
      });
    }
  }
  const elapsed = now - startedAt;
  if (leftMessages === undefined) return { nodes, edges, unreadDeadLetters, left, stragglers, elapsed };
  return { nodes, edges, unreadDeadLetters, left, leftMessages, stragglers, elapsed };
}

/** What law 1 leaves: received, and in none of the other counters. */
export function inFlight({
  received,
  processed,
  skipped,
  failed,
  deadLettered,
  discarded,
}: Processor): number {
  return received - processed - skipped - failed - deadLettered - discarded;
}

/** @param now as a stamp */
export function countersOf(node: Processor, now: number): NodeCounters {
  const { received, processed, skipped, failed, deadLettered, discarded } = node;
  const { dropped, retried, sent, unread, startedAt, endedAt } = node;
  return {
    received,
    processed,
    skipped,
    failed,
    deadLettered,
    discarded,
    dropped,
    retried,
    inFlight: inFlight(node),
    waiting: node.mailbox === undefined ? 0 : node.mailbox.size,
    sent,
    unread,
    elapsed: received === 0 ? 0 : (node.hasEnded ? endedAt : now) - startedAt,
  };
}
