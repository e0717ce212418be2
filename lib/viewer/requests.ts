import type { GraphIndex } from './graph.ts';
import type { Selection } from './pages.ts';
import type { PauseRequest } from './protocol.ts';
import type { Scene } from './view.ts';

/** What a page wants to be told of; `undefined` if it is not there. */
export function readSelection(query: string, { graph, followed, only }: Scene): Selection | undefined {
  const asked = new URLSearchParams(query);
  const [id, name] = [asked.get('pipeline'), asked.get('node')];
  const run = id === null ? only : followed.running.get(Number(id));
  const node = name === null ? undefined : graph.node(name);
  if (id !== null && run === undefined) return undefined;
  if (name !== null && node === undefined) return undefined;
  return { run, node };
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
