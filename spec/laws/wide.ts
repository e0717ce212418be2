import { AsyncLocalStorage } from 'node:async_hooks';
import { type Definition, type NodeObject, type NodeSpec, Plumber, type Summary } from '../../lib/index.ts';
import { type RunQueue, scheduler, type Task } from '../../lib/support/scheduler.ts';
import { outcomeOf } from '../../lib/testing/graph-model.ts';
import { type GraphFeatures, simulate, type VirtualClock, virtualClock } from '../../lib/testing/index.ts';
import { RandomGraph } from '../../lib/testing/random-graph.ts';
import { turn } from '../support/turns.ts';
import { at, itemsOf, sinksOf, type TransformNode, textOf } from './graph.ts';

/** All options at once, but for what makes outputs depend on the moment. */
export const determinate: GraphFeatures = {
  ...{ merges: false, completion: false, pools: true, timeouts: true, deadLetters: true },
  // Of others, it is their time that decides what they hold.
  batches: 'scatter',
};

/** All options at once. */
export const wide: GraphFeatures = {
  ...{
    pools: true,
    timeouts: true,
    deadLetters: true,
    loops: true,
    overflows: ['drop-oldest', 'drop-newest'],
  },
};

/** Numbers of what has passed through all graphs of this process. */
export const passed = { graphs: 0, items: 0, messages: 0 };

/** Whose call it is. */
export const storage: AsyncLocalStorage<string> = new AsyncLocalStorage();

type AnyPipeline = ReturnType<Plumber['createPipeline']>;

/** A graph at work in virtual time. */
export interface Running {
  readonly graph: RandomGraph;
  readonly plumber: Plumber;
  readonly pipeline: AnyPipeline;
  readonly clock: VirtualClock;
  readonly watch: Watch;
}

/** What is seen from outside, and in the functions. */
export interface Watch {
  /** Changes whenever anything happens. */
  steps: number;
  /** Called inside of every function before it does anything, with whose input it is. */
  onCall: (text: string) => void;
}

export function start(graph: RandomGraph, { onCall = () => {} }: { onCall?: Watch['onCall'] } = {}): Running {
  const clock = virtualClock();
  const watch: Watch = { steps: 0, onCall };
  const definition = watched(graph.definition, watch);
  const plumber = new Plumber(definition, { ...graph.options, clock });
  const pipeline: AnyPipeline = plumber.createPipeline({ inputs: inputsOf(graph) });
  return { graph, plumber, pipeline, clock, watch };
}

/** Inlets that are pushed to are not fed. */
function inputsOf(graph: RandomGraph): Record<string, Iterable<unknown>> {
  const isFed = (name: string): boolean =>
    graph.nodes.some((node) => node.name === name && node.kind === 'inlet' && node.feed !== 'push');
  return Object.fromEntries(Object.entries(graph.inputs).filter(([name]) => isFed(name))) as Record<
    string,
    Iterable<unknown>
  >;
}

/** The same functions, seen at work. */
function watched(definition: Definition, watch: Watch): Definition {
  const nodes = Object.entries(definition.nodes).map(([name, spec]): [string, NodeSpec] => {
    const run = typeof spec === 'function' ? spec : (spec as NodeObject).run;
    if (typeof run !== 'function' || typeof spec === 'function') return [name, spec];
    const seen = (input: unknown, context: unknown): unknown => {
      watch.steps++;
      if (name !== 'dead') watch.onCall(textOf(input));
      return (run as (...args: unknown[]) => unknown)(input, context);
    };
    return [name, { ...(spec as NodeObject), run: seen }];
  });
  return { ...definition, nodes: Object.fromEntries(nodes) };
}

/** Lets turns of the event loop pass, and virtual time whenever nothing happens, until a promise has settled. */
export async function settle<T>(promise: Promise<T>, { clock, watch, pipeline }: Running): Promise<T> {
  let isSettled = false;
  const end = (): void => {
    isSettled = true;
  };
  promise.then(end, end);
  for (let quiet = 0, idle = 0, seen = -1; !isSettled; quiet++) {
    await turn();
    if (watch.steps !== seen) [quiet, idle, seen] = [0, 0, watch.steps];
    // Nothing here takes more than a turn or two, unless it takes for ever.
    if (quiet > 3 && clock.pending > 0) [quiet, idle] = [0, idle + (await nextTimers(clock))];
    if (quiet > 2000 || idle > 2000)
      throw new Error(`nothing happens any more\n${JSON.stringify(pipeline.metrics(), null, 1)}`);
  }
  return promise;
}

