import { expect, it, vi } from 'vitest';
import { f, problemsOf } from './problems.ts';

const names = vi.hoisted(() => ({ searched: 0 }));
vi.mock(import('../../lib/graph/names.ts'), async (original) => {
  const real = await original();
  const suggestion: typeof real.suggestion = (...args) => {
    names.searched++;
    return real.suggestion(...args);
  };
  return { ...real, suggestion };
});

it('looks for the nearest name only for problems that are told, so that a document from a stranger costs little', () => {
  const nodes = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`node_${i}`, f]));
  const graph = { node_0: Array.from({ length: 300 }, (_, i) => `nod_${i}`) };

  const problems = problemsOf({ nodes, graph });

  expect(problems).toHaveLength(100);
  expect(names.searched).toBeLessThanOrEqual(100);
});
