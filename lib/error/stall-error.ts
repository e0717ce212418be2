import { SluiceError } from './sluice-error.ts';

/** What one node waits for at the queue of an edge. */
export interface Wait {
  /** Who waits. */
  readonly node: string;
  readonly from: string;
  readonly to: string;
  /**
   * `'room'`: the queue is full, and a message waits at its door. `'input'`: it is empty. `'loop'`: as many messages are
   * in the loop of this feedback edge as its queue holds, so nothing is taken from outside. `'batch'`: it is empty, and the
   * batch that the node gathers is not full.
   */
  readonly for: 'room' | 'input' | 'loop' | 'batch';
  /** Messages in the queue, or in the batch. */
  readonly queued: number;
  /** Messages it holds at most. */
  readonly queueSize: number;
}

/**
 * Nodes wait for each other in a circle, and nobody outside can wake them. No message is lost by it: a larger `queueSize`
 * on an edge of the circle may be all that is wanted.
 */
export class StallError extends SluiceError {
  override readonly name = 'StallError';
  readonly code = 'STALL';
  /** Each node of the circle, and what it waits for: of the next one, and the last of the first. */
  readonly cycle: readonly Wait[];

  constructor(cycle: readonly Wait[]) {
    super(`nothing can move any more: ${cycle.map(describeWait).join('; ')}`);
    this.cycle = cycle;
  }
}

/** A wait in words: `b waits: b -> join is full (1/1)`. */
export function describeWait({ node, from, to, for: what, queued, queueSize }: Wait): string {
  const edge = `${from} -> ${to}`;
  if (what === 'input') return `${node} waits: ${edge} is empty`;
  const fill = `(${queued}/${queueSize})`;
  if (what === 'batch') return `${node} waits: ${edge} is empty, and its batch not full ${fill}`;
  return what === 'room'
    ? `${node} waits: ${edge} is full ${fill}`
    : `${node} waits: the loop of ${edge} is full ${fill}`;
}
