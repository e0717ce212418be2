import type { GraphPlan } from '../graph/plan.ts';
import type { Call } from '../pipeline/call.ts';
import type { ObservedRun, Observer } from '../pipeline/observer.ts';
import { attachProbe } from '../processor/probing.ts';
import type { BoundedQueue } from '../queue/bounded-queue.ts';
import { MeterProbe, NodeMeter } from './node-meter.ts';
import { type Exactness, Sampling } from './sampling.ts';
import { addTo, copyOf, emptySum, type Sum } from './totals.ts';

const now: () => number = performance.now.bind(performance);

/** A call that is timed. */
interface TimedCall {
  readonly began: number;
  readonly weight: number;
}

/** Measures pipelines of one graph, each from the moment it is told of until that is over. */
export class Meters implements Observer {
  readonly nodes: readonly NodeMeter[];
  /** How long messages stood in queues, in the order in which a summary lists edges. */
  readonly waits: readonly Sampling[];
  readonly callTimes: Sampling;
  ended = 0;
  failed = 0;
  callsRunning = 0;
  callsAnswered = 0;
  callsFailed = 0;

  /** Of the pipelines that are over. */
  readonly #past: Sum;
  readonly #running = new Map<ObservedRun, readonly MeterProbe[]>();
  readonly #timed = new Map<Call, TimedCall>();
  #isOver = false;

  constructor({ nodes, edges }: GraphPlan, exactness: Exactness) {
    this.nodes = nodes.map(() => new NodeMeter(exactness));
    this.waits = edges.map(() => new Sampling('sampled'));
    this.callTimes = new Sampling(exactness);
    this.#past = emptySum(nodes.length, edges.length);
  }

  get running(): number {
    return this.#running.size;
  }

  /** What all of them have counted, those that are over included. */
  sum(): Sum {
    const sum = copyOf(this.#past);
    for (const run of this.#running.keys()) addTo(sum, run.summary(), false);
    return sum;
  }

  /** That a node has waited for room, and waits now, in all pipelines. */
  blockedMs(node: number): number {
    let ms = (this.nodes[node] as NodeMeter).blocks.timings.total;
    for (const probes of this.#running.values()) ms += (probes[node] as MeterProbe).blockedForMs;
    return ms;
  }

  joined(run: ObservedRun): void {
    const probes = run.processors.map((node, place) => {
      const probe = new MeterProbe(this.nodes[place] as NodeMeter);
      attachProbe(node, probe);
      return probe;
    });
    this.#running.set(run, probes);
    this.#timeWaits(run);
  }

  left(run: ObservedRun, error: unknown): void {
    for (const probe of this.#running.get(run) ?? []) probe.end();
    this.#running.delete(run);
    addTo(this.#past, run.summary(), true);
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
    this.callTimes.timings.add(timed.began, now(), timed.weight);
  }

  /** Measures nothing more; what it has measured stays. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const { calls } of this.nodes) calls.stop();
    for (const waits of this.waits) waits.stop();
    for (const [run, probes] of this.#running) {
      run.unobserve(this);
      for (const probe of probes) probe.end();
      addTo(this.#past, run.summary(), true);
    }
    this.#running.clear();
    this.#timed.clear();
  }

  #timeWaits(run: ObservedRun): void {
    const queues = run.processors.flatMap(({ inputs }) => inputs);
    const waitsOf = new Map<BoundedQueue, Sampling>();
    for (const [place, queue] of queues.entries()) waitsOf.set(queue, this.waits[place] as Sampling);
    run.watch.time((queue, message) => {
      const waits = waitsOf.get(queue);
      if (waits === undefined || !waits.next()) return;
      const { nowMs } = run;
      waits.timings.add(message.timestamp, nowMs, waits.begin(nowMs));
    });
  }
}
