import { maxMessages, maxWaiting } from './bound.ts';
import { checkLimit, type Limits } from './limits.ts';
import type { ReadNode } from './nodes.ts';
import type { ReadOptions } from './options.ts';
import type { GraphPlan } from './plan.ts';
import type { NodeDraft } from './planning.ts';
import type { Report } from './report.ts';
import type { RetryPlan } from './retry.ts';

/** Reports the options, as a definition has them, that ask for more than the limits allow. */
export function checkOptionLimits(
  { queueSize, concurrency, batch, retry, timeout, pool }: ReadOptions,
  pathOf: (option: string) => string,
  limits: Limits | undefined,
  report: Report,
): void {
  if (limits === undefined) return;
  const check = (name: keyof Limits, value: unknown, path: string, what?: string): void => {
    if (typeof value === 'number') checkLimit(name, value, limits, path, report, what);
  };
  check('queueSize', queueSize, pathOf('queueSize'));
  check('concurrency', concurrency, pathOf('concurrency'));
  check('batchSize', batch?.size, `${pathOf('batch')}.size`);
  check('batchWithin', batch?.within, `${pathOf('batch')}.within`);
  check('retryAttempts', retry?.attempts, `${pathOf('retry')}.attempts`);
  if (retry !== undefined)
    check('retryDelay', longestDelay(retry), pathOf('retry'), 'has a longest delay of');
  check('timeout', timeout, pathOf('timeout'));
  if (typeof pool === 'object') check('priority', pool.priority, `${pathOf('pool')}.priority`);
}

/** The same of all nodes. */
export function checkNodeLimits(
  nodes: readonly ReadNode[],
  limits: Limits | undefined,
  report: Report,
): void {
  for (const { name, options, source } of nodes) {
    const pathOf = (option: string): string => `nodes.${name}.${source?.pathOf(option) ?? option}`;
    checkOptionLimits(options, pathOf, limits, report);
  }
}

/** Before the last of the attempts; a delay that is never waited for is none. */
function longestDelay({ attempts, delay, factor, maxDelay }: RetryPlan): number {
  return attempts < 2 ? 0 : Math.min(maxDelay, delay * factor ** (attempts - 2));
}

/** Options that stand where nobody has said anything: no more than a definition may ask for. */
export function defaultsWithin(limits: Limits | undefined, queueSize: number): ReadOptions {
  return limits === undefined || limits.queueSize >= queueSize ? {} : { queueSize: limits.queueSize };
}

/** Reports a graph that is too large, once what is in the graphs that are its nodes is counted, too. */
export function checkGraphSize(
  nodes: readonly ReadNode[],
  edges: number,
  limits: Limits | undefined,
  report: Report,
): void {
  if (limits === undefined) return;
  const graphs = nodes.flatMap(({ graph }) => (graph === undefined ? [] : [graph]));
  const inner = (size: (graph: GraphPlan) => number): number =>
    graphs.reduce((sum, graph) => sum + size(graph), 0);
  const count = nodes.length - graphs.length + inner((graph) => graph.nodes.length);
  checkLimit('nodes', count, limits, 'nodes', report, 'with those of the graphs among them are');
  checkLimit(
    'edges',
    edges + inner((graph) => graph.edges.length),
    limits,
    'graph',
    report,
    'with those of the graphs among the nodes has edges:',
  );
}

/** Reports a path on which a value is handed on too often. */
export function checkDepth(
  drafts: readonly NodeDraft[],
  order: readonly number[],
  limits: Limits | undefined,
  report: Report,
): void {
  if (limits === undefined) return;
  const depths: number[] = drafts.map(() => 1);
  for (const node of order) {
    const { outputs, deadLetterTo } = drafts[node] as NodeDraft;
    const ahead = [...outputs, ...(deadLetterTo === undefined ? [] : [deadLetterTo])];
    for (const { to, feedback } of ahead) {
      if (!feedback) depths[to] = Math.max(depths[to] as number, (depths[node] as number) + 1);
    }
  }
  const depth = Math.max(...depths);
  checkLimit('depth', depth, limits, 'graph', report, 'has as many nodes on its longest path as');
}

/** Reports a graph in which more messages can be in memory at once than are allowed. */
export function checkMessages(plan: GraphPlan, limits: Limits | undefined, report: Report): void {
  if (limits === undefined) return;
  checkLimit(
    'messages',
    maxMessages(plan) + maxWaiting(plan),
    limits,
    'definition',
    report,
    'can have in memory at once as many messages as',
  );
}
