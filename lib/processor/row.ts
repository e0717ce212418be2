import { LiveMessage, type Sender } from '../queue/message.ts';
import { joinOrigins } from '../queue/origin.ts';
import type { Watch } from './host.ts';
import type { Sequence } from './sequence.ts';

/** The node that takes rows. */
export interface RowNode extends Sender {
  readonly sequence: Sequence;
  readonly watch: Watch;
  received: number;
  skipped: number;
  startedAt: number;
}

/** The message that stands for a row. */
export function rowOf(
  node: RowNode,
  payload: Readonly<Record<string, unknown>>,
  messages: readonly LiveMessage[],
): LiveMessage {
  const origin = joinOrigins(messages.map((message) => message.origin));
  origin.owner?.hold(1);
  for (const message of messages) message.origin.owner?.release();
  const numbers = messages.map(({ number }) => number);
  return new LiveMessage(payload, origin, node.sequence.next(), numbers, node, node.sequence.stamp());
}

/** Counts rows that cannot be complete, since branches have holes, and lets go of what their other branches had. */
export function loseRows(node: RowNode, rows: number, messages: readonly LiveMessage[]): void {
  if (node.received === 0) node.startedAt = node.sequence.stamp();
  node.received += rows;
  node.skipped += rows;
  for (const message of messages) {
    if (node.watch.skipped) node.watch.tellSkipped(node.name, message);
    message.origin.owner?.release();
  }
}