async function nextTimers(clock: VirtualClock): Promise<number> {
  await clock.advance(250);
  return 1;
}

/** What the sinks must return: functions fail at once where they never settle, and their time would be over. */
export function expected(graph: RandomGraph): Promise<Record<string, unknown[]>> {
  return simulate(mortalPlumber(graph), graph.inputs as never);
}

/** The same graph without time. */
export function mortalPlumber(graph: RandomGraph): Plumber {
  const nodes = graph.nodes.map((node) => (node.kind === 'transform' ? mortal(node) : node));
  const { definition, options } = new RandomGraph({ ...graph, nodes });
  const specs = graph.nodes.map((node): [string, unknown] => {
    const spec = definition.nodes[node.name] as NodeObject;
    if (node.kind !== 'transform' || !node.does.includes('never')) return [node.name, spec];
    const run = (input: unknown, context: unknown): unknown => {
      if (outcomeOf(node, textOf(input)) === 'never') throw new Error('its time would be over');
      return (spec.run as (...args: unknown[]) => unknown)(input, context);
    };
    return [node.name, { ...spec, run }];
  });
  const dying = { ...definition, nodes: { ...definition.nodes, ...Object.fromEntries(specs) } };
  return new Plumber(dying as Definition, options);
}

function mortal(node: TransformNode): TransformNode {
  const { retry } = node;
  const flaws = retry?.flaws.map((list) => list.map((flaw) => (flaw === 'never' ? 'reject' : flaw)));
  return retry === undefined || flaws === undefined ? node : { ...node, retry: { ...retry, flaws } };
}

/** Reads all sinks. */
export function read({ graph, pipeline, watch }: Running): {
  outputs: Record<string, unknown[]>;
  end: Promise<PromiseSettledResult<void>[]>;
} {
  const outputs: Record<string, unknown[]> = {};
  const sinks = [...sinksOf(graph), ...(graph.deadLetter === undefined ? [] : [graph.deadLetter.name])];
  const readers = sinks.map(async (name) => {
    const values: unknown[] = [];
    outputs[name] = values;
    for await (const value of pipeline.outputs(name)) {
      values.push(value);
      watch.steps++;
      if (at(graph.readDelays, values.length) === 'turn') await turn();
    }
  });
  return { outputs, end: Promise.allSettled(readers) };
}

/** Counts what has passed. */
export function count(graph: RandomGraph, { edges }: Summary): void {
  passed.graphs++;
  for (const node of graph.nodes) if (node.kind !== 'transform') passed.items += itemsOf(node).length;
  for (const { taken } of edges) passed.messages += taken;
}

/** Nodes and edges whose counters do not add up. */
export function unbalanced({ nodes, edges }: Summary): unknown[] {
  return [
    ...Object.entries(nodes).filter(([, node]) => {
      const { received, processed, skipped, failed, deadLettered, discarded, inFlight } = node;
      return received !== processed + skipped + failed + deadLettered + discarded + inFlight || inFlight < 0;
    }),
    ...edges.filter(({ accepted, taken, queued, dropped, unpaired, discarded }) => {
      return accepted !== taken + queued + dropped + unpaired + discarded || queued < 0;
    }),
  ];
}

/** A line from which anyone may be next: how tasks that are woken follow each other is promised to nobody. */
class AnyOrder implements RunQueue {
  readonly #tasks: Task[] = [];
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  get size(): number {
    return this.#tasks.length;
  }

  push(task: Task): void {
    this.#tasks.push(task);
  }

  shift(): Task | undefined {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    const place = (this.#state >>> 8) % Math.max(1, this.#tasks.length);
    return this.#tasks.splice(place, 1)[0];
  }
}

/** Has tasks follow each other in another order meanwhile; without a seed, in that of their waking. */
export async function inAnyOrder<T>(seed: number | undefined, act: () => Promise<T>): Promise<T> {
  if (seed === undefined) return act();
  const before = scheduler.lineUp(new AnyOrder(seed));
  try {
    return await act();
  } finally {
    scheduler.lineUp(before);
  }
}
