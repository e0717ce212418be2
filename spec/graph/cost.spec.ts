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

it('suggests names until that has cost enough, so that many long ones cost a stranger nothing more', () => {
  const long = 'x'.repeat(40);
  const nodes = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${long}${i}`, f]));
  const graph = { [`${long}0`]: Array.from({ length: 90 }, (_, i) => `${long}y${i}`) };

  const messages = problemsOf({ nodes, graph }).map(({ message }) => message);

  expect(messages).toHaveLength(90);
  expect(messages[0]).toContain('Did you mean');
  expect(messages.at(-1)).not.toContain('Did you mean');
});
