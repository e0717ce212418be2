import type { Layout } from '../../support/page/dagre.ts';
import type { Detail, Frame, Graph, Problems } from '../protocol.ts';

/** What is looked at; kept in the address, so that reloading and going back work. */
export interface Selected {
  readonly pipeline: number | undefined;
  readonly node: string | undefined;
}

/** All that the page shows. */
export interface ViewState {
  readonly selected: Selected;
  readonly connection: 'connecting' | 'live' | 'lost' | 'refused';
  readonly graph: Graph | undefined;
  readonly frame: Frame | undefined;
  readonly problems: Problems;
  readonly detail: Detail | undefined;
  readonly layout: Layout | undefined;
  /** What did not work. */
  readonly fault: string;
  /** What is as well to know. */
  readonly notice: string;
}

export const NOTHING: ViewState = {
  selected: { pipeline: undefined, node: undefined },
  connection: 'connecting',
  graph: undefined,
  frame: undefined,
  problems: { count: 0, list: [] },
  detail: undefined,
  layout: undefined,
  fault: '',
  notice: '',
};

export function readHash(hash: string): Selected {
  const asked = new URLSearchParams(hash.replace(/^#/, ''));
  const pipeline = Number(asked.get('pipeline') ?? Number.NaN);
  return {
    pipeline: Number.isInteger(pipeline) ? pipeline : undefined,
    node: asked.get('node') ?? undefined,
  };
}

export function hashOf({ pipeline, node }: Selected): string {
  return `#${queryOf({ pipeline, node })}`;
}

export function queryOf({ pipeline, node }: Selected): string {
  const query = new URLSearchParams();
  if (pipeline !== undefined) query.set('pipeline', String(pipeline));
  if (node !== undefined) query.set('node', node);
  return query.toString();
}
