import type { Message } from '../graph/context.ts';
import type { AnyFunction } from '../graph/definition.ts';
import type { EdgePlan, GraphPlan, NodePlan } from '../graph/plan.ts';
import { asPromise } from '../processor/iterate.ts';
import { deepFreeze } from '../support/freeze.ts';

type When = (value: unknown, message: Message) => unknown;

/**
 * Refuses a graph of which no plain interpreter can know what it returns.
 *
 * @throws TypeError
 */
export function refuseUnknowable({ nodes, edges }: GraphPlan): void {
  for (const { from, to, feedback, overflow } of edges) {
    const edge = `${nodes[from]?.name} -> ${nodes[to]?.name}`;
    if (feedback) {
      throw new TypeError(
        `simulate works out one node after the other: it cannot follow the feedback edge ${edge}`,
      );
    }
    if (overflow !== 'block') {
      throw new TypeError(
        `simulate has no queues: it cannot know what overflow: '${overflow}' drops on the edge ${edge}`,
      );
    }
  }
}

/** What each edge gets of a message that not all of them get as it is; without it they do not take it. */
const parcels = new WeakMap<Message, ReadonlyMap<EdgePlan, Message>>();

/** Asks the conditions of all edges once, and makes all copies, as a pipeline does when it sends. */
export function routed({ outputs, fanOut }: NodePlan, message: Message): Message {
  if (fanOut === 'freeze') deepFreeze(message.payload);
  const takers = outputs.filter(({ when }) => when === undefined || says(when, message));
  const copies = takers.map((edge, place): [EdgePlan, Message] => {
    const isCopy = fanOut === 'clone' && place < takers.length - 1;
    return [edge, isCopy ? { ...message, payload: structuredClone(message.payload) } : message];
  });
  parcels.set(message, new Map(copies));
  return message;
}

function says(when: AnyFunction, message: Message): boolean {
  const answer = (when as When)(message.payload, message);
  const promise = asPromise(answer);
  promise?.catch(() => {});
  if (promise !== undefined) throw new TypeError('`when` returned a promise, must be true or false');
  return Boolean(answer);
}

/** What an edge gets of a row. Dead letters are nobody's but its. */
export function takenBy(edge: EdgePlan, row: Message | undefined): Message | undefined {
  if (row === undefined || edge.isDeadLetter) return row;
  return parcels.get(row)?.get(edge);
}
