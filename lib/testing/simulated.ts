import type { LifeContext, Message } from '../graph/context.ts';
import type { NodePlan } from '../graph/plan.ts';

/** What a node sent in one row; without a message it is a hole. */
export type Row = Message | undefined;
/** A function, whatever it takes. */
export type Fn = (...args: unknown[]) => unknown;
/** What a node's functions find in their context. */
export type Own = Omit<LifeContext, 'state'> & { state: unknown };

/** What a node sends. */
export function messageOf(
  { name }: NodePlan,
  n: number,
  payload: unknown,
  madeFrom: readonly Message[],
): Message {
  const id = `${name}#${n}`;
  const roots = madeFrom.length === 0 ? [id] : [...new Set(madeFrom.flatMap((message) => message.roots))];
  return { id, payload, node: name, timestamp: 0, roots, parents: madeFrom.map((message) => message.id) };
}

export function isValue<T>(value: T): value is NonNullable<T> {
  return value !== undefined && value !== null;
}

export function isIterable(value: unknown): boolean {
  return isValue(value) && (Symbol.asyncIterator in Object(value) || Symbol.iterator in Object(value));
}

export function isGenerator(value: unknown): boolean {
  return /^\[object (Async)?Generator\]$/.test(Object.prototype.toString.call(value));
}
