import dagre from '@dagrejs/dagre';

/** A box to be placed. */
export interface Box {
  readonly width: number;
  readonly height: number;
}

/** Where a box stands: its middle. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** A graph with a place for everything. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly Place[];
  readonly edges: readonly Line[];
}

/** A line from box to box. */
export interface Line {
  /** What it passes. */
  readonly points: readonly Place[];
  /** The middle of its label. */
  readonly label: Place;
}

/**
 * Places the boxes of a directed graph in ranks, so that few lines cross. It may have cycles, but no two edges
 * alike.
 *
 * @param label the room that the label of every edge takes
 */
export function layOut(
  boxes: readonly Box[],
  edges: readonly { readonly from: number; readonly to: number }[],
  label: Box,
  direction: 'right' | 'down',
): Layout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({
    rankdir: direction === 'right' ? 'LR' : 'TB',
    nodesep: 28,
    edgesep: 12,
    ranksep: direction === 'right' ? 36 : 48,
    marginx: 16,
    marginy: 16,
  });
  for (const [place, { width, height }] of boxes.entries()) graph.setNode(String(place), { width, height });
  for (const { from, to } of edges) graph.setEdge(String(from), String(to), { ...label, labelpos: 'c' });
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width,
    height,
    nodes: boxes.map((_, place) => placeOf(graph.node(String(place)))),
    edges: edges.map(({ from, to }) => {
      const line = graph.edge(String(from), String(to));
      return { points: (line.points ?? []).map(placeOf), label: placeOf(line) };
    }),
  };
}

function placeOf({ x = 0, y = 0 }: Partial<Place>): Place {
  return { x, y };
}
