import { type ComponentChild, h } from '../../support/page/preact.ts';
import type { Problem } from '../protocol.ts';
import { time } from './format.ts';

interface ProblemListProps {
  readonly list: readonly Problem[];
  /** Whether the pipeline of each is told. */
  readonly isPlumber: boolean;
  readonly onOpen: (node: string) => void;
}

const KINDS = { error: 'Error', 'dead-letter': 'Dead letter', pipeline: 'Pipeline failed' } as const;

/** Errors and dead letters. What they say was written by others, and is nothing but text here. */
export function ProblemList({ list, isPlumber, onOpen }: ProblemListProps): ComponentChild {
  return h(
    'ol',
    { class: 'problems' },
    list.map((problem) => {
      const { number, kind, node, atMs, outcome, text, payload, stack, pipeline } = problem;
      return h(
        'li',
        { key: number, class: kind },
        h(
          'p',
          { class: 'about' },
          h('strong', null, outcome === 'ABORTED' ? 'Pipeline aborted' : KINDS[kind]),
          node !== null && h('button', { type: 'button', class: 'link', onClick: () => onOpen(node) }, node),
          h(
            'span',
            null,
            [time(atMs), outcome, isPlumber ? `pipeline ${pipeline}` : ''].filter(Boolean).join(' · '),
          ),
        ),
        h('p', { class: 'text' }, text),
        payload !== undefined && h('p', { class: 'payload' }, h('code', null, payload)),
        stack !== null &&
          h('details', null, h('summary', null, 'Where it was thrown'), h('pre', null, stack)),
      );
    }),
  );
}
