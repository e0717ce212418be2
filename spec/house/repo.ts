import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's own folder. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What installs, builds and test runs leave behind, and version control itself. */
const notOurs = new Set(['.git', 'node_modules', 'dist', 'coverage', 'reports', '.stryker-tmp', '.next']);

/** A file of the repository; `path` is relative to the repository and has forward slashes everywhere. */
export interface RepoFile {
  readonly path: string;
  readonly text: string;
}

/** The folders that would tell on which machine a text was written. One as short as /src may stand in it by chance. */
export function machineFolders(): string[] {
  return [root.replace(/[\\/]$/, ''), homedir(), tmpdir()].filter(
    (folder) => folder.length > '/src/app'.length,
  );
}

/** Every file under a folder of the repository; none when there is no such folder. */
export function filesUnder(folder: string, extension = ''): RepoFile[] {
  const top = join(root, folder);
  if (!statSync(top, { throwIfNoEntry: false })?.isDirectory()) return [];
  return [...walk(top)]
    .filter((file) => file.endsWith(extension))
    .sort()
    .map((file) => ({
      path: relative(root, file).split(sep).join('/'),
      text: readFileSync(file, 'utf8'),
    }));
}

/** The text of one file of the repository, empty when it is not there. */
export function textOf(path: string): string {
  const file = join(root, path);
  return statSync(file, { throwIfNoEntry: false })?.isFile() ? readFileSync(file, 'utf8') : '';
}

/**
 * Specs that look at dist/ call this first: a stale build would let them pass on code that is no longer there.
 * They cannot build it themselves, for other specs read it at the same time.
 */
export function assertBuilt(): void {
  const built = statSync(join(root, 'dist/index.js'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const changed = [...walk(join(root, 'lib'))].find((file) => statSync(file).mtimeMs > built);
  if (changed !== undefined) {
    throw new Error(`dist/ is older than ${relative(root, changed)}. Build it first: npm run build`);
  }
}

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!notOurs.has(entry.name)) yield* walk(path);
    } else if (entry.isFile()) {
      yield path;
    }
  }
}
