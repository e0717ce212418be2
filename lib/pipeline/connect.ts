import type { EdgePlan, GraphPlan } from '../graph/plan.ts';
import type { DeadLetterOutlet } from '../processor/dead-letter-outlet.ts';
import type { Host } from '../processor/host.ts';
import { Processor } from '../processor/processor.ts';
import { BoundedQueue } from '../queue/bounded-queue.ts';
import { closeLoops } from './loops.ts';

const NONE: readonly BoundedQueue[] = [];

/** Makes the processors and queues of one run, in the order of the plan. */
export function connect(plan: GraphPlan, run: Host): Processor[] {
  const processors = plan.nodes.map((node) => new Processor(node, run));
  const at = (place: number): Processor => processors[place] as Processor;
  const queues = plan.edges.map(({ index, from, to, capacity, carriesHoles, overflow, isDeadLetter }) => {
    const producer = isDeadLetter ? (at(from).deadLetters as DeadLetterOutlet) : at(from);
    const queue = new BoundedQueue(producer, at(to), capacity, carriesHoles, run.watch, overflow);
    queue.index = index;
    return queue;
  });
  const queuesOf = (edges: readonly EdgePlan[]): readonly BoundedQueue[] =>
    edges.length === 0 ? NONE : edges.map(({ index }) => queues[index] as BoundedQueue);
  for (const processor of processors) {
    processor.attach(queuesOf(processor.plan.outputs));
    processor.connect(queuesOf(processor.plan.inputs));
    const { deadLetterTo } = processor.plan;
    if (deadLetterTo !== undefined)
      (processor.deadLetters as DeadLetterOutlet).connect(queues[deadLetterTo.index] as BoundedQueue);
  }
  closeLoops(plan, processors, queues, run);
  return processors;
}
