import type { Message } from '../graph/context.ts';
import type { NodePlan } from '../graph/plan.ts';
import { asPromise } from '../processor/iterate.ts';
import { type Fn, isGenerator, isValue, messageOf, type Own, type Row } from './simulated.ts';
import { retried } from './simulated-retries.ts';

/** A call of a node's function; without an input it is a hole. */
export interface Call {
  readonly input: Row;
  /** What the input stands for: several messages in a batch. */
  readonly members: readonly Message[];
  /** Adds to `values` what is sent for it. */
  readonly give?: (values: unknown[]) => Promise<void>;
}

/** One for each row, or for each batch. With `scatter` it is made here, and each row gets its part of the answer. */
export async function callsOf(node: NodePlan, rows: readonly Row[], context: Own): Promise<Call[]> {
  const single = (input: Row): Call => ({ input, members: input === undefined ? [] : [input] });
  const { batch } = node;
  if (batch === undefined) return rows.map(single);
  const inputs = rows.filter(isValue);
  const batches = Array.from({ length: Math.ceil(inputs.length / batch.size) }, (_, n) =>
    inputs.slice(n * batch.size, (n + 1) * batch.size),
  ).map((members): Call => {
    const payload = members.map((member) => member.payload);
    return { input: messageOf(node, 0, payload, members), members };
  });
  if (!batch.scatter) return batches;
  const answers = new Map<Message, Call['give']>();
  for (const { input, members } of batches) {
    const elements = await settled(() => scatterAgain(node, input as Message, context));
    for (const [place, member] of members.entries())
      answers.set(member, async (values) => {
        const value = await (await elements())[place];
        if (isGenerator(value)) throw new TypeError('an element of it is a generator');
        if (isValue(value)) values.push(value);
      });
  }
  return rows.map((row) => ({
    ...single(row),
    ...(row && { give: answers.get(row) as NonNullable<Call['give']> }),
  }));
}

async function scatterAgain(node: NodePlan, input: Message, context: Own): Promise<readonly unknown[]> {
  let answer: readonly unknown[] = [];
  await retried(node.retry, { ...context, message: input }, [], async () => {
    answer = await scatter(node, input, context);
  });
  return answer;
}

async function scatter({ run }: NodePlan, input: Message, context: Own): Promise<readonly unknown[]> {
  const answer = await (run as Fn)(input.payload, { ...context, message: input });
  if (Array.isArray(answer) && answer.length === (input.payload as readonly unknown[]).length) {
    // Each is looked at in its turn.
    for (const element of answer) asPromise(element)?.catch(() => {});
    return answer;
  }
  throw new TypeError('with scatter: true it must return an array with one element for each input');
}

/** What a promise comes to, to be asked for later. */
async function settled<T>(act: () => Promise<T>): Promise<() => Promise<T>> {
  const [outcome] = await Promise.allSettled([act()]);
  return async () => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value;
  };
}
