import type { GraphPlan } from '../graph/plan.ts';
import type { Host } from '../processor/host.ts';
import { Loop, type LoopQueues, Round } from '../processor/loop.ts';
import { LoopHead } from '../processor/loop-head.ts';
import type { Processor } from '../processor/processor.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import { scheduler } from '../support/scheduler.ts';

/** Makes the loops of one run, once its nodes and queues are connected. */
export function closeLoops(
  plan: GraphPlan,
  processors: readonly Processor[],
  queues: readonly BoundedQueue[],
  run: Host,
): void {
  for (const places of plan.loops) {
    const inLoop = new Set(places);
    const nodesAt = (nodes: readonly number[]): Processor[] =>
      nodes.map((place) => processors[place] as Processor);
    const nodes = nodesAt(places);
    const heads = new Map<Processor, LoopHead>();
    for (const node of nodes) {
      const back = node.plan.inputs.filter(({ feedback }) => feedback);
      const rounds = back.map(({ index, round }) => {
        const isWithin = new Set(round);
        const within = plan.edges.filter(({ from, to }) => isWithin.has(from) && isWithin.has(to));
        return new Round(queues[index] as BoundedQueue, nodesAt(round), queuesOf(within, queues));
      });
      if (rounds.length > 0) heads.set(node, new LoopHead(node.inputs, rounds));
    }
    const loop = new Loop(nodes, queuesOfLoop(plan, inLoop, queues), () => {
      for (const [node, head] of heads) if (head.mayTakeAgain()) scheduler.wake(node);
      // If that was the last move, it has to be found out why.
      run.suspect();
    });
    for (const node of nodes) node.join(loop, heads.get(node));
  }
}

function queuesOfLoop(
  { edges }: GraphPlan,
  inLoop: ReadonlySet<number>,
  queues: readonly BoundedQueue[],
): LoopQueues {
  const leads = (isFrom: boolean, isTo: boolean): BoundedQueue[] =>
    queuesOf(
      edges.filter(({ from, to }) => inLoop.has(from) === isFrom && inLoop.has(to) === isTo),
      queues,
    );
  const back = edges.filter(({ feedback, to }) => feedback && inLoop.has(to));
  return {
    ...{ entries: leads(false, true), exits: leads(true, false), inside: leads(true, true) },
    feedback: queuesOf(back, queues),
  };
}

function queuesOf(
  edges: readonly { readonly index: number }[],
  queues: readonly BoundedQueue[],
): BoundedQueue[] {
  return edges.map(({ index }) => queues[index] as BoundedQueue);
}
