import type { createPipeline, NodeOptions, Pipeline, RunOptions } from 'sluice';
import { numbers, type Step, sink } from './steps.ts';

/** Edges of the chain. */
export const HOPS = 4;

interface ChainOptions extends Pick<RunOptions, 'trace'> {
  readonly defaults?: NodeOptions;
}

/** A source, three functions and a counting sink. */
export function sluiceChain(
  create: typeof createPipeline,
  items: number,
  step: Step,
  { defaults = {}, ...options }: ChainOptions = {},
): Pipeline {
  return create(
    {
      nodes: { numbers: () => numbers(items), one: step, two: step, three: step, sink },
      graph: { numbers: ['one'], one: ['two'], two: ['three'], three: ['sink'], sink: null },
      defaults,
    },
    options,
  ) as unknown as Pipeline;
}
