import { collectProblems } from '../graph/report.ts';
import { checkKeys } from '../graph/unknown-keys.ts';
import { shown } from '../graph/values.ts';
import { readTarget, type Target } from '../pipeline/observing.ts';
import type { Pipeline } from '../pipeline/pipeline.ts';
import type { Plumber } from '../pipeline/plumber.ts';

import { Measuring, type Metrics } from './metrics.ts';

/** How it is measured. */
export interface MeasureOptions {
  /**
   * Which calls are timed. `'sampled'`: the first eight of each ms, and of the others about one in 256 by chance, which
   * stands for them. `'exact'`: every one.
   * @default 'sampled'
   */
  readonly calls?: 'sampled' | 'exact';
}

/**
 * Measures a pipeline, or all pipelines that a Plumber makes from now on, those included that are over by then; not those of
 * which it is a node. A pipeline is kept until it is over: one that is never stopped stays in memory as long as it is measured,
 * and is counted as running. What the engine counts anyway costs nothing; call times are sampled, which costs a chain of functions that do nothing a fifth of
 * its speed.
 *
 * @throws GraphError if it is given neither, or an option has no possible value.
 * @example
 * import { inlet, Plumber } from 'sluice';
 * import { measure } from 'sluice/metrics';
 *
 * const plumber = new Plumber({
 *   nodes: { n: inlet<number>(), double: (n: number) => 2 * n },
 *   graph: { n: ['double'] },
 * });
 * const metrics = measure(plumber);
 * for (const n of [1, 2, 3]) {
 *   await using pipeline = plumber.createPipeline();
 *   await pipeline.call(n);
 * }
 * const { pipelines, calls, nodes } = metrics.snapshot();
 * console.log(pipelines.ended, calls.answered, nodes.double?.received); // prints: 3 3 3
 */
export function measure<Inlets, Sinks>(
  target: Plumber<Inlets, Sinks> | Pipeline<Inlets, Sinks>,
  options: MeasureOptions = {},
): Metrics {
  const { report, throwAny } = collectProblems();
  const found = readTarget(target, report);
  const { calls = 'sampled' } = checkKeys(options, ['calls'], ' like { calls }', report) ? options : {};
  if (calls !== 'sampled' && calls !== 'exact')
    report('bad-option', 'options.calls', `is ${shown(calls)}, must be 'sampled' or 'exact'`);
  throwAny();
  return new Measuring(found as Target, calls);
}
