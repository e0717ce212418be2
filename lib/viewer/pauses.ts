import type { ObservedRun } from '../pipeline/observer.ts';
import { pause, resume } from '../processor/source.ts';
import type { PauseRequest } from './protocol.ts';

/** The sources and inlets that pages have paused. They go on when the viewer is closed. */
export class Pauses {
  readonly #running: ReadonlyMap<number, ObservedRun>;
  /** In all pipelines, those to come included. */
  readonly #everywhere = new Set<string>();
  readonly #held = new Map<ObservedRun, Set<string>>();

  constructor(running: ReadonlyMap<number, ObservedRun>) {
    this.#running = running;
  }

  /** @returns `false` if there is no such pipeline */
  ask({ node, pipeline, paused }: PauseRequest): boolean {
    if (pipeline !== undefined) {
      const run = this.#running.get(pipeline);
      if (run !== undefined) this.#set(run, node, paused);
      return run !== undefined;
    }
    if (paused) this.#everywhere.add(node);
    else this.#everywhere.delete(node);
    for (const run of this.#running.values()) this.#set(run, node, paused);
    return true;
  }

  /** A pipeline has come: what is paused everywhere is paused in it before it runs. */
  joined(run: ObservedRun): void {
    for (const node of this.#everywhere) this.#set(run, node, true);
  }

  left(run: ObservedRun): void {
    this.#held.delete(run);
  }

  resumeAll(): void {
    this.#everywhere.clear();
    for (const [run, nodes] of this.#held) for (const node of nodes) resume(run.processor(node));
    this.#held.clear();
  }

  #set(run: ObservedRun, node: string, paused: boolean): void {
    const held = this.#held.get(run) ?? new Set();
    if (paused) {
      pause(run.processor(node));
      held.add(node);
    } else {
      resume(run.processor(node));
      held.delete(node);
    }
    this.#held.set(run, held);
  }
}
