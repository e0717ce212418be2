import type { Quoted } from './sentences.ts';

/** Which thread a function runs in: that of the pipeline, or one of the worker threads. */
export type RunIn = 'main' | 'worker';

/** What moves to a worker thread, or back, instead of being copied. */
export type Transfer = 'input' | 'output' | 'both';

/** Where another thread finds a function. */
export interface ModuleReference {
  /** The URL of its module. */
  readonly module: string;
  /** What it is exported as. */
  readonly name: string;
}

/** Where a function keeps that: known to every copy of the package, and no document can hold it. */
export const MODULE: unique symbol = Symbol.for('sluice.module') as never;

/** As much of such a function as the compiler knows it by. */
export interface OfModule {
  readonly [MODULE]: ModuleReference;
}

/** What may run where the node says; a name is looked up when the definition is read. */
export type CheckedThread<K, S, F, Checked> = S extends { readonly runIn: 'worker' }
  ? F extends OfModule | string
    ? Checked
    : `${Quoted<K>} runs in a worker thread, which can only find a function that \`fromModule\` tells of`
  : Checked;
