import { inFlight } from '../pipeline/summary.ts';
import type { Processor } from '../processor/processor.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';

/** The counters of one node, added up over pipelines. */
// Written out: a request that is measured adds some eighty numbers at its end, which by key takes four times as long.
export class NodeSum {
  received = 0;
  processed = 0;
  skipped = 0;
  failed = 0;
  deadLettered = 0;
  discarded = 0;
  dropped = 0;
  retried = 0;
  sent = 0;
  unread = 0;
  inFlight = 0;
  waiting = 0;

  add(node: Processor, isOver: boolean): void {
    this.received += node.received;
    this.processed += node.processed;
    this.skipped += node.skipped;
    this.failed += node.failed;
    this.deadLettered += node.deadLettered;
    this.discarded += node.discarded;
    this.dropped += node.dropped;
    this.retried += node.retried;
    this.sent += node.sent;
    this.unread += node.unread;
    if (isOver) return;
    this.inFlight += inFlight(node);
    this.waiting += node.mailbox?.size ?? 0;
  }

  /** Leaves out what the node had done before; what it had in hand then counts as received since. */
  leaveOut(node: Processor): void {
    this.received -= node.received - inFlight(node);
    this.processed -= node.processed;
    this.skipped -= node.skipped;
    this.failed -= node.failed;
    this.deadLettered -= node.deadLettered;
    this.discarded -= node.discarded;
    this.dropped -= node.dropped;
    this.retried -= node.retried;
    this.sent -= node.sent;
    this.unread -= node.unread;
  }
}

/** The same of one edge. */
export class EdgeSum {
  accepted = 0;
  taken = 0;
  dropped = 0;
  unpaired = 0;
  discarded = 0;
  passedBy = 0;
  queued = 0;
  /** The highest of all. */
  highWater = 0;

  add(queue: BoundedQueue, isOver: boolean): void {
    this.accepted += queue.accepted;
    this.taken += queue.taken;
    this.dropped += queue.dropped;
    this.unpaired += queue.unpaired;
    this.discarded += queue.discarded;
    this.passedBy += queue.passedBy;
    if (queue.highWater > this.highWater) this.highWater = queue.highWater;
    if (!isOver) this.queued += queue.size;
  }

  /** Leaves out what had passed before; what was queued then counts as accepted since. */
  leaveOut(queue: BoundedQueue): void {
    this.accepted -= queue.accepted - queue.size;
    this.taken -= queue.taken;
    this.dropped -= queue.dropped;
    this.unpaired -= queue.unpaired;
    this.discarded -= queue.discarded;
    this.passedBy -= queue.passedBy;
  }
}

/** The counters of several pipelines of one graph. */
export class Sum {
  readonly nodes: readonly NodeSum[];
  /** In the order in which a summary lists them: by the node they lead to. */
  readonly edges: readonly EdgeSum[];

  constructor(nodes: readonly NodeSum[], edges: readonly EdgeSum[]) {
    this.nodes = nodes;
    this.edges = edges;
  }

  static empty(nodes: number, edges: number): Sum {
    return new Sum(
      Array.from({ length: nodes }, () => new NodeSum()),
      Array.from({ length: edges }, () => new EdgeSum()),
    );
  }

  copy(): Sum {
    return new Sum(
      this.nodes.map((node) => Object.assign(new NodeSum(), node)),
      this.edges.map((edge) => Object.assign(new EdgeSum(), edge)),
    );
  }

  /** Adds a pipeline; of one that is over, nothing is queued or in flight any more. */
  add(processors: readonly Processor[], isOver: boolean): void {
    let place = 0;
    for (const [index, node] of processors.entries()) {
      (this.nodes[index] as NodeSum).add(node, isOver);
      for (const queue of node.inputs) (this.edges[place++] as EdgeSum).add(queue, isOver);
    }
  }

  /** Leaves out what a pipeline has done up to now. */
  leaveOut(processors: readonly Processor[]): void {
    let place = 0;
    for (const [index, node] of processors.entries()) {
      (this.nodes[index] as NodeSum).leaveOut(node);
      for (const queue of node.inputs) (this.edges[place++] as EdgeSum).leaveOut(queue);
    }
  }
}
