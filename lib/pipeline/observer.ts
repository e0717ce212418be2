import type { GraphPlan } from '../graph/plan.ts';
import type { Processor } from '../processor/processor.ts';
import type { Call } from './call.ts';
import type { Events } from './events.ts';
import type { Summary } from './summary.ts';

/** What can be observed: it has all observers told, from now on. */
export interface Observed {
  observe(observer: Observer): void;
  unobserve(observer: Observer): void;
}

/** What observers see of a pipeline. */
export interface ObservedRun extends Observed {
  readonly plan: GraphPlan;
  readonly processors: readonly Processor[];
  readonly watch: Events;
  /** In ms since 1970. */
  readonly startedAtMs: number;
  /** It has not started yet, and nothing was done. */
  readonly isNew: boolean;
  /** Calls that are not settled. */
  readonly openCalls: number;
  summary(): Summary;
  processor(name: string): Processor;
}

/** Is told of pipelines. What it does must not throw. */
export interface Observer {
  /** There is one: told before it runs, or at once if it runs already. */
  joined(run: ObservedRun): void;
  /** It is over, `teardown`s included. */
  left(run: ObservedRun, error: unknown): void;
  /** Somebody called an inlet of that name. */
  called?(run: ObservedRun, call: Call, inlet: string): void;
  /** The call is answered, or has failed. */
  settled?(run: ObservedRun, call: Call): void;
}

/** Nobody looks at most pipelines. */
export const UNOBSERVED: readonly Observer[] = [];

/** The observers of a Plumber: told of each pipeline that it makes. */
export class Observers implements Observed {
  readonly plan: GraphPlan;
  #all = UNOBSERVED;

  constructor(plan: GraphPlan) {
    this.plan = plan;
  }

  observe(observer: Observer): void {
    this.#all = [...this.#all, observer];
  }

  unobserve(observer: Observer): void {
    this.#all = this.#all.filter((other) => other !== observer);
  }

  tellOf(run: Observed): void {
    for (const observer of this.#all) run.observe(observer);
  }
}
