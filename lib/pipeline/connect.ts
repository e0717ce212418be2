import type { EdgePlan, GraphPlan } from '../graph/plan.ts';
import type { Host } from '../processor/host.ts';
import { Processor } from '../processor/processor.ts';
import { BoundedQueue } from '../queue/bounded-queue.ts';

/** Makes the processors and queues of one run, in the order of the plan. */
export function connect(plan: GraphPlan, run: Host): Processor[] {
  const processors = plan.nodes.map((node) => new Processor(node, run));
  const at = (place: number): Processor => processors[place] as Processor;
  const queues = plan.edges.map(
    ({ from, to, capacity, carriesHoles }) =>
      new BoundedQueue(at(from), at(to), capacity, carriesHoles, run.watch),
  );
  const queuesOf = (edges: readonly EdgePlan[]): BoundedQueue[] =>
    edges.map(({ index }) => queues[index] as BoundedQueue);
  for (const processor of processors) {
    processor.attach(queuesOf(processor.plan.outputs));
    processor.connect(queuesOf(processor.plan.inputs));
  }
  return processors;
}
