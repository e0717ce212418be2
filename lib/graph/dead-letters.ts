import type { ProcessorError } from '../error/processor-error.ts';
import type { Message } from './context.ts';
import { quoted } from './names.ts';
import type { EdgeDraft, NodeDraft } from './planning.ts';
import type { Report } from './report.ts';
import { shown } from './values.ts';

/** A message whose function failed under `onError: 'dead-letter'`: what a dead-letter node gets as its input. */
export interface DeadLetter<T = unknown> {
  /** The payload it was called with. */
  readonly input: T;
  /** What was thrown is its `cause`. */
  readonly error: ProcessorError;
  /** The node whose function failed. */
  readonly node: string;
  /** How often the function was called, the first time included. */
  readonly attempts: number;
  readonly message: Message<T>;
}

/** The node that a definition's `deadLetter` names, as its place among them; `undefined` if there is none. */
export function readDeadLetterNode(
  name: unknown,
  nodes: readonly { readonly name: string; readonly isInlet: boolean }[],
  report: Report,
): number | undefined {
  if (name === undefined) return undefined;
  if (typeof name !== 'string') {
    report('bad-option', 'deadLetter', `is ${shown(name)}, must be a node's name`);
    return undefined;
  }
  const names = nodes.map((node) => node.name);
  const place = names.indexOf(name);
  if (place < 0) {
    report(
      'unknown-node',
      'deadLetter',
      (suggest) => `there is no node ${quoted(name)}.${suggest(name, names)}`,
    );
  } else if (nodes[place]?.isInlet) {
    report('bad-option', 'deadLetter', `${quoted(name)} is an inlet, must be a node with a function`);
  } else return place;
  return undefined;
}

const PLAIN = { queueSize: undefined, overflow: undefined, when: undefined, feedback: false } as const;

/** Its input is a dead letter and nothing else. */
function checkNoEdges(drafts: readonly NodeDraft[], node: number, report: Report): void {
  const { name, inputs } = drafts[node] as NodeDraft;
  if (inputs.length === 0) return;
  const from = inputs.map((edge) => quoted(drafts[edge.from]?.name ?? '')).join(', ');
  report(
    'dead-letter-with-input',
    `nodes.${name}`,
    `takes dead letters and nothing else, but ${from} lead to it`,
  );
}

/**
 * Settles which nodes may send dead letters, and draws their edges to the dead-letter node. That node and those behind
 * it may not: they would wait for themselves to end.
 */
export function withDeadLetters(
  drafts: readonly NodeDraft[],
  node: number | undefined,
  report: Report,
): NodeDraft[] {
  if (node !== undefined) checkNoEdges(drafts, node, report);
  const behind = node === undefined ? new Set<number>() : reachableFrom(node, drafts);
  const marked = drafts.map((draft, from): NodeDraft => {
    const { onError } = draft;
    const canDeadLetter = onError !== 'fail' && onError !== 'skip' && !behind.has(from);
    const isSent = canDeadLetter && node !== undefined;
    return {
      ...draft,
      canDeadLetter,
      deadLetterTo: isSent ? { ...PLAIN, from, to: node } : undefined,
    };
  });
  if (node === undefined) return marked;
  const inputs = marked.flatMap(({ deadLetterTo }): EdgeDraft[] =>
    deadLetterTo === undefined ? [] : [deadLetterTo],
  );
  const fanIn = inputs.length > 1 ? 'merge' : 'single';
  // A dead letter is no row of the lane in which its node failed.
  return marked.with(node, { ...(marked[node] as NodeDraft), inputs, fanIn, startsLane: true });
}

function reachableFrom(node: number, drafts: readonly NodeDraft[]): Set<number> {
  const reached = new Set([node]);
  for (const at of reached) for (const { to } of (drafts[at] as NodeDraft).outputs) reached.add(to);
  return reached;
}
