import type { StallError, Wait } from 'sluice';
import type { EdgePlan, GraphPlan, NodePlan } from '../../lib/graph/plan.ts';
import { Pipeline } from '../../lib/pipeline/pipeline.ts';
import { PipelineRun } from '../../lib/pipeline/run.ts';
import { planOf, withTraits } from '../graph/problems.ts';
import { turns } from '../support/turns.ts';
import { unlessIdle } from '../support/watchdog.ts';
import { createProbe, inputsOf, type Probe, toDefinition } from './definition.ts';
import { at, type Graph } from './graph.ts';
import { type AnyPipeline, run } from './run.ts';

/** What the check of a graph is not told. */
export interface Secrets {
  /** Of every node without `many` in turn, how many values it gives for each input in turn; `null`: just what it returns. */
  readonly counts: readonly (readonly number[] | null)[];
  /** Of every edge in turn, whether it carries the dead letters of its node in place of what it sends. */
  readonly letters: readonly boolean[];
  /** Of every queue whose edge and node say nothing. */
  readonly queueSize: number;
}

/** What became of a graph. */
export interface Outcome {
  readonly cycle: readonly Wait[] | undefined;
  readonly error: StallError | undefined;
  /** Whether the circle leads by way of dead letters. */
  readonly byLetters: boolean;
  /** What the circle says that was not so, or was not for long. */
  readonly faults: readonly string[];
}

/** Runs a graph to its end or to a stall; throws if it comes to neither. */
export async function outcomeOf(graph: Graph, secrets: Secrets): Promise<Outcome> {
  const probe = createProbe();
  const sound = planOf(toDefinition(graph, probe), { defaults: { queueSize: secrets.queueSize } });
  const watched = new WatchedRun(withSecrets(sound, secrets), inputsOf(graph, probe));
  const pipeline = new Pipeline(watched);
  const { read, fed } = run(graph, pipeline as unknown as AnyPipeline, probe);
  const [done] = await unlessIdle(
    Promise.allSettled([pipeline.done, read, fed]),
    () => stepsOf(probe, watched),
    () => pipeline.explain().toString(),
  );
  const { cycle, byLetters, faults } = watched;
  return { cycle, byLetters, faults, error: done.status === 'rejected' ? done.reason : undefined };
}

const stepsOf = ({ steps }: Probe, { cycle }: WatchedRun): number => steps + (cycle === undefined ? 0 : 1);

/** Looks, when it is told of a stall, whether it is one. */
class WatchedRun extends PipelineRun {
  cycle: readonly Wait[] | undefined;
  byLetters = false;
  readonly faults: string[] = [];

  constructor(plan: GraphPlan, inputs: Record<string, Iterable<unknown>>) {
    super(plan, {}, { inputs });
  }

  override stalled(cycle: readonly Wait[]): void {
    // Asked again, when something was handed in meanwhile.
    if (this.cycle !== undefined) return;
    this.cycle = cycle;
    this.#look(cycle);
    const busy = cycle.filter(({ node }) => this.processor(node).running > 0);
    this.faults.push(...busy.map(({ node }) => `${node} runs`));
    const before = this.#sentBy(cycle);
    void turns(30).then(() => {
      // Nothing is done about it as yet: what can move does.
      this.#look(cycle);
      if (this.#sentBy(cycle) !== before) this.faults.push(`moved on: ${before}, ${this.#sentBy(cycle)}`);
      super.stalled(cycle);
    });
  }

  #look(cycle: readonly Wait[]): void {
    this.faults.push(
      ...cycle.flatMap((wait, i) => this.#faultsOf(wait, cycle[(i + 1) % cycle.length] as Wait)),
    );
  }

  #faultsOf(wait: Wait, next: Wait): string[] {
    const { node, from, to, queued, queueSize } = wait;
    const self = this.processor(node);
    const queues = this.processor(to).inputs.filter(({ producer }) => producer.name === from);
    if (queues.some(({ producer }) => producer !== this.processor(from))) this.byLetters = true;
    const isTrue = queues.some((queue) => {
      if (queue.size !== queued || queue.capacity !== queueSize) return false;
      if (wait.for === 'room') return queue.isWaitedFor && queued === queueSize && self.blocked > 0;
      return wait.for === 'input' && !queue.hasNext && !queue.isOver && self.blocked === 0;
    });
    const leadsOn =
      wait.for === 'room' ? node === from && next.node === to : node === to && next.node === from;
    return isTrue && leadsOn && !self.hasEnded ? [] : [`not so: ${JSON.stringify(wait)}`];
  }

  /** Under `keyBy` a node may take on more while it waits for room, but it sends nothing. */
  #sentBy(cycle: readonly Wait[]): string {
    const { nodes, edges } = this.summary();
    const moved = cycle.map(({ node, from, to }) => {
      const edge = edges.find((each) => each.from === from && each.to === to);
      return `${from} -> ${to} ${edge?.accepted} - ${edge?.taken}, ${node} ${nodes[node]?.sent}`;
    });
    return moved.join('; ');
  }
}

function withSecrets(sound: GraphPlan, { counts, letters }: Secrets): GraphPlan {
  const edges = sound.edges.map(
    (edge): EdgePlan =>
      at(letters, edge.index) && canBeLetters(edge, sound) ? { ...edge, isDeadLetter: true } : edge,
  );
  const changed = (edge: EdgePlan): EdgePlan => edges[edge.index] as EdgePlan;
  const nodes = sound.nodes.map((node) => {
    const outputs = node.outputs.map(changed);
    const deadLetterTo = outputs.find(({ isDeadLetter }) => isDeadLetter);
    const inputs = node.inputs.map(changed);
    const wired = { ...node, inputs, outputs: outputs.filter(({ isDeadLetter }) => !isDeadLetter) };
    const failing: NodePlan =
      deadLetterTo === undefined
        ? wired
        : { ...wired, deadLetterTo, canDeadLetter: true, onError: 'dead-letter' };
    const taking = inputs.some(({ isDeadLetter }) => isDeadLetter) ? takingLetters(failing) : failing;
    const count = at(counts, node.index);
    const isFixed = taking.kind !== 'transform' || taking.many || taking.batch !== undefined;
    return count === null || isFixed ? taking : givingMany(taking, count);
  });
  return { ...sound, nodes: nodes.map(withTraits), edges };
}

/** One for each node, and to a node that takes nothing else. */
function canBeLetters({ index, from, to, when }: EdgePlan, { nodes }: GraphPlan): boolean {
  const [sender, taker] = [nodes[from] as NodePlan, nodes[to] as NodePlan];
  const isLast = sender.outputs.at(-1)?.index === index;
  return (
    isLast &&
    sender.kind === 'transform' &&
    sender.fanOut === 'share' &&
    when === undefined &&
    taker.inputs.length === 1 &&
    taker.batch === undefined
  );
}

type Work = (input: unknown, context: unknown) => unknown;

function takingLetters(node: NodePlan): NodePlan {
  const work = node.run as Work;
  const run = (letter: { input: unknown }, context: unknown): unknown => work(letter.input, context);
  return { ...node, keyBy: undefined, run };
}

/** Gives none, one or several in place of one, which the check has not been told. */
function givingMany(node: NodePlan, counts: readonly number[]): NodePlan {
  const work = node.run as Work;
  let calls = 0;
  const many = function* (value: unknown): Generator<unknown> {
    for (let n = at(counts, calls++); n > 0; n--) yield value;
  };
  const run = (input: unknown, context: unknown): unknown => {
    const answer: unknown = work(input, context);
    return answer instanceof Promise ? answer.then(many) : many(answer);
  };
  return { ...node, many: true, run };
}
