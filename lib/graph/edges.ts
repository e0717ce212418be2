import { isRecord } from './aliases.ts';
import { EDGE_KEYS, type ReadEdgeOptions, readEdgeOptions } from './edge-options.ts';
import { checkOptionLimits } from './limiting.ts';
import type { Limits } from './limits.ts';
import { quoted } from './names.ts';
import type { EdgeDraft } from './planning.ts';
import type { Registry } from './registered.ts';
import type { Report } from './report.ts';
import { reportUnknownKeys } from './unknown-keys.ts';
import { shown } from './values.ts';

/**
 * The edges of a definition, reporting those that lead nowhere, or nowhere new.
 *
 * @param indexOf the places of the nodes by name
 */
export function readEdges(
  graph: Readonly<Record<string, unknown>>,
  indexOf: ReadonlyMap<string, number>,
  registry: Registry,
  limits: Limits | undefined,
  report: Report,
): EdgeDraft[] {
  const names = [...indexOf.keys()];
  const edges: EdgeDraft[] = [];
  for (const [fromName, targets] of Object.entries(graph)) {
    const path = `graph.${fromName.slice(0, 60)}`;
    const from = indexOf.get(fromName);
    if (from === undefined) {
      report(
        'unknown-node',
        path,
        (suggest) => `there is no node ${quoted(fromName)}.${suggest(fromName, names)}`,
      );
    }
    if (targets === null) continue;
    if (!Array.isArray(targets)) {
      report('not-an-edge', path, `is ${shown(targets)}, must be a list of node names, or null for a sink`);
      continue;
    }
    const seen = new Set<number>();
    for (const [position, target] of (targets as readonly unknown[]).entries()) {
      const edge = readEdge(target, `${path}[${position}]`, names, indexOf, registry, limits, report);
      if (edge === undefined || from === undefined) continue;
      if (edge.to === from && !edge.options.feedback)
        report('self-edge', edge.path, `${quoted(fromName)} leads to itself`);
      else if (seen.has(edge.to)) {
        report(
          'duplicate-edge',
          edge.path,
          `there is an edge from ${quoted(fromName)} to ${quoted(edge.toName)} already`,
        );
      } else edges.push({ from, to: edge.to, ...edge.options });
      seen.add(edge.to);
    }
  }
  return edges;
}

interface ReadEdge {
  readonly to: number;
  readonly toName: string;
  readonly options: ReadEdgeOptions;
  readonly path: string;
}

function readEdge(
  target: unknown,
  path: string,
  names: readonly string[],
  indexOf: ReadonlyMap<string, number>,
  registry: Registry,
  limits: Limits | undefined,
  report: Report,
): ReadEdge | undefined {
  const fields = isRecord(target) ? target : { to: target };
  reportUnknownKeys(
    fields,
    EDGE_KEYS,
    (key) => `${path}.${key}`,
    report,
    'there is no such option of an edge',
  );
  const { to } = fields;
  if (typeof to !== 'string') {
    report('not-an-edge', path, `leads to ${shown(to)}, must be a node name or { to: a node name }`);
    return undefined;
  }
  const options = readEdgeOptions(fields, path, registry, report);
  checkOptionLimits(
    { queueSize: options.queueSize as number },
    (option) => `${path}.${option}`,
    limits,
    report,
  );
  const index = indexOf.get(to);
  if (index === undefined) {
    report('unknown-node', path, (suggest) => `there is no node ${quoted(to)}.${suggest(to, names)}`);
    return undefined;
  }
  return { to: index, toName: to, options, path };
}
