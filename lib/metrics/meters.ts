import type { GraphPlan } from '../graph/plan.ts';
import type { Call } from '../pipeline/call.ts';
import type { Timer } from '../pipeline/events.ts';
import type { ObservedRun, Observer } from '../pipeline/observer.ts';
import { attachProbe, detachProbe } from '../processor/probing.ts';
import type { Processor } from '../processor/processor.ts';
import { elapsed as now } from '../support/clock.ts';
import { MeterProbe, NodeMeter } from './node-meter.ts';
import { type Exactness, Sampling } from './sampling.ts';
import { Sum } from './totals.ts';

/** A call that is timed. */
interface TimedCall {
  readonly began: number;
  readonly weight: number;
}

/** A pipeline that is measured. */
interface Measured {
  readonly probes: readonly MeterProbe[];
  /** Has its queues tell nothing more. */
  readonly untime: () => void;
}

/** Measures pipelines of one graph, each from the moment it is told of until that is over. */
export class Meters implements Observer {
  readonly nodes: readonly NodeMeter[];
  /** How long messages waited, by the index of the edge. */
  readonly waits: readonly Sampling[];
  readonly callTimes: Sampling;
  ended = 0;
  failed = 0;
  callsRunning = 0;
  callsAnswered = 0;
  callsFailed = 0;

  /** Of the pipelines that are over. */
  readonly #past: Sum;
  readonly #running = new Map<ObservedRun, Measured>();
  readonly #timed = new Map<Call, TimedCall>();

  // One for all pipelines: a request's makes none of its own.
  readonly #timeWait: Timer = ({ index, consumer }, message) => {
    const waits = this.waits[index];
    // A reader's queue is no edge.
    if (waits === undefined || !waits.next()) return;
    const { run, sequence } = consumer as Processor;
    const ms = run.timeOf(sequence.stamp()) - message.timestamp;
    // Somebody may have set the clock back.
    waits.short(Math.max(ms, 0), waits.begin(now()));
  };

  constructor({ nodes, edges }: GraphPlan, exactness: Exactness) {
    this.nodes = nodes.map(() => new NodeMeter(exactness));
    this.waits = edges.map(() => new Sampling('sampled'));
    this.callTimes = new Sampling(exactness);
    this.#past = Sum.empty(nodes.length, edges.length);
  }

  get running(): number {
    return this.#running.size;
  }

  /** What all of them have counted, those that are over included. */
  sum(): Sum {
    const sum = this.#past.copy();
    for (const run of this.#running.keys()) sum.add(run.processors, false);
    return sum;
  }

  /** That a node has waited for room, and waits now, in all pipelines. */
  blockedMs(node: number): number {
    let ms = (this.nodes[node] as NodeMeter).blocks.timings.total;
    for (const { probes } of this.#running.values()) ms += (probes[node] as MeterProbe).blockedForMs;
    return ms;
  }

  joined(run: ObservedRun): void {
    const probes = run.processors.map((node, place) => {
      const probe = new MeterProbe(this.nodes[place] as NodeMeter);
      attachProbe(node, probe);
      return probe;
    });
    if (!run.isNew) {
      this.#past.leaveOut(run.processors);
      this.callsRunning += run.openCalls;
    }
    this.#running.set(run, { probes, untime: run.watch.time(this.#timeWait) });
  }

  left(run: ObservedRun, error: unknown): void {
    for (const probe of this.#running.get(run)?.probes ?? []) probe.freed();
    this.#running.delete(run);
    this.#past.add(run.processors, true);
    this.ended++;
    if (error !== undefined) this.failed++;
  }

  called(_: ObservedRun, call: Call): void {
    this.callsRunning++;
    if (!this.callTimes.next()) return;
    const began = now();
    this.#timed.set(call, { began, weight: this.callTimes.begin(began) });
  }

  settled(_: ObservedRun, call: Call): void {
    this.callsRunning--;
    if (call.failure !== undefined) this.callsFailed++;
    else this.callsAnswered++;
    const timed = this.#timed.get(call);
    if (timed === undefined) return;
    this.#timed.delete(call);
    // One that was refused at once would make those that were answered look quick.
    if (call.failure === undefined) this.callTimes.short(now() - timed.began, timed.weight);
  }

  /** Measures nothing more; what it has measured stays. */
  stop(): void {
    for (const { calls } of this.nodes) calls.stop();
    for (const waits of this.waits) waits.stop();
    for (const [run, { probes, untime }] of this.#running) {
      run.unobserve(this);
      untime();
      for (const [place, probe] of probes.entries()) {
        probe.freed();
        detachProbe(run.processors[place] as Processor, probe);
      }
      this.#past.add(run.processors, true);
    }
    this.#running.clear();
    this.#timed.clear();
  }
}
