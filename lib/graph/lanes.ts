import { type FanIn, isJoin } from './plan.ts';

/** What lanes depend on; nodes are named by their index. */
export interface LaneNode {
  readonly fanIn: FanIn;
  readonly startsLane: boolean;
  readonly inputs: readonly { readonly from: number }[];
  readonly outputs: readonly { readonly to: number }[];
}

/** A join whose branches number their rows differently though they have a common origin: it could only mis-pair or hang. */
export interface LaneConflict {
  readonly join: number;
  /**
   * Two paths of nodes, from the common origin to where rows are paired. Where they pass lanes that a join made one,
   * they lead along an edge to that join and back against another.
   */
  readonly paths: readonly [readonly number[], readonly number[]];
}

/**
 * A lane is who numbers the rows. It is named by the node that starts it, so a lane is a node's index here.
 * A join makes the lanes it joins one: a class of lanes, kept by union-find.
 */
class Lanes {
  readonly #drafts: readonly LaneNode[];
  /** The lane of each node's rows; a join's is that of its first input. */
  readonly laneOf: number[];
  readonly #parent: number[];
  readonly #pairs: (boolean | undefined)[] = [];

  constructor(drafts: readonly LaneNode[], order: readonly number[]) {
    this.#drafts = drafts;
    this.#parent = drafts.map((_, node) => node);
    this.laneOf = drafts.map((_, node) => node);
    for (const node of order) {
      const { fanIn, startsLane, inputs } = drafts[node] as LaneNode;
      const lanes = inputs.map(({ from }) => this.lane(from));
      if (!startsLane && lanes.length > 0) this.laneOf[node] = lanes[0] as number;
      if (isJoin(fanIn)) for (const lane of lanes) this.#unite(lanes[0] as number, lane);
    }
  }

  lane(node: number): number {
    return this.laneOf[node] as number;
  }

