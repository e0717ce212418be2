import { LiveMessage, type Sender } from '../queue/message.ts';
import { joinOrigins, Origin } from '../queue/origin.ts';
import type { Sequence } from './sequence.ts';
import type { Slot } from './slot.ts';

/** The message that stands for those of a batch while they are worked on; its payload is what they carry. */
export class BatchMessage extends LiveMessage<readonly unknown[]> {
  readonly members: readonly LiveMessage[];
  /** Where each of them stands in line. */
  readonly places: readonly Slot[];

  /** @param areRows whether each member is only a frame around the messages of a join's branches */
  constructor(
    members: readonly LiveMessage[],
    places: readonly Slot[],
    areRows: boolean,
    node: Sender & { readonly sequence: Sequence },
  ) {
    const numbers = members.flatMap(({ number, madeFrom }) => (areRows ? (madeFrom ?? number) : number));
    super(
      members.map(({ payload }) => payload),
      originOf(members),
      node.sequence.next(),
      numbers,
      node,
      node.sequence.stamp(),
    );
    this.members = members;
    this.places = places;
  }
}

/** It has no async context: it is worked on in nobody's. If one of them has no caller, there is always one who waits. */
function originOf(members: readonly LiveMessage[]): Origin {
  const origins = members.map(({ origin }) => origin);
  const { roots, owner } = joinOrigins(origins);
  return new Origin(roots, origins.some((origin) => origin.owner === undefined) ? undefined : owner);
}
