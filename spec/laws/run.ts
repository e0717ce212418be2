import { Plumber } from 'sluice';
import { turns } from '../support/turns.ts';
import { unlessIdle } from '../support/watchdog.ts';
import {
  createProbe,
  inputsOf,
  naturally,
  type Probe,
  tallyOf,
  toDefinition,
  type Wait,
} from './definition.ts';
import { at, type Graph, type InletNode, sinksOf, type Text } from './graph.ts';

export type AnyPipeline = ReturnType<Plumber['createPipeline']>;
export type Summary = Awaited<AnyPipeline['done']>;

/** A graph at work. */
export interface Running {
  readonly plumber: Plumber;
  readonly pipeline: AnyPipeline;
  readonly probe: Probe;
  /** What was read from every sink; complete when `done` and `read` have settled. */
  readonly outputs: Record<string, Text[]>;
  readonly read: Promise<unknown>;
  /** Everything that was pushed has been accepted or refused. */
  readonly fed: Promise<unknown>;
}

/** Starts a graph, with a reader at every sink and everything pushed that is to be pushed. */
export function start(graph: Graph, wait: Wait = naturally): Running {
  const probe = createProbe(wait);
  const plumber = new Plumber(toDefinition(graph, probe));
  const pipeline = plumber.createPipeline({ inputs: inputsOf(graph, probe) });
  return { plumber, pipeline, probe, ...run(graph, pipeline, probe) };
}

/** Reads every sink and pushes everything that is to be pushed. */
export function run(
  graph: Graph,
  pipeline: AnyPipeline,
  probe: Probe,
): Pick<Running, 'outputs' | 'read' | 'fed'> {
  const outputs: Record<string, Text[]> = {};
  const readers = sinksOf(graph).map(async (name) => {
    const values: Text[] = [];
    outputs[name] = values;
    for await (const value of pipeline.outputs(name)) {
      values.push(value as Text);
      probe.steps++;
      await probe.wait(at(graph.readDelays, values.length), `the reader of ${name} has ${value}`);
    }
  });
  const pushed = graph.nodes.filter(
    (node): node is InletNode => node.kind === 'inlet' && node.feed === 'push',
  );
  const feeds = pushed.map((node) => push(node, pipeline, probe));
  const [read, fed] = [Promise.allSettled(readers), Promise.allSettled(feeds)];
  return { outputs, read, fed };
}

/** Runs a graph to its end. */
export async function complete(running: Running): Promise<Summary> {
  const { pipeline, probe, read, fed } = running;
  const end = Promise.all([pipeline.done, read, fed]);
  const [summary] = await unlessIdle(
    end,
    () => probe.steps,
    () => pipeline.metrics(),
  );
  // What is still on its way in microtasks has arrived by then.
  await turns(2);
  return summary;
}

async function push(node: InletNode, pipeline: AnyPipeline, probe: Probe): Promise<void> {
  const inlet = pipeline.inlet(node.name);
  let next = 0;
  for (const [i, isValue] of node.items.entries()) {
    await probe.wait(at(node.delays, i), `${node.name} is pushed to`);
    const tally = tallyOf(probe, node.name);
    probe.onCall(node.name);
    if (isValue) tally.values++;
    try {
      await inlet.push(isValue ? `${node.name}${next++}` : null);
    } catch {
      // Nobody takes anything from it any more.
      if (isValue) tally.refused++;
      return;
    }
    probe.steps++;
  }
  inlet.close();
}
