import type { Pipeline as PublicPipeline } from 'sluice';
import { measure } from 'sluice/metrics';
import { targetOf } from '../../lib/pipeline/observing.ts';
import { Pipeline, runOf } from '../../lib/pipeline/pipeline.ts';
import { Followed } from '../../lib/viewer/followed.ts';
import { GraphIndex } from '../../lib/viewer/graph.ts';
import { Pages } from '../../lib/viewer/pages.ts';
import { Pauses } from '../../lib/viewer/pauses.ts';
import { ProblemLog } from '../../lib/viewer/problems.ts';
import type { Told } from '../../lib/viewer/protocol.ts';
import type { Sink } from '../../lib/viewer/stream.ts';
import type { Scene } from '../../lib/viewer/view.ts';

/** A viewer whose rounds are made by hand. */
export interface Stage {
  readonly scene: Scene;
  readonly pages: Pages;
  readonly pauses: Pauses;
  readonly problems: ProblemLog;
  /** Makes the next round, if one is to come; returns after how many ms it was to. */
  round(): number | undefined;
  /** How often everything was measured. */
  readonly snapshots: number;
  /** How long a round takes from now on. */
  cost: number;
}

export function stageOf(target: object, payloads = false): Stage {
  const observed = targetOf(target);
  if (observed === undefined) throw new Error('there is nothing to look at');
  const metrics = measure(target as PublicPipeline);
  const only = target instanceof Pipeline ? runOf(target) : undefined;
  const graph = new GraphIndex(observed.plan, { isPlumber: only === undefined, payloads, before: null });
  let now = 1_000_000;
  let elapsed = 0;
  let next: { readonly callback: () => void; readonly ms: number } | undefined;
  const problems = new ProblemLog(payloads, () => now);
  const followed = new Followed(problems, () => now);
  const pauses = new Pauses(followed.running);
  observed.observe({
    joined(run) {
      followed.joined(run);
      pauses.joined(run);
    },
    left(run, error) {
      followed.left(run, error);
      pauses.left(run);
    },
    called() {},
    settled() {},
  });
  const scene = { graph, followed, only };
  const stage = { snapshots: 0, cost: 0 };
  const pages = new Pages(scene, problems, {
    snapshot: () => {
      stage.snapshots++;
      return metrics.snapshot();
    },
    now: () => now,
    elapsed: () => {
      elapsed += stage.cost;
      return elapsed;
    },
    setTimeout: (callback, ms) => {
      next = { callback, ms };
      return next;
    },
    clearTimeout: (timer) => {
      if (timer === next) next = undefined;
    },
  });
  return Object.assign(stage, {
    ...{ scene, pages, pauses, problems },
    round(): number | undefined {
      const due = next;
      next = undefined;
      now += due?.ms ?? 0;
      due?.callback();
      return due?.ms;
    },
  });
}

/** A page that reads, unless it is stuck: then the first thing it is told fills all room that there is. */
export class FakePage implements Sink {
  readonly texts: string[] = [];
  isStuck = false;
  isGone = false;
  writableNeedDrain = false;

  write(text: string): boolean {
    this.texts.push(text);
    this.writableNeedDrain = this.isStuck;
    return !this.isStuck;
  }

  end(): void {
    this.isGone = true;
  }

  destroy(): void {
    this.isGone = true;
  }

  /** All that it was told by this name. */
  told<Name extends keyof Told>(name: Name): Told[Name][] {
    const begin = `event: ${name}\ndata: `;
    return this.texts
      .filter((text) => text.startsWith(begin))
      .map((text) => JSON.parse(text.slice(begin.length)));
  }
}
