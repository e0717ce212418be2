import { type Layout, layOut } from '../../support/page/dagre.ts';
import type { GraphEdge } from '../protocol.ts';
import { BOX, LABEL } from './box.ts';

/** What the page asks for. */
export interface LayoutRequest {
  readonly nodes: number;
  readonly edges: readonly Pick<GraphEdge, 'from' | 'to'>[];
  readonly direction: 'right' | 'down';
}

// In a worker, since a graph of 300 nodes takes seconds: the page shows the rest in the meantime.
addEventListener('message', ({ data }: MessageEvent<LayoutRequest>) => {
  const boxes = Array.from({ length: data.nodes }, () => BOX);
  const layout: Layout = layOut(boxes, data.edges, LABEL, data.direction);
  postMessage(layout);
});
