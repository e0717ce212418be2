import type { Run } from './attempt.ts';
import type { AnyIterator, Slot } from './slot.ts';
import type { Unrolling } from './unrolling.ts';

/** Looks at one node at work. */
export interface Probe {
  /** What is called in place of its function, which answers the same. */
  around(run: Run): Run;
  /** What is asked for items in place of an iterable: a source's, an inlet's input, or one that a call has returned. */
  aroundItems(iterator: AnyIterator): AnyIterator;
  /** The node waits for room in the queue of a successor. */
  blocked(): void;
  /** It has room again. */
  freed(): void;
  /** A call, or an item, has taken so many ms. Told only of those that took {@link LONG} or longer, and answered with a promise. */
  tookLong(ms: number): void;
}

/** A node that can be looked at. */
export interface Probed {
  probes: readonly Probe[];
  fn: Run;
  readonly blocked: number;
  readonly unrolling: Unrolling | undefined;
  readonly line: { readonly all: readonly Slot[] };
}

/** Nobody looks at most nodes. */
export const UNWATCHED: readonly Probe[] = [];

/** What nodes call when nobody looks at them, and what stands behind an iterable that somebody looks at. */
const ownRuns = new WeakMap<Probed, Run>();
const ownIterators = new WeakMap<AnyIterator, AnyIterator>();

/** Has a probe look at a node, from its next call and item on. */
export function attachProbe(node: Probed, probe: Probe): void {
  if (!ownRuns.has(node)) ownRuns.set(node, node.fn);
  watch(node, [...node.probes, probe]);
  if (node.blocked > 0) probe.blocked();
}

/** Has it look no more. What it put around calls that run stays until they are over. */
export function detachProbe(node: Probed, probe: Probe): void {
  watch(
    node,
    node.probes.filter((other) => other !== probe),
  );
}

function watch(node: Probed, probes: readonly Probe[]): void {
  const own = ownRuns.get(node) as Run;
  node.probes = probes;
  // An inlet has no function.
  if (own !== undefined) node.fn = probes.reduce((run, probe) => probe.around(run), own);
  for (const slot of node.line.all) slot.watchChanged();
  node.unrolling?.replace(node.line.all, (iterator) =>
    probed(ownIterators.get(iterator) ?? iterator, probes),
  );
}

/** An iterable as the probes of its node have it. */
export function probed(iterator: AnyIterator, probes: readonly Probe[]): AnyIterator {
  if (probes.length === 0) return iterator;
  const watched = probes.reduce((inner, probe) => probe.aroundItems(inner), iterator);
  ownIterators.set(watched, iterator);
  return watched;
}
