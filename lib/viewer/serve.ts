import { networkInterfaces } from 'node:os';
import { measure } from '../metrics/index.ts';
import type { Observer } from '../pipeline/observer.ts';
import { type Target, targetOf } from '../pipeline/observing.ts';
import { Pipeline, runOf } from '../pipeline/pipeline.ts';
import type { Plumber } from '../pipeline/plumber.ts';
import { readAssets } from './assets.ts';
import { Followed } from './followed.ts';
import { GraphIndex } from './graph.ts';
import { tokenFor } from './guard.ts';
import { listen, type Served } from './http.ts';
import { checkViewer, originOf, type ViewerOptions } from './options.ts';
import { Pages } from './pages.ts';
import { Pauses } from './pauses.ts';
import { failedBefore, ProblemLog } from './problems.ts';

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
  const { served, letGo } = look(target, payloads);
  try {
    const { server, port: bound } = await listen({ port, host, token, origin }, { ...served, assets });
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

/** Begins to look at what is to be shown; `letGo` ends that. */
function look<Inlets, Sinks>(
  target: Pipeline<Inlets, Sinks> | Plumber<Inlets, Sinks>,
  payloads: boolean,
): { readonly served: Omit<Served, 'assets'>; readonly letGo: () => void } {
  const metrics = measure(target);
  const observed = targetOf(target) as Target;
  const only = target instanceof Pipeline ? runOf(target) : undefined;
  const now = Date.now;
  const before = only === undefined ? null : failedBefore(only, now());
  const graph = new GraphIndex(observed.plan, { isPlumber: only === undefined, payloads, before });
  const problems = new ProblemLog(payloads, now);
  const followed = new Followed(problems, now);
  const pauses = new Pauses(followed.running);
  const observer = both(followed, pauses);
  observed.observe(observer);
  const scene = { graph, followed, only };
  const pages = new Pages(scene, problems, {
    snapshot: () => metrics.snapshot(),
    now,
    elapsed: () => performance.now(),
    setTimeout: (callback, ms) => setTimeout(callback, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  });
  const letGo = (): void => {
    pages.close();
    pauses.resumeAll();
    metrics.stop();
    observed.unobserve(observer);
    for (const run of followed.running.values()) run.unobserve(observer);
    followed.letGo();
  };
  return { served: { scene, pages, pauses }, letGo };
}

function both(followed: Followed, pauses: Pauses): Observer {
  return {
    joined(run) {
      followed.joined(run);
      pauses.joined(run);
    },
    left(run, error) {
      followed.left(run, error);
      pauses.left(run);
    },
    called() {},
    settled() {},
  };
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
