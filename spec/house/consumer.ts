import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { node, tsc } from './child.ts';
import type { Example } from './examples.ts';
import { linesOf, read } from './output.ts';
import { assertBuilt, root } from './repo.ts';

/** Enough to keep every core busy without making the others late. */
const atOnce = 4;

/**
 * Compiles all examples in one project that has the built package installed, then runs each as a program.
 * The verdict is undefined when an example compiles, ends well and prints what it says, else what is wrong.
 */
export async function verify(examples: readonly Example[]): Promise<ReadonlyMap<string, string | undefined>> {
  assertBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'sluice-examples-'));
  try {
    createProject(folder, examples);
    const { stdout } = await tsc('typescript', folder);
    const verdicts = new Map<string, string | undefined>();
    const waiting = [...examples.entries()];
    const worker = async () => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, example] = next;
        const errors = stdout.split(/\r?\n/).filter((line) => line.startsWith(`${fileOf(index)}.ts`));
        verdicts.set(example.name, errors.length > 0 ? errors.join('\n') : await run(folder, index, example));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
    // An error in no example is one of the project itself, and nothing it compiled can be trusted.
    if (/^(?!example-)\S.*error TS/m.test(stdout)) throw new Error(stdout);
    return verdicts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(folder: string, index: number, { prints }: Example): Promise<string | undefined> {
  const { code, stdout, stderr } = await node([join('out', `${fileOf(index)}.js`)], folder);
  if (code !== 0) return `exit code ${code}\n${stderr}`;
  const printed = linesOf(stdout);
  if (prints === undefined || read(printed, prints) === prints) return undefined;
  return ['says it prints', ...prints, 'and prints', ...printed].join('\n');
}

function createProject(folder: string, examples: readonly Example[]): void {
  const options = {
    target: 'ES2022',
    lib: ['ES2023', 'ESNext.Disposable', 'DOM'],
    module: 'NodeNext',
    moduleDetection: 'force',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
    rootDir: '.',
    outDir: 'out',
  };
  write(folder, 'package.json', JSON.stringify({ private: true, type: 'module' }));
  write(folder, 'tsconfig.json', JSON.stringify({ compilerOptions: options, include: ['*.ts'] }));
  for (const [index, { code }] of examples.entries()) write(folder, `${fileOf(index)}.ts`, `${code}\n`);
  link(folder, 'sluice', root);
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    link(folder, name, join(root, 'node_modules', name));
  }
}

function fileOf(index: number): string {
  return `example-${index}`;
}

function write(folder: string, name: string, text: string): void {
  writeFileSync(join(folder, name), text);
}

function link(folder: string, name: string, target: string): void {
  const path = join(folder, 'node_modules', name);
  mkdirSync(dirname(path), { recursive: true });
  // On Windows a junction needs no rights that a symbolic link needs; elsewhere the word is ignored.
  symlinkSync(target, path, 'junction');
}
