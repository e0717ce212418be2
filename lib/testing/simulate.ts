import { ProcessorError } from '../error/processor-error.ts';
import type { Message } from '../graph/context.ts';
import type { NodePlan } from '../graph/plan.ts';
import { checkInputs } from '../pipeline/inputs.ts';
import type { InputsOf } from '../pipeline/options.ts';
import { type Plumber, type PlumberParts, partsOf } from '../pipeline/plumber.ts';
import { causeOf } from '../processor/attempt.ts';
import { errorOf, judge, letterOf } from '../processor/failing.ts';
import { type SchemaPhase, validate } from '../processor/validating.ts';
import type { LiveMessage } from '../queue/message.ts';
import type { StandardSchema } from '../support/standard-schema.ts';
import { type Fn, isGenerator, isIterable, isValue, messageOf, type Own, type Row } from './simulated.ts';
import { callsOf } from './simulated-batches.ts';
import { refuseUnknowable, routed, takenBy } from './simulated-edges.ts';
import { retried } from './simulated-retries.ts';

/**
 * The plain sequential interpreter: works out what every sink returns, one node after the other, without queues, time or
 * concurrency. Law 5 says that a pipeline returns the same, for every schedule, as long as the functions depend on their
 * input alone: compare the two. Where a merge or `order: 'completion'` is upstream, compare them as sets, for here a merge
 * takes its inputs one after the other, in the order of `graph`'s keys, and calls complete in the order of their inputs.
 *
 * Sources and `inputs` are read to their end, so they must have one. A function is also called for rows that a join further
 * down does not take since its other branch ended earlier, while a pipeline may have let go of those.
 *
 * A call that fails is tried again at once, as `retry` says. None is timed: where a function never settles, so does this.
 * Schemas are asked. A batch is worked on when it is full, or at the end of its inputs: no `within` is ever over. What would
 * run in a worker thread runs in this one.
 *
 * Rejects with a TypeError if the graph has a feedback edge, or an edge with an `overflow` other than `'block'`: what comes
 * when, and what is dropped, is a matter of the schedule. Rejects with a ProcessorError if a function fails where `onError`
 * does not absorb it.
 *
 * @example
 * import { inlet, Plumber } from 'sluice';
 * import { simulate } from 'sluice/testing';
 *
 * const plumber = new Plumber({
 *   nodes: {
 *     n: inlet<number>(),
 *     even: (n: number) => (n % 2 === 0 ? n : null),
 *     square: async (n: number) => n * n,
 *     both: ({ even, square }: { even: number; square: number }) => [even, square],
 *   },
 *   graph: { n: ['even', 'square'], even: ['both'], square: ['both'] },
 * });
 * console.log(await simulate(plumber, { n: [1, 2, 3, 4] })); // prints: { both: [ [ 2, 4 ], [ 4, 16 ] ] }
 */
export async function simulate<Inlets, Sinks>(
  plumber: Plumber<Inlets, Sinks>,
  inputs: NoInfer<InputsOf<Inlets>> = {} as InputsOf<Inlets>,
  { env }: { readonly env?: unknown } = {},
): Promise<{ [Sink in keyof Sinks]: Sinks[Sink][] }> {
  const parts = partsOf(plumber);
  const { nodes, sinkNames, places } = parts.plan;
  refuseUnknowable(parts.plan);
  checkInputs(inputs, parts.plan);
  const contexts = nodes.map((node) => contextOf(node, parts, env));
  const sent: Row[][] = [];
  const letters: Row[][] = nodes.map(() => []);
  const settingUp: number[] = [];
  try {
    for (const { index, name, setup } of nodes) {
      const context = contexts[index] as Own;
      context.state = await guarded(name, 'setup', undefined, () => (setup as Fn | undefined)?.(context));
      settingUp.push(index);
    }
    for (const node of nodes) {
      const context = contexts[node.index] as Own;
      const given = (inputs as Record<string, unknown>)[node.name] ?? [];
      if (node.kind === 'inlet') sent.push(await rootRows(node, await itemsIn(node, given)));
      else if (node.kind === 'source') sent.push(await rootRows(node, await itemsOf(node, context)));
      else {
        const rows = rowsInto(node, sent, letters);
        sent.push(await transform(node, rows, context, letters[node.index] as Row[]));
      }
    }
  } finally {
    for (const index of settingUp.reverse()) {
      const { name, teardown } = nodes[index] as NodePlan;
      await guarded(name, 'teardown', undefined, () => (teardown as Fn | undefined)?.(contexts[index]));
    }
  }
  const valuesOf = (name: string): unknown[] => {
    const rows = sent[places.get(name) as number] as Row[];
    return rows.flatMap((row) => (row === undefined ? [] : [row.payload]));
  };
  return Object.fromEntries(sinkNames.map((name) => [name, valuesOf(name)])) as never;
}

function contextOf({ name, args }: NodePlan, { options }: PlumberParts, env: unknown): Own {
  const log = options.logger ?? console;
  const { signal } = new AbortController();
  return { args, env: env ?? options.env, state: undefined, node: name, signal, log };
}

/** Each item is a row; null items make none. */
function rootRows(node: NodePlan, items: readonly unknown[]): Promise<Row[]> {
  const send = (payload: unknown, n: number): Message => routed(node, messageOf(node, n, payload, []));
  return guarded(node.name, 'send', undefined, () => items.filter(isValue).map(send));
}

