import type { Message } from '../graph/context.ts';
import type { DeadLetter } from '../graph/dead-letters.ts';
import type { AnyFunction, Edge, NodeOptions, NodeSpec } from '../graph/definition.ts';
import type { PlumberOptions } from '../pipeline/options.ts';
import {
  type DeadLetterNode,
  type Flaw,
  flawsOf,
  type Graph,
  judgementOf,
  type Text,
  type TransformNode,
  textOf,
} from './graph-model.ts';

type Run = (input: unknown) => unknown;

const POOL = 'shared';

/** Options that change nothing of what the function is called with. */
export function optionsOf(node: TransformNode): NodeOptions {
  const { judges, retry, timeout, isPooled, fanOut } = node;
  return {
    ...(judges !== undefined && { onError: (_, { payload }) => judgementOf(judges, textOf(payload)) }),
    ...(retry !== undefined && { retry: { attempts: retry.attempts, delay: 0 } }),
    ...(timeout !== undefined && { timeout }),
    ...(isPooled === true && { pool: POOL }),
    ...(fanOut !== undefined && { fanOut }),
  };
}

/** What a Plumber of a graph has to be given. */
export function plumberOptionsOf({ poolSize }: Graph): Pick<PlumberOptions, 'pools'> {
  return poolSize === undefined ? {} : { pools: { [POOL]: { concurrency: poolSize } } };
}

/** A function whose first attempts at an input fail, whatever else has been called meanwhile. */
export function tried(node: TransformNode, run: Run): AnyFunction {
  if (node.retry === undefined) return run;
  // A message is the same for all attempts, and for no other run.
  const attempts = new WeakMap<Message, number>();
  return (input: unknown, { message }: { readonly message: Message }) => {
    const attempt = attempts.get(message) ?? 0;
    attempts.set(message, attempt + 1);
    const text = textOf(input);
    const flaw = flawsOf(node, text)[attempt];
    return flaw === undefined ? run(input) : failing[flaw](text);
  };
}

const failing: Readonly<Record<Flaw, (text: Text) => unknown>> = {
  throw: (text) => {
    throw new Error(text);
  },
  reject: (text) => Promise.reject(new Error(text)),
  never: () => never(),
};

export function never(): Promise<never> {
  return new Promise(() => {});
}

/** A text as a node sends it. */
export function sent({ fanOut }: TransformNode, text: Text | undefined): unknown {
  return fanOut === undefined || text === undefined ? (text ?? null) : [text];
}

/** What leads back from one node to another: everything that has not been there often enough. */
export function loopFrom(name: string, { name: head, back }: TransformNode): Edge[] {
  if (back?.node !== name) return [];
  const { times, queueSize } = back;
  const when = (value: unknown): boolean => textOf(value).split(`${head}(`).length - 1 <= times;
  return [{ to: head, feedback: true, queueSize, when }];
}

/** The node that dead letters go to. */
export function deadLetterSpec({ queueSize, concurrency }: DeadLetterNode): NodeSpec {
  const run = async ({ node, input, attempts }: DeadLetter): Promise<Text> =>
    `${node}!(${textOf(input)})*${attempts}`;
  return { run, queueSize, concurrency };
}

/** What options a node has, in words. */
export function optionWords({ judges, retry, timeout, isPooled, fanOut, back }: TransformNode): string[] {
  const flaws = retry?.flaws.map((list) => list.join(', ') || 'none').join(' or ');
  const size = back?.queueSize === Number.POSITIVE_INFINITY ? '' : `/${back?.queueSize}`;
  return [
    ...(judges === undefined ? [] : [`onError says ${judges.join(' or ')}`]),
    ...(retry === undefined ? [] : [`retry with ${retry.attempts} attempts, flawed: ${flaws}`]),
    ...(timeout === undefined ? [] : [`timeout ${timeout}`]),
    ...(isPooled === true ? ['in the pool'] : []),
    ...(fanOut === undefined ? [] : [`fanOut ${fanOut}`]),
    ...(back === undefined ? [] : [`back from ${back.node}${size} up to ${back.times} times`]),
  ];
}

/** What a graph has beside its nodes, in words. */
export function graphWords({ deadLetter, poolSize }: Graph): string[] {
  return [
    ...(deadLetter === undefined
      ? []
      : [
          `${deadLetter.name} takes dead letters; queueSize ${deadLetter.queueSize}; concurrency ${deadLetter.concurrency}`,
        ]),
    ...(poolSize === undefined ? [] : [`the pool has ${poolSize} places`]),
  ];
}
