import type { GraphIndex } from './graph.ts';
import type { Selection } from './pages.ts';
import type { Gone, PauseRequest } from './protocol.ts';
import type { Scene } from './view.ts';

/** What a page wants to be told of. What is not there is left out: an address may be older than the graph. */
export function readSelection(query: string, { graph, followed, only }: Scene): Selection {
  const asked = new URLSearchParams(query);
  const [id, name] = [asked.get('pipeline'), asked.get('node')];
  const run = id === null ? undefined : followed.find(Number(id));
  const node = name === null ? undefined : graph.node(name);
  const gone: Gone = {
    node: node === undefined ? name : null,
    pipeline:
      id === null || run !== undefined
        ? null
        : { asked: id.slice(0, 20), one: followed.outcomeOf(Number(id)) ?? null },
  };
  const isGone = gone.node !== null || gone.pipeline !== null;
  return { run: run ?? only, node, gone: isGone ? gone : undefined };
}

/** What a page wants to pause or resume; `undefined` if it cannot be understood. */
export function readPauseRequest(body: string, graph: GraphIndex): PauseRequest | undefined {
  const asked = parsed(body);
  if (typeof asked !== 'object' || asked === null) return undefined;
  const { node, pipeline, paused } = asked as { node?: unknown; pipeline?: unknown; paused?: unknown };
  const place = typeof node === 'string' ? graph.node(node) : undefined;
  if (place === undefined || typeof paused !== 'boolean') return undefined;
  const known = graph.told.nodes[place];
  if (known === undefined || known.kind === 'transform') return undefined;
  if (pipeline === undefined) return { node: known.name, paused };
  return typeof pipeline === 'number' ? { node: known.name, pipeline, paused } : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
