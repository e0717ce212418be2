import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mistake, mistakes } from './mistakes.ts';
import { type Compilation, type Compiler, Project } from './project.ts';

const MARK = '/**/';
const HEADER = `import { createPipeline, fromModule, inlet, Plumber, type SourceContext, type StandardSchema } from 'sluice';\n`;
const COMPILERS: readonly Compiler[] = ['typescript', 'typescript-5.9'];

const accepted = readFileSync(new URL('./fixtures/accepted.ts', import.meta.url), 'utf8');
const consumer = readFileSync(new URL('./fixtures/consumer.ts', import.meta.url), 'utf8');
const schemas = readFileSync(new URL('./fixtures/schemas.ts', import.meta.url), 'utf8');
const workers = readFileSync(new URL('./fixtures/workers.ts', import.meta.url), 'utf8');
const hashes = readFileSync(new URL('./fixtures/hashes.ts', import.meta.url), 'utf8');
const isolated = readFileSync(new URL('./fixtures/isolated.ts', import.meta.url), 'utf8');

let project: Project;
beforeAll(() => {
  project = new Project();
});
afterAll(() => project?.remove());

describe.each(COMPILERS)('a definition under %s', (compiler) => {
  describe('with a mistake in it', () => {
    const fileOf = (mistake: Mistake) => `mistake-${mistakes.indexOf(mistake)}.ts`;
    const sourceOf = (mistake: Mistake) => `${HEADER}${mistake.source}`;
    let compilation: Compilation;
    beforeAll(async () => {
      const files = Object.fromEntries(mistakes.map((mistake) => [fileOf(mistake), sourceOf(mistake)]));
      compilation = await project.compile(compiler, files);
    });

    it.each(mistakes)('reports $title, and there alone', (mistake) => {
      const found = compilation.diagnostics.filter(({ file }) => file === fileOf(mistake));

      expect(found.map(({ at }) => at)).toEqual(marks(sourceOf(mistake)));
      for (const { code, text } of found) {
        expect(text).toContain(mistake.says);
        expect(code).toBe(mistake.code);
      }
    });

    it('reports nothing elsewhere', () => {
      const files = new Set(mistakes.map(fileOf));

      const elsewhere = compilation.diagnostics.filter(({ file }) => !files.has(file));

      expect(elsewhere).toEqual([]);
    });
  });

  it.each([
    { flags: 'strict', options: {} },
    { flags: 'stricter', options: { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true } },
  ])('compiles without a mistake, and gives exact types ($flags)', async ({ options }) => {
    const files = {
      'accepted.ts': accepted,
      'schemas.ts': schemas,
      'workers.ts': workers,
      'hashes.ts': hashes,
    };

    const { diagnostics } = await project.compile(compiler, files, options);

    expect(diagnostics).toEqual([]);
  });

  it('is let pass where the compiler is not strict', async () => {
    const { diagnostics } = await project.compile(compiler, { 'consumer.ts': consumer }, { strict: false });

    expect(diagnostics).toEqual([]);
  });

  it('lets a consumer export what it makes, in types that can be named and read', async () => {
    const { diagnostics, emitted } = await project.compile(
      compiler,
      { 'consumer.ts': consumer },
      { declaration: true, skipLibCheck: false },
    );

    expect(diagnostics).toEqual([]);
    expect(flat(emitted('consumer.d.ts'))).toContain(
      'validated: import("sluice").Pipeline<{ n: string; }, { next: boolean; }>',
    );
    expect(flat(emitted('consumer.d.ts'))).toContain(
      'pipeline: import("sluice").Pipeline<{ word: string; }, { pair: string; row: Row; }>',
    );
    expect(flat(emitted('consumer.d.ts'))).toContain('plumber: Plumber<{}, { words: string[]; }>');
    expect(flat(emitted('consumer.d.ts'))).toContain('add: (n: number) => Promise<{ b: number[]; }>');
  });

  it('lets a consumer annotate what it makes, under isolatedDeclarations', async () => {
    const { diagnostics } = await project.compile(
      compiler,
      { 'isolated.ts': isolated },
      { declaration: true, isolatedDeclarations: true },
    );

    expect(diagnostics).toEqual([]);
  });

  it('costs little to check: 60 nodes with 174 edges', async () => {
    const files = { 'braid.ts': HEADER + braid(60) };

    const { diagnostics, output } = await project.compile(compiler, files, { extendedDiagnostics: true });

    expect(diagnostics).toEqual([]);
    // About 75 000, which take 0.1 s (TypeScript 7) or 0.4 s (5.9); how long exactly depends on the machine.
    expect(Number(/Instantiations:\s+(\d+)/.exec(output)?.[1])).toBeLessThan(200_000);
  });
});

/** Where a source is marked: what follows the mark, as an index. */
function marks(source: string): number[] {
  return [...source.matchAll(/\/\*\*\//g)].map(({ index }) => index + MARK.length);
}

function flat(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Each node but the first takes from the three before it. */
function braid(size: number): string {
  const names = Array.from({ length: size }, (_, index) => `n${index}`);
  const upstreams = (index: number) => names.slice(Math.max(0, index - 3), index);
  const nodes = names.map((name, index) => {
    const rows = upstreams(index).map((upstream) => `${upstream}: { ${upstream}: number }`);
    if (index === 0) return `${name}: inlet<{ ${name}: number }>()`;
    if (index === 1) return `${name}: (row: { n0: number }) => ({ ${name}: row.n0 })`;
    return `${name}: async (row: { ${rows.join('; ')} }) => ({ ${name}: Object.keys(row).length })`;
  });
  const graph = names.map((name, index) => `${name}: ${JSON.stringify(names.slice(index + 1, index + 4))}`);
  const last = `n${size - 1}`;
  return `const outputs = createPipeline({ nodes: { ${nodes.join(',\n')} }, graph: { ${graph.join(',\n')} } }).call({ n0: 1 });
    export const checked: Promise<{ ${last}: { ${last}: number }[] }> = outputs;`;
}
