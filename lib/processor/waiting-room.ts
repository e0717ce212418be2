import type { NodePlan } from '../graph/plan.ts';
import { LiveMessage, type Sender } from '../queue/message.ts';
import { Origin } from '../queue/origin.ts';
import type { Task } from '../support/scheduler.ts';
import { CheckedMailbox } from './checked-mailbox.ts';
import type { Watch } from './host.ts';
import { Mailbox, type Ticket, type WaitingRoom } from './mailbox.ts';
import type { Sequence } from './sequence.ts';

/** The source or inlet that a mailbox belongs to. */
interface MailboxNode extends Sender, Task {
  readonly plan: NodePlan;
  readonly watch: Watch;
  readonly sequence: Sequence;
  /** Values that were let go. */
  dropped: number;
  /** Told of each value that is let go since its caller is gone. */
  withdrawn(): void;
}

/**
 * The mailbox of a source or an inlet: of an inlet that sheds load, one with a waiting room; where what is handed in has to
 * fit a schema, one that refuses what does not.
 */
export function createMailbox(node: MailboxNode): Mailbox {
  const { kind, input, output } = node.plan;
  const room = roomOf(node);
  const discarded = (): void => node.withdrawn();
  if (kind === 'inlet' && input !== undefined)
    return new CheckedMailbox(input, 'input', node, room, discarded);
  if (kind === 'source' && output !== undefined)
    return new CheckedMailbox(output, 'output', node, room, discarded);
  return new Mailbox(room, discarded);
}

function roomOf(node: MailboxNode): WaitingRoom | undefined {
  const { kind, name, queueSize, overflow } = node.plan;
  if (kind !== 'inlet' || overflow === 'block') return undefined;
  const shed = (ticket: Ticket): void => {
    node.dropped++;
    if (!node.watch.dropped) return;
    const number = node.sequence.next();
    const origin = new Origin(number, ticket.owner, ticket.scope);
    const message = new LiveMessage(ticket.value, origin, number, undefined, node, node.sequence.stamp());
    node.watch.tellDropped(undefined, name, message);
  };
  return { name, capacity: queueSize, overflow, shed };
}
