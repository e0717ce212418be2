import type { NodePlan } from '../graph/plan.ts';
import { LiveMessage, type Sender } from '../queue/message.ts';
import { Origin } from '../queue/origin.ts';
import type { Watch } from './host.ts';
import { Mailbox, type Ticket } from './mailbox.ts';
import type { Sequence } from './sequence.ts';

/** The source or inlet that a mailbox belongs to. */
interface MailboxNode extends Sender {
  readonly plan: NodePlan;
  readonly watch: Watch;
  readonly sequence: Sequence;
  /** Values that were let go. */
  dropped: number;
}

/** The mailbox of a source or an inlet: of an inlet that sheds load, one with a waiting room. */
export function createMailbox(node: MailboxNode): Mailbox {
  const { kind, name, queueSize, overflow } = node.plan;
  if (kind !== 'inlet' || overflow === 'block') return new Mailbox();
  const shed = (ticket: Ticket): void => {
    node.dropped++;
    if (!node.watch.dropped) return;
    const number = node.sequence.next();
    const origin = new Origin(number, ticket.owner, ticket.scope);
    const message = new LiveMessage(ticket.value, origin, number, undefined, node, node.sequence.stamp());
    node.watch.tellDropped(undefined, name, message);
  };
  return new Mailbox({ name, capacity: queueSize, overflow, shed });
}
