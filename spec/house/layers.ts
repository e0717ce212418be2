import { isBuiltin } from 'node:module';
import { posix } from 'node:path';

/** A file of `lib/`: `path` is relative to it, `imports` are the specifiers as written. */
export interface LibFile {
  readonly path: string;
  readonly imports: readonly string[];
  readonly lines: number;
}

/** From the lowest up: a room imports from itself and from what stands before it. */
const rooms = ['support', 'error', 'graph', 'queue', 'processor', 'pipeline'];

/** Subpath exports: they may import the rooms and the front door, and no room imports them. */
const doors = ['testing', 'document', 'metrics', 'viewer', 'channels', 'cli'];

/** What runs on Node.js alone, for it is a server. Its page runs in a browser. */
const onNode = 'viewer/';
const inBrowser = 'viewer/page/';

const front = 'index.ts';
const seams = 'support';
const longest = 300;
const kebabCase = /^[a-z0-9]+(-[a-z0-9]+)*(\.ts)?$/;

/** Everything in `lib/` that stands where it may not, one sentence each; empty when the layers hold. */
export function violations(files: readonly LibFile[]): string[] {
  return [
    ...files.flatMap(ownFaults),
    ...files.flatMap((file) =>
      relativeImports(file).flatMap((target) => layerFaults(file.path, target, files)),
    ),
    ...seamFaults(files),
    ...cycles(files).map((path) => `import cycle: ${path.join(' -> ')}`),
  ];
}

function ownFaults({ path, lines }: LibFile): string[] {
  const faults: string[] = [];
  if (path !== front && rank(path) < 0) faults.push(`${path} is in no room and is no door`);
  if (!path.split('/').every((part) => kebabCase.test(part)))
    faults.push(`${path} is not named in kebab-case`);
  if (lines > longest) faults.push(`${path} has ${lines} lines, more than ${longest}`);
  return faults;
}

function layerFaults(from: string, to: string, files: readonly LibFile[]): string[] {
  if (!files.some((file) => file.path === to)) return [`${from} imports ${to}, which is no file of lib`];
  if (isDoor(from)) return [];
  if (to === front) return [`${from} imports the front door`];
  if (isDoor(to)) return [`${from} imports ${to}, a door`];
  return rank(to) > rank(from) ? [`${from} imports ${to}, a room below its own`] : [];
}

/** The place in the list of rooms; the front door stands after all of them, and what is nowhere has -1. */
function rank(path: string): number {
  if (path === front) return rooms.length;
  const room = roomOf(path);
  return isDoor(path) ? rooms.length + 1 : rooms.indexOf(room);
}

function isDoor(path: string): boolean {
  return doors.includes(roomOf(path));
}

function roomOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

function relativeImports({ path, imports }: LibFile): string[] {
  return imports
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(path), specifier));
}

function seamFaults(files: readonly LibFile[]): string[] {
  const faults: string[] = [];
  const importers = new Map<string, Set<string>>();
  for (const { path, imports } of files) {
    for (const specifier of imports.filter((one) => !one.startsWith('.'))) {
      const name = packageOf(specifier);
      if (isBuiltin(name)) {
        if (!path.startsWith(onNode) || path.startsWith(inBrowser))
          faults.push(`${path} imports ${name}, which no browser has`);
      } else importers.set(name, (importers.get(name) ?? new Set()).add(path));
    }
  }
  for (const [name, paths] of importers) {
    const strays = [...paths].filter((path) => roomOf(path) !== seams);
    if (strays.length > 0) faults.push(`${name} is imported outside ${seams}/: ${strays.join(', ')}`);
    else if (paths.size > 1)
      faults.push(`${name} is imported in more than one file: ${[...paths].join(', ')}`);
  }
  return faults;
}

function packageOf(specifier: string): string {
  return isBuiltin(specifier) ? specifier : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** One witness for every group of files that import each other, as the path that comes back to its start. */
function cycles(files: readonly LibFile[]): string[][] {
  const edges = new Map(files.map((file) => [file.path, relativeImports(file)]));
  const done = new Set<string>();
  const found: string[][] = [];
  for (const start of edges.keys()) {
    const cycle = cycleThrough(start, edges, done);
    if (cycle !== undefined) found.push(cycle);
  }
  return found;
}

function cycleThrough(
  at: string,
  edges: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  trail: readonly string[] = [],
): string[] | undefined {
  if (trail.includes(at)) return [...trail.slice(trail.indexOf(at)), at];
  if (done.has(at)) return undefined;
  for (const next of edges.get(at) ?? []) {
    const cycle = cycleThrough(next, edges, done, [...trail, at]);
    if (cycle !== undefined) {
      done.add(at);
      return cycle;
    }
  }
  done.add(at);
  return undefined;
}
