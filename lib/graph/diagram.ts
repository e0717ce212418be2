import { DEFAULT_QUEUE_SIZE } from './options.ts';
import type { EdgePlan, GraphPlan, NodePlan } from './plan.ts';

/** Mermaid flowchart text. Nodes are numbered and their names labels, since words like `end` have a meaning there. */
export function toMermaid(plan: GraphPlan): string {
  const lines = ['flowchart LR'];
  for (const node of plan.nodes) {
    const [open, close] = mermaidShape(node);
    lines.push(`  n${node.index}${open}"${node.name}"${close}`);
  }
  for (const edge of plan.edges) {
    const size = sizeLabel(edge);
    lines.push(`  n${edge.from} -->${size === '' ? '' : `|${size}|`} n${edge.to}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Graphviz dot text. */
export function toDot(plan: GraphPlan): string {
  const lines = ['digraph sluice {', '  rankdir=LR;'];
  for (const node of plan.nodes)
    lines.push(`  n${node.index} [label="${node.name}", shape=${dotShape(node)}];`);
  for (const edge of plan.edges) {
    const size = sizeLabel(edge);
    lines.push(`  n${edge.from} -> n${edge.to}${size === '' ? '' : ` [label="${size}"]`};`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

function mermaidShape({ kind, fanIn }: NodePlan): readonly [string, string] {
  if (kind !== 'transform') return kind === 'inlet' ? ['([', '])'] : ['[/', '/]'];
  if (fanIn === 'single') return ['[', ']'];
  return fanIn === 'merge' ? ['(', ')'] : ['{{', '}}'];
}

function dotShape({ kind, fanIn }: NodePlan): string {
  if (kind !== 'transform') return kind === 'inlet' ? 'ellipse' : 'parallelogram';
  if (fanIn === 'single') return 'box';
  return fanIn === 'merge' ? 'invtrapezium' : 'hexagon';
}

/** Only a queue size that somebody chose is worth a label. */
function sizeLabel({ capacity }: EdgePlan): string {
  return capacity === DEFAULT_QUEUE_SIZE ? '' : String(capacity);
}
