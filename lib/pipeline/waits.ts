import type { Wait } from '../error/stall-error.ts';
import { DeadLetterOutlet } from '../processor/dead-letter-outlet.ts';
import { Processor } from '../processor/processor.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';

/** What a node waits for, seen from who could put an end to it. */
interface Waiting {
  readonly wait: Wait;
  /** Those of whom one has to move; `undefined` stands for somebody outside. */
  readonly wakers: readonly (Processor | undefined)[];
}

/** Why a node does not move: nothing, where it is at work, has ended, or takes from outside. */
export function waitsOf(node: Processor): Wait[] {
  return waitingsOf(node).map(({ wait }) => wait);
}

/**
 * The circle in which nodes wait for each other, if there are some that can be woken by nobody else. Only where no function
 * runs and no task stands in line.
 */
export function findStall(nodes: readonly Processor[]): Wait[] | undefined {
  const asleep = findAsleep(nodes);
  const [first] = asleep.keys();
  return first === undefined ? undefined : [...circleFrom(first, asleep).values()];
}

/**
 * A node that waits for others to fill its batch, though none can come before it begins: whatever could bring one waits
 * itself, in the end for this one. One for which nobody waits is left to be filled once the others go on.
 */
export function findLastBatch(nodes: readonly Processor[]): Processor | undefined {
  const asleep = findAsleep(nodes);
  const first = nodes.find((node) => node.canFlush && asleep.has(node));
  if (first === undefined) return undefined;
  const circle = circleFrom(first, asleep);
  return nodes.find((node) => node.canFlush && circle.has(node)) ?? first;
}

/** Nodes that wait, and that none but one of them could wake. Only where no task stands in line. */
function findAsleep(nodes: readonly Processor[]): Map<Processor, readonly Waiting[]> {
  const asleep = new Map<Processor, readonly Waiting[]>();
  for (const node of nodes) {
    const waitings = node.isAtWork ? [] : waitingsOf(node);
    if (waitings.length > 0) asleep.set(node, waitings);
  }
  // Room is waited for downstream and input upstream: in these two orders, a chain wakes up in one go.
  const order = [...asleep.keys()];
  for (let before = -1; before !== asleep.size; ) {
    before = asleep.size;
    for (const node of order) wakeIfPossible(node, asleep);
    for (const node of order.toReversed()) wakeIfPossible(node, asleep);
  }
  return asleep;
}

function wakeIfPossible(node: Processor, asleep: Map<Processor, readonly Waiting[]>): void {
  // Somebody outside never is asleep.
  const isAwake = ({ wakers }: Waiting): boolean => wakers.some((waker) => !asleep.has(waker as Processor));
  const waitings = asleep.get(node);
  if (waitings === undefined) return;
  // What was sent has to be accepted by all; any input may be what is missing, or the end of it all.
  const isWoken = waitings[0]?.wait.for === 'room' ? waitings.every(isAwake) : waitings.some(isAwake);
  if (isWoken) asleep.delete(node);
}

function circleFrom(
  start: Processor,
  asleep: ReadonlyMap<Processor, readonly Waiting[]>,
): ReadonlyMap<Processor, Wait> {
  const path = new Map<Processor, Wait>();
  let node = start;
  while (!path.has(node)) {
    const waitings = asleep.get(node) as readonly Waiting[];
    const of = ({ wakers }: Waiting): Processor | undefined =>
      wakers.find((waker) => asleep.has(waker as Processor));
    const waiting = waitings.find((each) => of(each) !== undefined) as Waiting;
    path.set(node, waiting.wait);
    node = of(waiting) as Processor;
  }
  const steps = [...path];
  return new Map(steps.slice(steps.findIndex(([passed]) => passed === node)));
}

function waitingsOf(node: Processor): Waiting[] {
  if (node.hasEnded) return [];
  if (node.blocked > 0) {
    const queues = [...node.queues, ...(node.deadLetters?.queues ?? [])];
    const full = queues.filter(({ isWaitedFor }) => isWaitedFor);
    return full.map((queue) => waiting(node, queue, 'room', [queue.consumer]));
  }
  const empty = node.inputs.filter(({ hasNext, isOver }) => !hasNext && !isOver);
  const what = node.gathered > 0 ? 'batch' : 'input';
  const waitings = empty.map((queue) => waiting(node, queue, what, [queue.producer]));
  const round = node.fullRound;
  if (round === undefined) return waitings;
  const others = round.nodes.filter((other) => other !== node);
  return [waiting(node, round.queue, 'loop', others), ...waitings];
}

function waiting(
  node: Processor,
  queue: BoundedQueue,
  what: Wait['for'],
  wakers: readonly object[],
): Waiting {
  const { producer, consumer, size, capacity } = queue;
  const most = what === 'batch' ? (node.plan.batch?.size ?? 0) : capacity;
  return {
    wait: {
      ...{ node: node.name, from: producer.name, to: consumer.name },
      ...{ for: what, queued: what === 'batch' ? node.gathered : size, queueSize: most },
    },
    wakers: wakers.map(nodeOf),
  };
}

/** The node that somebody at an end of a queue is; a reader is somebody outside. */
function nodeOf(end: object): Processor | undefined {
  const node = end instanceof DeadLetterOutlet ? end.node : end;
  return node instanceof Processor ? node : undefined;
}
