import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { tsc } from '../house/child.ts';
import { assertBuilt, root } from '../house/repo.ts';

export type Compiler = Parameters<typeof tsc>[0];

interface Diagnostic {
  readonly file: string;
  readonly code: number;
  /** Where it stands: an index into the file's text. */
  readonly at: number;
  readonly text: string;
}

export interface Compilation {
  readonly diagnostics: readonly Diagnostic[];
  /** What the compiler printed. */
  readonly output: string;
  /** The text of a file that it emitted. */
  emitted(file: string): string;
}

interface CompilerOptions extends Readonly<Record<string, unknown>> {
  readonly declaration?: boolean;
}

const OPTIONS = {
  target: 'ES2022',
  lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
  types: [],
  module: 'NodeNext',
  moduleDetection: 'force',
  strict: true,
  skipLibCheck: true,
  outDir: 'out',
};

/** What users bring along to validate values with. */
const SCHEMA_LIBRARIES = ['zod', 'valibot', 'arktype'];

/** A folder in which the built package is installed, to compile sources there as its users do. */
export class Project {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sluice-types-'));
  #compilations = 0;

  constructor() {
    assertBuilt();
    this.#link('sluice', root);
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    for (const name of [...Object.keys(dependencies ?? {}), ...SCHEMA_LIBRARIES])
      this.#link(name, join(root, 'node_modules', name));
  }

  async compile(
    compiler: Compiler,
    files: Readonly<Record<string, string>>,
    options: CompilerOptions = {},
  ): Promise<Compilation> {
    const folder = join(this.#folder, `${this.#compilations++}`);
    const compilerOptions = { noEmit: options.declaration !== true, ...OPTIONS, ...options };
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const { stdout, stderr } = await tsc(compiler, folder);
    return {
      diagnostics: diagnosticsIn(stdout + stderr, files),
      output: stdout,
      emitted: (file) => readFileSync(join(folder, 'out', file), 'utf8'),
    };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #link(name: string, target: string): void {
    const path = join(this.#folder, 'node_modules', name);
    mkdirSync(dirname(path), { recursive: true });
    // On Windows a junction needs no rights that a symbolic link needs; elsewhere the word is ignored.
    symlinkSync(target, path, 'junction');
  }
}

function diagnosticsIn(output: string, files: Readonly<Record<string, string>>): Diagnostic[] {
  // A message goes on in the lines that are indented.
  const heads = output.matchAll(/^(?:(\S+?)\((\d+),(\d+)\): )?error TS(\d+): (.*(?:\r?\n[ \t].*)*)/gm);
  return [...heads].map(([, file = '', line, column, code, text = '']) => {
    const before = (files[file] ?? '').split('\n').slice(0, Number(line) - 1);
    const at = before.join('\n').length + (before.length > 0 ? 1 : 0) + Number(column) - 1;
    return { file, code: Number(code), at, text };
  });
}
