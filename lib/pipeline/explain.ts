import { describeWait, type Wait } from '../error/stall-error.ts';
import { Processor } from '../processor/processor.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import { Reader } from './reader.ts';
import { waitsOf } from './waits.ts';

/** What a pipeline is doing at one moment; as text by `toString()`, as plain JSON but for that. */
export interface Explanation {
  readonly nodes: Readonly<Record<string, NodeActivity>>;
  readonly edges: readonly EdgeFill[];
  /** Where messages are held up: queues before it are full, and those after it are not. Absent where no queue is full. */
  readonly bottleneck?: Bottleneck;
  /** One line for each node, each edge, and the bottleneck. */
  toString(): string;
}

/** What one node is doing. */
export interface NodeActivity {
  /**
   * `'running'`: calls, or items of iterables, have not been answered. `'waiting'`: for room, or for input. `'idle'`: it is
   * fed from outside, or not started yet. `'ended'`: it has sent its last message.
   */
  readonly state: 'idle' | 'running' | 'waiting' | 'ended';
  /** Calls, and items asked of iterables, that have not been answered. */
  readonly running: number;
  /** Of a source or an inlet: values handed in that wait to be validated or taken. */
  readonly waiting: number;
  readonly waits: readonly Wait[];
}

/** How full the queue of one edge is, or of one reader. */
export interface EdgeFill {
  readonly from: string;
  readonly to: string;
  readonly queued: number;
  readonly queueSize: number;
}

/** Where messages are held up. */
export interface Bottleneck {
  /** A node, or a reader by its name. */
  readonly node: string;
  readonly why: string;
}

export function explain(nodes: readonly Processor[]): Explanation {
  const bottleneck = findBottleneck(nodes);
  const queues = nodes.flatMap((node) => [...node.inputs, ...readersOf(node)]);
  const activities = nodes.map((node) => [node.name, activityOf(node)] as const);
  const explanation = {
    nodes: Object.fromEntries(activities),
    edges: queues.map(fillOf),
    ...(bottleneck !== undefined && { bottleneck }),
  };
  // Not a property that is counted: what is left is plain data.
  return Object.defineProperty(explanation, 'toString', { value: () => textOf(explanation) });
}

function activityOf(node: Processor): NodeActivity {
  const { running, mailbox } = node;
  const counts = { running, waiting: mailbox?.size ?? 0 };
  const waits = waitsOf(node);
  if (node.hasEnded) return { state: 'ended', ...counts, waits };
  if (running > 0)
    return { state: 'running', ...counts, waits: waits.filter((wait) => wait.for !== 'input') };
  return { state: waits.length > 0 ? 'waiting' : 'idle', ...counts, waits };
}

const isFull = ({ size, capacity }: BoundedQueue): boolean => size === capacity;

/**
 * The last node, in the direction of the data, before which a queue is full, and that waits for no room itself; or, if that
 * is a join that waits for a slower branch, what that branch waits for.
 */
function findBottleneck(nodes: readonly Processor[]): Bottleneck | undefined {
  for (const node of nodes.toReversed()) {
    const reader = readersOf(node).find(({ isWaitedFor }) => isWaitedFor);
    if (reader !== undefined)
      return { node: reader.consumer.name, why: `${fillText(fillOf(reader))}, and it is not read` };
    const full = node.inputs.filter(isFull);
    if (full.length === 0 || node.blocked > 0) continue;
    const slower = missing(node);
    if (slower !== undefined)
      return {
        node: lastMissing(slower).producer.name,
        why: `${node.name} waits for it: ${fillsOf([slower])}; full beside it: ${fillsOf(full)}`,
      };
    const after = node.queues.length === 0 ? 'nothing comes after it' : `after it: ${fillsOf(node.queues)}`;
    return { node: node.name, why: `full before it: ${fillsOf(full)}; ${after}` };
  }
  return undefined;
}

/** The queue that a node waits for, if it has nothing to do until something comes there. */
function missing(node: Processor): BoundedQueue | undefined {
  if (node.running > 0 || node.blocked > 0) return undefined;
  return node.inputs.find(({ hasNext, isOver }) => !hasNext && !isOver);
}

/** From a queue that is waited for, against the direction of the data, the first whose producer does not wait for input itself. */
function lastMissing(queue: BoundedQueue): BoundedQueue {
  // A loop comes back to where it was.
  const passed = new Set<BoundedQueue>();
  let last: BoundedQueue | undefined = queue;
  while (last !== undefined && !passed.has(last)) {
    passed.add(last);
    last = last.producer instanceof Processor ? missing(last.producer) : undefined;
  }
  return [...passed].at(-1) as BoundedQueue;
}

/** The queues of those who read what it returns, or its dead letters. */
function readersOf(node: Processor): BoundedQueue[] {
  const queues = [...node.queues, ...(node.deadLetters?.queues ?? [])];
  return queues.filter(({ consumer }) => consumer instanceof Reader);
}

function fillOf({ producer, consumer, size, capacity }: BoundedQueue): EdgeFill {
  return { from: producer.name, to: consumer.name, queued: size, queueSize: capacity };
}

function fillsOf(queues: readonly BoundedQueue[]): string {
  return queues.map(fillOf).map(fillText).join(', ');
}

function fillText({ from, to, queued, queueSize }: EdgeFill): string {
  return `${from} -> ${to} (${queued}/${queueSize})`;
}

function textOf({ nodes, edges, bottleneck }: Omit<Explanation, 'toString'>): string {
  const lines = Object.entries(nodes).map(([name, activity]) => {
    const waiting = activity.waiting > 0 ? `; ${activity.waiting} values wait for ${name}` : '';
    return `${doingOf(name, activity)}${waiting}`;
  });
  const last = bottleneck === undefined ? [] : [`bottleneck: ${bottleneck.node}, ${bottleneck.why}`];
  return [...lines, ...edges.map(fillText), ...last].join('\n');
}

function doingOf(name: string, { state, running, waits }: NodeActivity): string {
  if (waits.length > 0) return waits.map(describeWait).join('; ');
  if (state === 'running') return `${name} runs ${running}`;
  return `${name} is ${state === 'idle' ? 'idle' : 'over'}`;
}