  /** The lanes of a node's inputs: what a lane started there derives from. */
  inputLanes(node: number): number[] {
    return (this.#drafts[node] as LaneNode).inputs.map(({ from }) => this.lane(from));
  }

  /** Whether a node pairs rows of several lanes. Asked again and again in searches, once all lanes are known. */
  pairs(node: number): boolean {
    this.#pairs[node] ??=
      isJoin((this.#drafts[node] as LaneNode).fanIn) && new Set(this.inputLanes(node)).size > 1;
    return this.#pairs[node];
  }

  classOf(lane: number): number {
    let root = lane;
    while (this.#parent[root] !== root) root = this.#parent[root] as number;
    for (let at = lane; at !== root; ) {
      const next = this.#parent[at] as number;
      this.#parent[at] = root;
      at = next;
    }
    return root;
  }

  /** Members by class. */
  classes(): Map<number, number[]> {
    const members = new Map<number, number[]>();
    for (const lane of new Set(this.laneOf)) {
      const id = this.classOf(lane);
      const known = members.get(id);
      if (known === undefined) members.set(id, [lane]);
      else known.push(lane);
    }
    return members;
  }

  #unite(one: number, other: number): void {
    this.#parent[this.classOf(other)] = this.classOf(one);
  }
}

/** The lane that numbers each node's rows, by the index of the node that started it; joined lanes have one name. */
export function laneNames(drafts: readonly LaneNode[], order: readonly number[]): number[] {
  const lanes = new Lanes(drafts, order);
  return drafts.map((_, node) => lanes.classOf(lanes.lane(node)));
}

/** Every class of joined lanes in which one derives from another, or two share an ancestor. */
export function conflictingLanes(drafts: readonly LaneNode[], order: readonly number[]): LaneConflict[] {
  const lanes = new Lanes(drafts, order);
  const classes = lanes.classes();
  const conflicts: LaneConflict[] = [];
  for (const [id, members] of classes) {
    if (members.length < 2) continue;
    const found = commonOrigin(id, members, lanes, classes);
    if (found === undefined) continue;
    const one = [
      ...pathBack(found.lane, found.ancestor, drafts, lanes),
      ...pathOn(found.lane, id, drafts, lanes),
    ];
    // Where a lane derives from its own class, what it is paired with is the lane in which its path begins.
    const back = found.other === undefined ? [] : pathBack(found.other, found.ancestor, drafts, lanes);
    const other = [...back, ...pathOn(found.other ?? (one[0] as number), id, drafts, lanes)];
    conflicts.push({ join: one.at(-1) as number, paths: [one, other] });
  }
  return conflicts;
}

/** Searches the ancestors of all members of a class at once, each marked with the member it was reached from. */
function commonOrigin(
  id: number,
  members: readonly number[],
  lanes: Lanes,
  classes: ReadonlyMap<number, readonly number[]>,
): { ancestor: number; lane: number; other: number | undefined } | undefined {
  const reachedFrom = new Map<number, number>();
  const queue = members.map((lane) => ({ lane, from: lane }));
  for (let head = 0; head < queue.length; head++) {
    const { lane, from } = queue[head] as { lane: number; from: number };
    for (const input of lanes.inputLanes(lane)) {
      const ancestor = lanes.classOf(input);
      if (ancestor === id) return { ancestor, lane: from, other: undefined };
      const earlier = reachedFrom.get(ancestor);
      if (earlier !== undefined && earlier !== from) return { ancestor, lane: earlier, other: from };
      if (earlier === from) continue;
      reachedFrom.set(ancestor, from);
      for (const member of classes.get(ancestor) ?? []) queue.push({ lane: member, from });
    }
  }
  return undefined;
}

/** How a walk came to a node: against an edge, along one, or along one to a join that pairs the lane with others. */
type Arrival = 'start' | 'against' | 'along' | 'paired';
type Step = readonly [node: number, arrival: Arrival];

/**
 * From a node that starts a lane of class `ancestor` to where `lane` starts, that last node left out. Where lanes of a
 * class are passed, the walk may go along one to the join that pairs it, and back against another.
 */
function pathBack(lane: number, ancestor: number, drafts: readonly LaneNode[], lanes: Lanes): number[] {
  const startsLane = (node: number): boolean => lanes.lane(node) === node;
  const next = ([node, arrival]: Step): Step[] => {
    const inputs = (drafts[node] as LaneNode).inputs.map(({ from }): Step => [from, 'against']);
    const turns = arrival === 'along' || (arrival === 'against' && startsLane(node));
    const outputs = turns ? inLane(lanes.lane(node), node, drafts, lanes) : [];
    return [
      ...(arrival === 'along' ? [] : inputs),
      ...outputs.map((to): Step => [to, lanes.pairs(to) ? 'paired' : 'along']),
    ];
  };
  const startsAncestor = ([node, arrival]: Step): boolean =>
    arrival === 'against' && startsLane(node) && lanes.classOf(node) === ancestor;
  return search([lane, 'start'], next, startsAncestor).toReversed().slice(0, -1);
}

/** From where `lane` starts to the join that pairs its rows with those of another lane of class `id`. */
function pathOn(lane: number, id: number, drafts: readonly LaneNode[], lanes: Lanes): number[] {
  const pairsClass = (node: number): boolean =>
    lanes.pairs(node) && lanes.classOf(lanes.inputLanes(node)[0] as number) === id;
  const next = ([node]: Step): Step[] =>
    inLane(lane, node, drafts, lanes).map((to): Step => [to, pairsClass(to) ? 'paired' : 'along']);
  return search([lane, 'start'], next, ([, arrival]) => arrival === 'paired');
}

/** Where a lane goes on to from a node: nodes of the same lane, and joins that pair it with another. */
function inLane(lane: number, node: number, drafts: readonly LaneNode[], lanes: Lanes): number[] {
  return (drafts[node] as LaneNode).outputs
    .map(({ to }) => to)
    .filter((to) => lanes.pairs(to) || lanes.lane(to) === lane);
}

/** Breadth-first: the nodes of the shortest walk from `start` to a step that is `found`, both ends included. */
function search(
  start: Step,
  next: (step: Step) => readonly Step[],
  found: (step: Step) => boolean,
): number[] {
  const steps: { step: Step; cameFrom: number }[] = [{ step: start, cameFrom: -1 }];
  const seen = new Set<string>();
  for (const [index, { step }] of steps.entries()) {
    if (found(step)) {
      const path: number[] = [];
      for (let at = index; at >= 0; at = steps[at]?.cameFrom ?? -1) path.push(steps[at]?.step[0] as number);
      return path.reverse();
    }
    for (const to of next(step)) {
      const key = to.join();
      if (!seen.has(key)) steps.push({ step: to, cameFrom: index });
      seen.add(key);
    }
  }
  return [start[0]];
}
