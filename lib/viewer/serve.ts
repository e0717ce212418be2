import { networkInterfaces } from 'node:os';
import type { Metrics } from '../metrics/index.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Plumber } from '../pipeline/plumber.ts';
import { elapsed } from '../support/clock.ts';
import { readAssets } from './assets.ts';
import { tokenFor } from './guard.ts';
import { listen } from './http.ts';
import { look } from './look.ts';
import { checkViewer, originOf, type ViewerOptions } from './options.ts';
import type { Tools } from './pages.ts';

const toolsOf = (metrics: Metrics): Tools => ({
  snapshot: () => metrics.snapshot(),
  now: Date.now,
  elapsed,
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
});

/** A viewer that is being served. */
export interface Viewer extends AsyncDisposable {
  /** What to open in a browser; it holds the token, if there is one. */
  readonly url: string;
  /** Ends it: pages are let go, what they have paused goes on, and nothing is measured any more. */
  close(): Promise<void>;
}

/**
 * Serves a page that shows a pipeline, or all those of a Plumber, at work: the graph with the fill of its queues, rates, times
 * of calls, states, bottleneck, errors and dead letters. It keeps the process alive until it is closed.
 *
 * @throws GraphError if it is given neither, or an option has no possible value
 * @throws Error if the port or the host cannot be had: it says which of them is to blame; its `cause` is Node's error
 * @example
 * import { createPipeline, inlet } from 'sluice';
 * import { serveViewer } from 'sluice/viewer';
 *
 * const pipeline = createPipeline({
 *   nodes: { word: inlet<string>(), upper: (word: string) => word.toUpperCase() },
 *   graph: { word: ['upper'] },
 * });
 * const viewer = await serveViewer(pipeline, { port: 0 });
 * console.log(viewer.url.replace(/\d+\/$/, '…')); // prints: http://127.0.0.1:…
 * await viewer.close();
 * await pipeline.stop();
 */
export async function serveViewer<Inlets, Sinks>(
  target: Pipeline<Inlets, Sinks> | Plumber<Inlets, Sinks>,
  options: ViewerOptions = {},
): Promise<Viewer> {
  checkViewer(target, options);
  const { port = 0, host = '127.0.0.1', payloads = false } = options;
  const origin = originOf(options.origin);
  const token = tokenFor(host, options.token, origin);
  const assets = await readAssets();
  const { letGo, ...looked } = look(target, payloads, toolsOf);
  try {
    const { server, port: bound } = await listen({ port, host, token, origin }, { ...looked, assets });
    const close = async (): Promise<void> => {
      letGo();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    };
    const url = `${origin ?? localOrigin(host, bound)}/${token === undefined ? '' : `?token=${token}`}`;
    return { url, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    letGo();
    throw error;
  }
}

function localOrigin(host: string, port: number): string {
  const name = host === '0.0.0.0' || host === '::' ? ownAddress() : host;
  const place = name.includes(':') ? `[${name}]` : name;
  return `http://${place}:${port}`;
}

/** One that other machines may reach. */
function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? 'localhost';
}
