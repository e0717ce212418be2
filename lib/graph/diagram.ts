import { DEFAULT_QUEUE_SIZE } from './options.ts';
import type { EdgePlan, GraphPlan, NodePlan } from './plan.ts';

/** Mermaid flowchart text; edges with a condition, that lead back or that carry dead letters are dotted. Nodes are numbered and their names labels, since words like `end` have a meaning there. */
export function toMermaid(plan: GraphPlan): string {
  const lines = ['flowchart LR'];
  lines.push(
    ...linesOf(group(plan), {
      node: (node) => {
        const [open, close] = mermaidShape(node);
        return `n${node.index}${open}"${node.name}"${close}`;
      },
      open: ({ id, name }) => [`subgraph g${id}["${name}"]`],
      close: 'end',
    }),
  );
  for (const edge of plan.edges) {
    const label = labelOf(edge);
    const arrow = isAside(edge) ? '-.->' : '-->';
    lines.push(`  n${edge.from} ${arrow}${label === '' ? '' : `|${label}|`} n${edge.to}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Graphviz dot text; edges with a condition, that lead back or that carry dead letters are dashed. */
export function toDot(plan: GraphPlan): string {
  const lines = ['digraph sluice {', '  rankdir=LR;'];
  lines.push(
    ...linesOf(group(plan), {
      node: (node) => `n${node.index} [label="${node.name}", shape=${dotShape(node)}];`,
      // By that prefix Graphviz knows what to draw a frame around.
      open: ({ id, name }) => [`subgraph cluster${id} {`, `  label="${name}";`],
      close: '}',
    }),
  );
  for (const edge of plan.edges) {
    const label = labelOf(edge);
    const attributes = [
      ...(label === '' ? [] : [`label="${label}"`]),
      ...(isAside(edge) ? ['style=dashed'] : []),
      ...(edge.feedback ? ['constraint=false'] : []),
    ];
    const suffix = attributes.length === 0 ? '' : ` [${attributes.join(', ')}]`;
    lines.push(`  n${edge.from} -> n${edge.to}${suffix};`);
  }
  return `${[...lines, '}'].join('\n')}\n`;
}

/** A subgraph, or the whole: what stands in it, in the order of the plan. */
interface Group {
  readonly id: number;
  readonly name: string;
  readonly parts: (NodePlan | Group)[];
}

/** How a language writes the parts of a group. */
interface Style {
  readonly node: (node: NodePlan) => string;
  readonly open: (group: Group) => readonly string[];
  readonly close: string;
}

/** Groups nodes by the dots in their names. */
function group({ nodes }: GraphPlan): Group {
  const whole: Group = { id: 0, name: '', parts: [] };
  const groups = new Map([['', whole]]);
  const groupOf = (name: string): Group => {
    const found = groups.get(name);
    if (found !== undefined) return found;
    const made = { id: groups.size, name, parts: [] };
    groups.set(name, made);
    groupOf(around(name)).parts.push(made);
    return made;
  };
  for (const node of nodes) groupOf(around(node.name)).parts.push(node);
  return whole;
}

function around(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}

function linesOf({ parts }: Group, style: Style): string[] {
  const lines = parts.flatMap((part) =>
    'parts' in part ? [...style.open(part), ...linesOf(part, style), style.close] : [style.node(part)],
  );
  return lines.map((line) => `  ${line}`);
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

/** Not every message goes along it, or not forward. */
function isAside({ feedback, isDeadLetter, when }: EdgePlan): boolean {
  return feedback || isDeadLetter || when !== undefined;
}

/** Only a queue size that somebody chose is worth a label. */
function labelOf({ capacity, feedback }: EdgePlan): string {
  const size = capacity === Number.POSITIVE_INFINITY ? 'unbounded' : String(capacity);
  const parts = [...(feedback ? ['feedback'] : []), ...(capacity === DEFAULT_QUEUE_SIZE ? [] : [size])];
  return parts.join(', ');
}
