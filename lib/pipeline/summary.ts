import type { Processor } from '../processor/processor.ts';

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
   * took any more.
   */
  readonly discarded: number;
  /** Of an inlet that sheds load: values that it dropped or refused. They are not among `received`. */
  readonly dropped: number;
  /** Calls that have not returned, or that wait for their key or in a batch. */
  readonly inFlight: number;
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
  /** Messages that the pipeline's abort found in queues, and calls that it found running: nothing, after an orderly end. */
  readonly left: number;
  /** Nodes whose functions had not returned when the grace of an abort was over. */
  readonly stragglers: readonly string[];
  /** From the start to the end, or to now, in ms. */
  readonly elapsed: number;
}

// Built once per pipeline, and a pipeline may live for one request: plain loops and literals are ten times as fast here
// as the same with `map`, spreads and `fromEntries`.
export function summarize(
  processors: readonly Processor[],
  now: number,
  { startedAt, left, stragglers }: { startedAt: number; left: number; stragglers: readonly string[] },
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
        dropped: queue.dropped,
        unpaired: queue.unpaired,
        discarded: queue.discarded,
        passedBy: queue.passedBy,
      });
    }
  }
  return { nodes, edges, unreadDeadLetters, left, stragglers, elapsed: now - startedAt };
}

/** What is in queues and in the hands of functions. */
export function unfinished(processors: readonly Processor[]): number {
  const inQueues = processors.flatMap(({ inputs }) => inputs.map(({ size }) => size));
  return [...inQueues, ...processors.map(inFlight)].reduce((sum, count) => sum + count, 0);
}

/** What law 1 leaves: received, and in none of the other counters. */
function inFlight({ received, processed, skipped, failed, deadLettered, discarded }: Processor): number {
  return received - processed - skipped - failed - deadLettered - discarded;
}

/** @param now as a stamp */
export function countersOf(node: Processor, now: number): NodeCounters {
  const { received, processed, skipped, failed, deadLettered, discarded } = node;
  const { dropped, sent, unread, startedAt, endedAt } = node;
  return {
    received,
    processed,
    skipped,
    failed,
    deadLettered,
    discarded,
    dropped,
    inFlight: inFlight(node),
    sent,
    unread,
    elapsed: received === 0 ? 0 : (node.hasEnded ? endedAt : now) - startedAt,
  };
}
