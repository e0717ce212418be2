import fc from 'fast-check';
import type { LaneNode } from '../../lib/graph/lanes.ts';
import type { FanIn } from '../../lib/graph/plan.ts';
import { acyclicDigraphs } from './digraphs.ts';

const fanIns: readonly FanIn[] = ['join', 'join', 'partial-join', 'merge'];

/** Any small graph whose nodes keep or start lanes and join or merge their inputs. */
export const laneGraphs: fc.Arbitrary<LaneNode[]> = acyclicDigraphs(8).chain((graph) =>
  fc
    .array(fc.record({ startsLane: fc.boolean(), fanIn: fc.constantFrom(...fanIns) }), {
      minLength: graph.length,
      maxLength: graph.length,
    })
    .map((kinds) => {
      return graph.map((targets, node): LaneNode => {
        const inputs = graph.flatMap((others, from) => (others.includes(node) ? [{ from }] : []));
        const kind = kinds[node] as (typeof kinds)[number];
        const fanIn = inputs.length < 2 ? 'single' : kind.fanIn;
        const startsLane = kind.startsLane || inputs.length === 0 || fanIn === 'merge';
        return { fanIn, startsLane, inputs, outputs: targets.map((to) => ({ to })) };
      });
    }),
);

/**
 * Law 4, read aloud: which sets of lanes are one, and which of these sets cannot be. Written to be seen to be right, with
 * sets of sets and fixed points; a lane is the node that starts it.
 */
export function bruteLanes(nodes: readonly LaneNode[]): { sets: Set<number>[]; conflicts: Set<number>[] } {
  const laneOf = (node: number): number => {
    const { startsLane, inputs } = nodes[node] as LaneNode;
    return startsLane ? node : laneOf(inputs[0]?.from as number);
  };
  const inputLanes = (node: number): number[] =>
    (nodes[node] as LaneNode).inputs.map(({ from }) => laneOf(from));

  let sets = [...new Set(nodes.map((_, node) => laneOf(node)))].map((lane) => new Set([lane]));
  for (const [node, { fanIn }] of nodes.entries()) {
    if (!fanIn.endsWith('join')) continue;
    const lanes = inputLanes(node);
    const touched = sets.filter((set) => lanes.some((lane) => set.has(lane)));
    sets = [...sets.filter((set) => !touched.includes(set)), new Set(touched.flatMap((set) => [...set]))];
  }
  const setOf = (lane: number): Set<number> => sets.find((set) => set.has(lane)) as Set<number>;

  const ancestorsOf = (lane: number): Set<Set<number>> => {
    const found = new Set<Set<number>>();
    const visit = (one: number): void => {
      for (const set of inputLanes(one).map(setOf)) {
        if (found.has(set)) continue;
        found.add(set);
        set.forEach(visit);
      }
    };
    visit(lane);
    return found;
  };
  const conflicts = sets.filter((set) => {
    if (set.size < 2) return false;
    const ancestors = [...set].map(ancestorsOf);
    const derivesFromItself = ancestors.some((one) => one.has(set));
    const shares = ancestors.some((one, i) =>
      ancestors.slice(i + 1).some((other) => [...one].some((a) => other.has(a))),
    );
    return derivesFromItself || shares;
  });
  return { sets, conflicts };
}
