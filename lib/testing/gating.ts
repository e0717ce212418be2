import type { SourceContext } from '../graph/context.ts';
import type { AnyFunction } from '../graph/definition.ts';
import type { GraphPlan, NodePlan } from '../graph/plan.ts';
import { asPromise } from '../processor/iterate.ts';
import type { Schedule } from './schedule.ts';
import { show } from './show.ts';

type Run = (input: unknown, context: unknown) => unknown;

/** The same plan, in which every item of a source and every call's begin and end waits for the schedule. */
export function gatedPlan(plan: GraphPlan, schedule: Schedule): GraphPlan {
  const nodes = plan.nodes.map((node): NodePlan => {
    if (node.run === undefined) return node;
    const to = targetsOf(node, plan);
    const run = node.kind === 'source' ? gatedSource(node, to, schedule) : gatedCall(node, to, schedule);
    // In this thread, where it can be told when to go on.
    return { ...node, run: run as AnyFunction, worker: undefined };
  });
  return { ...plan, nodes };
}

/** What an inlet is fed from, each item of which waits. */
export function gatedInput(
  name: string,
  items: unknown,
  plan: GraphPlan,
  schedule: Schedule,
): AsyncIterable<unknown> {
  const node = plan.nodes[plan.places.get(name) ?? -1];
  const to = node === undefined ? '' : targetsOf(node, plan);
  return gatedItems(items, (item) => `${name} receives ${show(item)}${to}`, schedule);
}

function gatedSource({ name, run }: NodePlan, to: string, schedule: Schedule) {
  const sends = (item: unknown): string => `${name} sends ${show(item)}${to}`;
  return (context: SourceContext): unknown => {
    const { args, env, state, node, log, signal } = context;
    const emit = async (value: unknown): Promise<void> => {
      await schedule.point(sends(value));
      await context.emit(value);
    };
    const answer = (run as (context: SourceContext) => unknown)({
      args,
      env,
      state,
      node,
      log,
      signal,
      emit,
    });
    return isIterable(answer) ? gatedItems(answer, sends, schedule) : answer;
  };
}

function gatedCall({ name, run, many, batch }: NodePlan, to: string, schedule: Schedule): Run {
  return async (input, context) => {
    await schedule.point(`${name} takes ${show(input)}`);
    schedule.running++;
    let answer: unknown;
    try {
      answer = await (run as unknown as Run)(input, context);
    } catch (error) {
      schedule.running--;
      await schedule.point(`${name} fails on ${show(input)}: ${show(error)}`);
      throw error;
    }
    schedule.running--;
    if (batch?.scatter === true) keepElements(answer);
    const gives = (item: unknown): string => `${name} gives ${show(item)}${to}`;
    if (many && isIterable(answer)) return gatedItems(answer, gives, schedule);
    const isSkip = answer === null || answer === undefined;
    await schedule.point(isSkip ? `${name} is done with ${show(input)}` : gives(answer));
    return answer;
  };
}

/** Of what is scattered, an element that is a promise is looked at only when the schedule says so. */
function keepElements(answer: unknown): void {
  for (const element of Array.isArray(answer) ? answer : []) asPromise(element)?.catch(() => {});
}

async function* gatedItems(
  items: unknown,
  label: (item: unknown) => string,
  schedule: Schedule,
): AsyncGenerator<unknown> {
  for await (const item of items as AsyncIterable<unknown>) {
    await schedule.point(label(item));
    yield item;
  }
}

/** Where its edges lead, as it is printed. */
function targetsOf({ outputs }: NodePlan, { nodes }: GraphPlan): string {
  const names = outputs.map(({ to }) => nodes[to]?.name);
  return names.length === 0 ? '' : ` -> ${names.join(', ')}`;
}

function isIterable(value: unknown): boolean {
  if (typeof value === 'string') return true;
  return (
    typeof value === 'object' && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value)
  );
}
