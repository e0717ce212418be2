import { LONGEST_TIMER } from '../support/clock.ts';
import { isRecord } from './aliases.ts';
import { suggestion } from './names.ts';
import type { NodeKind } from './plan.ts';
import type { Report } from './report.ts';
import { isPlain, shown } from './values.ts';

/** A node's `batch`; every field has its value. */
export interface BatchPlan {
  readonly size: number;
  /** In ms; `undefined`: not by time. */
  readonly within: number | undefined;
  readonly scatter: boolean;
}

const FIELDS: Readonly<
  Record<keyof BatchPlan, { readonly fits: (value: unknown) => boolean; readonly wants: string }>
> = {
  size: {
    fits: (value) => Number.isSafeInteger(value) && Number(value) >= 1,
    wants: 'a whole number from 1 on',
  },
  within: {
    fits: (value) => typeof value === 'number' && value >= 0 && value <= LONGEST_TIMER,
    wants: `milliseconds from 0 to ${LONGEST_TIMER}`,
  },
  scatter: { fits: (value) => typeof value === 'boolean', wants: 'true or false' },
};

const FIELD_NAMES = Object.keys(FIELDS) as readonly (keyof BatchPlan)[];

/** Reads a node's `batch`, reporting every field that is unknown or unreadable. */
export function readBatch(value: unknown, path: string, report: Report): BatchPlan | undefined {
  if (!isRecord(value)) {
    report('bad-option', path, `is ${shown(value)}, must be an object with size`);
    return undefined;
  }
  for (const key of isPlain(value) ? Object.keys(value) : []) {
    if (Object.hasOwn(FIELDS, key)) continue;
    report(
      'unknown-option',
      `${path}.${key}`,
      () => `there is no such option.${suggestion(key, FIELD_NAMES)}`,
    );
  }
  const { size, within, scatter = false } = value;
  const written = { size, within, scatter };
  for (const name of FIELD_NAMES) {
    const { fits, wants } = FIELDS[name];
    if (name === 'within' && within === undefined) continue;
    if (!fits(written[name]))
      report('bad-option', `${path}.${name}`, `is ${shown(written[name])}, must be ${wants}`);
  }
  return written as BatchPlan;
}

/** The options of a node that do not go together with `batch`, or not with every one. */
interface BatchOptions {
  batch?: BatchPlan;
  keyBy?: unknown;
  many?: boolean;
}

/**
 * Settles options that cannot both apply: a default gives way to what the node says itself, and what it says itself is
 * reported.
 *
 * @param own what of the options the node says itself
 * @param generates whether its function is a generator function
 */
export function withoutBatchConflicts<O extends BatchOptions>(
  options: O,
  own: BatchOptions,
  generates: boolean,
  path: string,
  report: Report,
): O {
  const { batch, keyBy, many } = options;
  if (batch === undefined) return options;
  const conflicts: Partial<Record<'keyBy' | 'many', string>> = {
    ...(keyBy !== undefined && { keyBy: KEYS }),
    ...(batch.scatter && (many === true || generates) && { many: MANY }),
  };
  if (Object.keys(conflicts).length === 0) return options;
  if (own.batch === undefined) return { ...options, batch: undefined };
  const settled = { ...options };
  for (const [name, why] of Object.entries(conflicts) as ['keyBy' | 'many', string][]) {
    if (own[name] === undefined && !(name === 'many' && generates)) delete settled[name];
    else report('option-not-applicable', path, why);
  }
  return settled;
}

const KEYS =
  'cannot apply together with keyBy: the inputs of a batch are worked on together, whatever their keys';
const MANY =
  'with scatter: true cannot apply to a function that gives many: each input of a batch gets one answer, at its place in an array';

/** A node, as far as it matters where calls and batches meet; nodes are named by their index. */
interface BatchNode {
  readonly name: string;
  readonly kind: NodeKind;
  readonly batch: BatchPlan | undefined;
}

/**
 * Reports every batch that only its size completes, though an inlet leads to it: nobody knows when the next value is
 * handed in.
 *
 * @param next where each node sends anything to
 */
export function checkBatches(
  nodes: readonly BatchNode[],
  next: (node: number) => readonly number[],
  report: Report,
): void {
  const untimed = nodes.flatMap(({ batch }, node) =>
    batch !== undefined && batch.within === undefined ? [node] : [],
  );
  for (const node of untimed) {
    const paths = nodes.flatMap(({ kind }, inlet) => {
      const path = kind === 'inlet' ? pathTo((at) => at === node, inlet, next) : undefined;
      return path === undefined ? [] : [path];
    });
    if (paths[0] === undefined) continue;
    const shownPath = paths[0].map((at) => nodes[at]?.name).join(' -> ');
    report(
      'batch-needs-within',
      `nodes.${nodes[node]?.name}.batch`,
      `needs within, in ms: an inlet leads there (${shownPath}), and what it is handed would wait for others that may never come`,
    );
  }
}

/** The way from an inlet to the first batch through which no `call` can pass, since nothing in it has an answer of its own. */
export function wayIntoBatch(
  nodes: readonly BatchNode[],
  inlet: number,
  next: (node: number) => readonly number[],
): readonly string[] | undefined {
  const gathers = (node: number): boolean => nodes[node]?.batch?.scatter === false;
  if (!nodes.some((_, node) => gathers(node))) return undefined;
  return pathTo(gathers, inlet, next)?.map((node) => nodes[node]?.name as string);
}

/** The shortest path from a node to one that is `found`, both included. */
function pathTo(
  found: (node: number) => boolean,
  start: number,
  next: (node: number) => readonly number[],
): number[] | undefined {
  const cameFrom = new Map<number, number | undefined>([[start, undefined]]);
  for (const node of cameFrom.keys()) {
    if (found(node)) {
      const path: number[] = [];
      for (let at: number | undefined = node; at !== undefined; at = cameFrom.get(at)) path.unshift(at);
      return path;
    }
    for (const to of next(node)) if (!cameFrom.has(to)) cameFrom.set(to, node);
  }
  return undefined;
}
