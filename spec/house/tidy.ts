import type { RepoFile } from './repo.ts';

const traces: readonly { readonly what: string; readonly pattern: RegExp; readonly under?: string }[] = [
  {
    what: 'a folder of a machine',
    pattern: /(?<![\w.:])\/(?:home|Users|root|mnt|private\/var)\/\w|\b[A-Z]:\\+Users\b/,
  },
  {
    what: 'a package registry',
    pattern: /\bregistry\.[a-z]|\bnpm\.pkg\.|\bartifactory\b|"resolved": "http/i,
  },
  { what: 'work left undone', pattern: /\b(?:TO[D]O|FIX[M]E|X[X]X|HAC[K])\b/ },
  { what: 'a check switched off', pattern: /@ts-(?:ignore|nocheck)|biome-ignore[a-z-]* lint(?=[:\s])/ },
  // The one file that may say `any` is named in the linter's configuration.
  { what: 'a check switched off', pattern: /biome-ignore[a-z-]* .*noExplicitAny/, under: 'lib/' },
];

/**
 * What a public file should not hold: `path:line: what`, one for each find.
 * `machine` are the folders of the machine this runs on.
 */
export function untidiness(files: readonly RepoFile[], machine: readonly string[]): string[] {
  return files.flatMap(({ path, text }) => {
    return text.split('\n').flatMap((line, index) => {
      const found = traces
        .filter(({ pattern, under = '' }) => path.startsWith(under) && pattern.test(line))
        .map(({ what }) => what);
      if (machine.some((folder) => line.includes(folder))) found.push('a folder of this machine');
      return found.map((what) => `${path}:${index + 1}: ${what}`);
    });
  });
}

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/**
 * Packages that bring a binary for each platform name the binaries as optional dependencies. A lock file that
 * leaves some out was written where they could not be found, and an install on those platforms fails.
 */
export function missingBinaries(lock: {
  readonly packages: Readonly<Record<string, LockedPackage>>;
}): string[] {
  const locked = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
  const wanted = Object.values(lock.packages).flatMap((one) => Object.keys(one.optionalDependencies ?? {}));
  return wanted.filter((name) => !locked.has(name));
}
