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

/** Has a probe look at a node, from its next call and item on. There is no way back: a probe that is done does nothing. */
export function attachProbe(node: Probed, probe: Probe): void {
  node.probes = [...node.probes, probe];
  // An inlet has no function.
  if (node.fn !== undefined) node.fn = probe.around(node.fn);
  node.unrolling?.replace(node.line.all, (iterator) => probe.aroundItems(iterator));
  if (node.blocked > 0) probe.blocked();
}

/** An iterable as the probes of its node have it. */
export function probed(iterator: AnyIterator, probes: readonly Probe[]): AnyIterator {
  let watched = iterator;
  for (const probe of probes) watched = probe.aroundItems(watched);
  return watched;
}
