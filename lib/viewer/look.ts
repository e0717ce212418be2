import { type Metrics, measure } from '../metrics/index.ts';
import type { Observer } from '../pipeline/observer.ts';
import { type Target, targetOf } from '../pipeline/observing.ts';
import { Pipeline, runOf } from '../pipeline/pipeline.ts';
import type { Plumber } from '../pipeline/plumber.ts';
import { Followed } from './followed.ts';
import { GraphIndex } from './graph.ts';
import { Pages, type Tools } from './pages.ts';
import { Pauses } from './pauses.ts';
import { failedBefore, ProblemLog } from './problems.ts';
import type { Scene } from './view.ts';

/** What is being looked at, and who is told of it. */
export interface Looked {
  readonly scene: Scene;
  readonly pages: Pages;
  readonly pauses: Pauses;
  readonly problems: ProblemLog;
  /** Looks no more; what was paused goes on. */
  readonly letGo: () => void;
}

/** Begins to look at a pipeline, or at all that a Plumber makes from now on. */
export function look<Inlets, Sinks>(
  target: Pipeline<Inlets, Sinks> | Plumber<Inlets, Sinks>,
  payloads: boolean,
  toolsOf: (metrics: Metrics) => Tools,
): Looked {
  const metrics = measure(target);
  const tools = toolsOf(metrics);
  const observed = targetOf(target) as Target;
  const only = target instanceof Pipeline ? runOf(target) : undefined;
  const before = only === undefined ? null : failedBefore(only, tools.now());
  const graph = new GraphIndex(observed.plan, { isPlumber: only === undefined, payloads, before });
  const problems = new ProblemLog(payloads, tools.now);
  const followed = new Followed(problems, tools.now);
  const pauses = new Pauses(followed.running);
  const observer: Observer = {
    joined(run) {
      followed.joined(run);
      pauses.joined(run);
    },
    left(run, error) {
      followed.left(run, error);
      pauses.left(run);
    },
  };
  observed.observe(observer);
  const scene = { graph, followed, only };
  const pages = new Pages(scene, problems, tools);
  const letGo = (): void => {
    pages.close();
    pauses.resumeAll();
    metrics.stop();
    observed.unobserve(observer);
    for (const run of followed.running.values()) run.unobserve(observer);
    followed.letGo();
  };
  return { scene, pages, pauses, problems, letGo };
}
