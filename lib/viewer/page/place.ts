import type { Layout } from '../../support/page/dagre.ts';
import type { Graph } from '../protocol.ts';
import type { LayoutRequest } from './layout-worker.ts';

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
// The one address that the page may load a script from.
const policy = trustedTypes?.createPolicy('sluice', { createScriptURL: () => 'layout.js' });
const address = policy?.createScriptURL('') ?? 'layout.js';

let worker: Worker | undefined;

/** Has the graph laid out; the last one asked for counts. */
export function place(
  { nodes, edges }: Graph,
  direction: 'right' | 'down',
  done: (layout: Layout) => void,
): void {
  worker?.terminate();
  const placing = new Worker(address, { type: 'module' });
  worker = placing;
  placing.addEventListener('message', ({ data }: MessageEvent<Layout>) => {
    placing.terminate();
    done(data);
  });
  placing.postMessage({ nodes: nodes.length, edges, direction } satisfies LayoutRequest);
}
