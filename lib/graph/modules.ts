import { GraphError } from '../error/graph-error.ts';
import type { AnyFunction } from './definition.ts';
import { shown } from './values.ts';
import { MODULE, type ModuleReference, type OfModule } from './worker-types.ts';

/** A function that knows which module exports it, so that a worker thread can find it. Called here, it runs here. */
export type ModuleFunction<F = AnyFunction> = F & OfModule;

/** The functions that a module exports. */
type FunctionsOf<M> = { readonly [K in keyof M as M[K] extends AnyFunction ? K : never]: M[K] };

/**
 * Tells of a module by its URL; what it returns names the functions it exports, for nodes with `runIn: 'worker'`, or for a
 * `registry`. The module is loaded by each thread that works for such a node, and here only if the function is called here.
 * Given the module's type, the compiler checks the wiring: `fromModule<typeof import('./hash.js')>(…)`.
 *
 * @param module such as `new URL('./hash.js', import.meta.url)`, `import.meta.resolve('a-package')` or `'node:zlib'`
 * @throws GraphError if it is no URL.
 * @example
 * import { createPipeline, fromModule, inlet } from 'sluice';
 *
 * const zlib = fromModule<typeof import('node:zlib')>('node:zlib');
 * const pipeline = createPipeline({
 *   nodes: { text: inlet<string>(), zip: { run: zlib('gzipSync'), runIn: 'worker' }, small: (b: Uint8Array) => b.length < 2000 },
 *   graph: { text: ['zip'], zip: ['small'] },
 * });
 * console.log(await pipeline.call('a'.repeat(1e6))); // prints: { small: [ true ] }
 * await pipeline.stop();
 */
export function fromModule<M extends object = Readonly<Record<string, AnyFunction>>>(
  module: URL | string,
): <K extends keyof FunctionsOf<M> & string>(name: K) => ModuleFunction<FunctionsOf<M>[K]> {
  const url = urlOf(module);
  let loaded: Promise<Readonly<Record<string, unknown>>> | undefined;
  return (name) => {
    if (typeof name !== 'string') throw notAFunction(name);
    const run = async (...args: unknown[]): Promise<unknown> => {
      loaded ??= import(/* @vite-ignore */ /* webpackIgnore: true */ url);
      const exported = (await loaded)[name];
      if (typeof exported !== 'function') throw new TypeError(`${url} exports no function ${name}`);
      return exported(...args);
    };
    const reference: ModuleReference = { module: url, name };
    return Object.defineProperty(run, MODULE, { value: reference }) as never;
  };
}

function notAFunction(name: unknown): GraphError {
  const message = `is ${shown(name)}, must be the name of a function that the module exports`;
  return new GraphError([{ code: 'bad-option', path: 'fromModule(…)', message }]);
}

function urlOf(module: unknown): string {
  const text = module instanceof URL ? module.href : module;
  if (typeof text === 'string' && URL.canParse(text)) return text;
  const message = `is ${shown(text)}, must be a URL, such as new URL('./module.js', import.meta.url)`;
  throw new GraphError([{ code: 'bad-option', path: 'fromModule', message }]);
}

/** Where another thread finds a function; `undefined` if it is not known. */
export function referenceOf(run: unknown): ModuleReference | undefined {
  return typeof run === 'function' ? (run as unknown as Partial<OfModule>)[MODULE] : undefined;
}