/** What an inlet is given. */
function itemsIn({ name, input }: NodePlan, given: unknown): Promise<unknown[]> {
  return guarded(name, 'run', undefined, () => collect(given, (item) => fitting(input, item, 'input')));
}

async function itemsOf({ name, run, output }: NodePlan, context: Own): Promise<unknown[]> {
  const emitted: unknown[] = [];
  const refusals = new Map<unknown, unknown>();
  const check = (value: unknown): unknown => fitting(output, value, 'output');
  const emit = async (value: unknown): Promise<void> => {
    try {
      emitted.push(await check(value));
    } catch (failure) {
      refusals.set(causeOf(failure), failure);
      throw causeOf(failure);
    }
  };
  return guarded(name, 'run', undefined, async () => {
    try {
      const answer = (run as Fn)({ ...context, emit });
      if (isIterable(answer)) return await collect(answer, check);
      await answer;
      return emitted;
    } catch (error) {
      throw refusals.get(error) ?? error;
    }
  });
}

/** What a schema makes of a value, or a promise of it. */
function fitting(schema: StandardSchema | undefined, value: unknown, phase: SchemaPhase): unknown {
  return schema === undefined || !isValue(value) ? value : validate(schema, value, phase);
}

/** What a node takes, row by row. */
function rowsInto(node: NodePlan, sent: readonly Row[][], letters: readonly Row[][]): Row[] {
  const branches = node.inputs.map((edge, i) => {
    const rows = (edge.isDeadLetter ? letters : sent)[edge.from] as Row[];
    return {
      name: node.keys[i] as string,
      rows: rows.map((row) => takenBy(edge, row)),
    };
  });
  if (node.fanIn === 'single') return branches[0]?.rows ?? [];
  if (node.fanIn === 'merge') return branches.flatMap(({ rows }) => rows).filter(isValue);
  // There is no row beyond the end of the shortest branch.
  const length = Math.min(...branches.map(({ rows }) => rows.length));
  return Array.from({ length }, (_, n) => {
    const parts = branches.flatMap(({ name, rows }) => {
      const message = rows[n];
      return message === undefined ? [] : [[name, message] as const];
    });
    const isComplete =
      parts.length === branches.length || (node.fanIn === 'partial-join' && parts.length > 0);
    const payload = Object.fromEntries(parts.map(([name, message]) => [name, message.payload]));
    const made = parts.map(([, message]) => message);
    return isComplete ? messageOf(node, n, payload, made) : undefined;
  });
}

/** One-to-one nodes keep their input's rows, holes included; the others number their own. */
async function transform(node: NodePlan, rows: readonly Row[], context: Own, letters: Row[]): Promise<Row[]> {
  const sent: Row[] = [];
  for (const { input, members, give } of await callsOf(node, rows, context)) {
    const rows: Row[] = [];
    const values: unknown[] = [];
    if (input !== undefined) {
      const send = (value: unknown): unknown =>
        rows.push(routed(node, messageOf(node, sent.length + rows.length, value, members)));
      try {
        await guarded(node.name, 'keyBy', input, () => void (node.keyBy as Fn | undefined)?.(input.payload));
        const run = (): Promise<void> => give?.(values) ?? call(node, input, context, values);
        await guarded(node.name, 'run', input, run).finally(() =>
          guarded(node.name, 'send', input, () => values.filter(isValue).forEach(send)),
        );
      } catch (error) {
        const { phase, cause, attempts } = error as ProcessorError;
        for (const member of members) {
          const failure = new ProcessorError(node.name, phase, member as LiveMessage, cause, attempts);
          const verdict = judge(node, failure, undefined);
          if (verdict.action === 'fail') throw verdict.error;
          if (verdict.action === 'dead-letter')
            letters.push(messageOf(node, letters.length, letterOf(verdict.error), [member]));
        }
      }
    }
    if (rows.length === 0 && !node.many) rows.push(undefined);
    sent.push(...rows);
  }
  return sent;
}

/** What it had given before it failed counts. */
async function call(node: NodePlan, input: Message, context: Own, values: unknown[]): Promise<void> {
  const { payload } = input;
  const given = node.input === undefined ? payload : await validate(node.input, payload, 'input');
  // A subgraph's inlet.
  if (node.run === undefined) return void values.push(given);
  const full = { ...context, message: input };
  await retried(node.retry, full, values, () => attempt(node, given, full, values));
}

async function attempt(node: NodePlan, given: unknown, context: object, values: unknown[]): Promise<void> {
  const answer = (node.run as Fn)(given, context);
  if (!node.many && isGenerator(answer)) throw new TypeError('it returned a generator; set many: true');
  const value = isIterable(answer) ? answer : await answer;
  if (!isValue(value)) return;
  const check = (item: unknown): unknown => fitting(node.output, item, 'output');
  if (!node.many) values.push(await check(value));
  else if (isIterable(value)) await collect(value, check, values);
  else throw new TypeError('with many: true it must return an iterable');
}

async function collect(
  iterable: unknown,
  check: (item: unknown) => unknown,
  into: unknown[] = [],
): Promise<unknown[]> {
  for await (const item of iterable as AsyncIterable<unknown>) {
    into.push(await check(item));
  }
  return into;
}

async function guarded<T>(
  node: string,
  phase: ProcessorError['phase'],
  input: Message | undefined,
  act: () => T | Promise<T>,
): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw errorOf(node, error, input as LiveMessage | undefined, phase);
  }
}
