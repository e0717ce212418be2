/**
 * Audits the licences of a project's installed dependencies: this repository's, or those of the folder it is given.
 *
 * Run: npx tsx demos/01-licences.ts [folder]
 *
 * Prints:
 *   licence                  packages       kB
 *   ...
 *   MIT                      ...
 *   total                    ...
 *
 *   node                           in      out  skipped   failed       ms
 *   folder                   ...
 *   text                     ...
 *   size                     ...
 *   manifest                 ...
 *   licence                  ...
 *   entry                    ...
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createPipeline } from 'sluice';

async function audit(project: string): Promise<void> {
  const modules = await realpath(join(project, 'node_modules'));

  const pipeline = createPipeline({
    nodes: {
      folder: () => packagesIn(modules),
      text: (folder: string) => readFile(join(folder, 'package.json'), 'utf8'),
      manifest: (text: string): Manifest => JSON.parse(text),
      licence: licenceOf,
      size: sizeOf,
      entry: (row: { licence: string; size: number }) => row, // a join: both are of the same folder
    },
    graph: {
      folder: ['text', 'size'],
      text: ['manifest'],
      manifest: ['licence'],
      licence: ['entry'],
      size: ['entry'],
      entry: null,
    },
    // A package.json that is missing or broken costs its own row and no other.
    defaults: { concurrency: 8, onError: 'skip' },
  });

  const sums = new Map<string, { packages: number; bytes: number }>();
  for await (const { licence, size } of pipeline) {
    for (const name of [licence, 'total']) {
      const { packages, bytes } = sums.get(name) ?? { packages: 0, bytes: 0 };
      sums.set(name, { packages: packages + 1, bytes: bytes + size });
    }
  }
  const summary = await pipeline.done;

  print('licence', 'packages', 'kB');
  for (const [licence, { packages, bytes }] of [...sums].sort(([, a], [, b]) => a.packages - b.packages)) {
    print(licence, packages, Math.round(bytes / 1000));
  }
  console.log();
  print('node', 'in', 'out', 'skipped', 'failed', 'ms');
  for (const [node, { received, sent, skipped, failed, elapsed }] of Object.entries(summary.nodes)) {
    print(node, received, sent, skipped, failed, Math.round(elapsed));
  }
}

/** The folder of every package in a node_modules folder, each once: of scoped, nested and linked ones as well. */
async function* packagesIn(modules: string, seen = new Set<string>()): AsyncGenerator<string> {
  const entries = await readdir(modules, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (entry.isFile() || entry.name.startsWith('.')) continue;
    const path = join(modules, entry.name);
    const folder = await realpath(path).catch(() => path);
    if (seen.has(folder)) continue;
    seen.add(folder);
    const isScope = entry.name.startsWith('@');
    if (!isScope) yield folder;
    yield* packagesIn(isScope ? folder : join(folder, 'node_modules'), seen);
  }
}

type Licence = string | { readonly type?: string };

interface Manifest {
  readonly license?: Licence;
  readonly licenses?: Licence | readonly Licence[];
}

/** Today `license` is a string; in old packages it is an object, or there is an array called `licenses`. */
function licenceOf({ license, licenses }: Manifest): string {
  const names = [license ?? licenses].flat().map((one) => (typeof one === 'object' ? one.type : one));
  return names.filter(Boolean).join(' OR ') || 'unknown';
}

/** The bytes of a package's own files, without the packages nested in it. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isFile()) bytes += (await stat(path)).size;
    else if (entry.isDirectory() && entry.name !== 'node_modules') bytes += await sizeOf(path);
  }
  return bytes;
}

function print(name: string, ...cells: readonly (string | number)[]): void {
  console.log(name.padEnd(24), ...cells.map((cell) => String(cell).padStart(8)));
}

try {
  await audit(process.argv[2] ?? join(import.meta.dirname, '..'));
} catch (error) {
  console.error(`Cannot audit: ${(error as Error).message}`);
  process.exitCode = 1;
}
