import type fc from 'fast-check';

/** What makes random values. */
export type FastCheck = typeof fc;

/** Makes random values of one kind, and smaller ones of those that fail. */
export type { Arbitrary } from 'fast-check';

/**
 * The fast-check that is installed beside this package, or beside whoever uses it. It is looked up when it is first needed:
 * most of what imports this does without.
 *
 * @throws Error if there is none
 */
export function fastCheck(who: string): FastCheck {
  found ??= lookUp();
  if (found === undefined) throw new Error(`${who} needs fast-check: npm install --save-dev fast-check`);
  return found;
}

let found: FastCheck | undefined;

interface ModuleOfModules {
  createRequire(url: string): (name: string) => unknown;
}

function lookUp(): FastCheck | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(id: string): unknown } };
  const modules = process?.getBuiltinModule?.('node:module') as ModuleOfModules | undefined;
  try {
    return modules?.createRequire(import.meta.url)('fast-check') as FastCheck | undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
