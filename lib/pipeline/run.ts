import { StallError, type Wait } from '../error/stall-error.ts';
import { StoppedError } from '../error/stopped-error.ts';
import type { Logger } from '../graph/context.ts';
import type { GraphPlan } from '../graph/plan.ts';
import type { Failure, Host } from '../processor/host.ts';
import { openIterator } from '../processor/iterate.ts';
import type { Processor } from '../processor/processor.ts';
import { Sequence } from '../processor/sequence.ts';
import type { AnyIterator } from '../processor/slot.ts';
import { feed, startSource } from '../processor/source.ts';
import { onAbort } from '../support/abort.ts';
import { type Clock, systemClock, Timers } from '../support/clock.ts';
import { createIds, type IdFactory } from '../support/ids.ts';
import { EPOCH, scheduler } from '../support/scheduler.ts';
import type { Call, CallHost } from './call.ts';
import { connect } from './connect.ts';
import { checkInputs, closeInput } from './inputs.ts';
import { Life } from './life.ts';
import { type ObservedRun, type Observer, UNOBSERVED } from './observer.ts';
import type { PlumberOptions, RunOptions } from './options.ts';
import type { Readable, Reader } from './reader.ts';
import { NOBODY, Shutdown } from './shutdown.ts';
import { StallWatch, type Watched } from './stall-watch.ts';
import { type Summary, summarize } from './summary.ts';
import { type TraceRecorder, tracerOf } from './trace-recorder.ts';

// `queueMicrotask` of Node 20 takes 0.3 µs longer than this.
const STARTED: Promise<void> = Promise.resolve();

/** One run of a graph: what its nodes and its user ask of it, and how it begins. How it ends is told in `shutdown.ts`. */
export class PipelineRun extends Shutdown implements Host, CallHost, Watched, ObservedRun {
  override readonly plan: GraphPlan;
  readonly env: unknown;
  readonly log: Logger;
  override readonly processors: readonly Processor[];
  readonly sequence: Sequence;
  readonly tracer: TraceRecorder | undefined;
  readonly random: () => number;

  private readonly clock: Clock;
  /** As a stamp. */
  private readonly startedAt: number;
  private ids: IdFactory | undefined;
  protected override readonly inputs: ReadonlyMap<string, unknown> | undefined;
  protected override readonly life: Life | undefined;
  protected override readonly grace: number;
  override readonly timers: Timers;
  private readonly outerSignal: AbortSignal | undefined;
  private observers: readonly Observer[] = UNOBSERVED;
  private stallWatch: StallWatch | undefined;
  /** Where messages wait for their key; found when it is asked for. */
  private keyed: readonly Processor[] | undefined;
  isDraining = false;

  constructor(plan: GraphPlan, shared: PlumberOptions, options: RunOptions) {
    scheduler.enter();
    super();
    this.plan = plan;
    this.env = options.env ?? shared.env;
    this.log = shared.logger ?? console;
    this.clock = shared.clock ?? systemClock;
    this.timers = new Timers(this.clock);
    this.random = shared.random ?? Math.random;
    this.sequence = new Sequence(this.clock);
    this.startedAt = this.sequence.stamp();
    this.ids = shared.ids;
    this.grace = options.grace ?? 1000;
    this.inputs = options.inputs === undefined ? undefined : checkInputs(options.inputs, plan);
    this.unended = plan.nodes.length;
    this.tracer = tracerOf(options.trace, this, this.clock);
    if (this.tracer !== undefined) this.watch.trace(this.tracer);
    this.processors = connect(plan, this);
    this.life = plan.hasLife ? new Life(this.processors, (error) => this.lifeFailed(error)) : undefined;
    for (const name of this.inputs?.keys() ?? []) {
      this.processor(name).mailbox?.close(
        () => new StoppedError('STOPPED', `inlet ${name} takes its values from inputs`),
      );
    }
    const { signal } = options;
    this.outerSignal = signal;
    if (signal?.aborted === false) this.removeListener = onAbort(signal, () => this.abort(signal.reason));
    // Whoever attaches a reader or a listener in this tick misses nothing.
    void STARTED.then(() => this.begin());
  }

  // --- what nodes ask of it ---

  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (this.cut !== undefined) this.controller.abort(this.cut.error);
    return this.controller.signal;
  }

  timeOf(stamp: number): number {
    return EPOCH + stamp;
  }

  idOf(number: number): string {
    this.ids ??= createIds(this.timeOf(this.startedAt));
    return this.ids(number);
  }

  override refusal(): unknown {
    if (this.cut === undefined) return new StoppedError('STOPPED', 'the pipeline takes no more input');
    if (this.cut.kind === 'aborted') return this.cut.error;
    return new StoppedError('STOPPED', 'the pipeline has failed', { cause: this.cut.error });
  }

  fail(error: Failure): void {
    if (this.watch.has('error')) this.ending.told();
    this.cutShort('failed', error);
  }

  outlived({ name }: { readonly name: string }, promise: Promise<unknown>): void {
    this.stragglers.await(name, promise, () => this.finishIfQuiet());
  }

  ended({ name }: { readonly name: string }): void {
    this.unended--;
    if (this.watch.has('nodeEnd')) this.watch.tellNodeEnd(this.processor(name), this.sequence.stamp());
    this.finishIfQuiet();
  }

  suspect(): void {
    this.stallWatch ??= new StallWatch(this);
    this.stallWatch.suspect();
  }

  get isUnderWay(): boolean {
    return this.state === 'running';
  }

  stalled(cycle: readonly Wait[]): void {
    this.cutShort('failed', new StallError(cycle));
  }

  // --- what those ask of it who look at it ---

  get startedAtMs(): number {
    return this.timeOf(this.startedAt);
  }

  get isNew(): boolean {
    return this.state === 'new' && this.calls.first === undefined;
  }

  get openCalls(): number {
    let count = 0;
    for (let call = this.calls.first; call !== undefined; call = call.next) count++;
    return count;
  }

  observe(observer: Observer): void {
    this.observers = [...this.observers, observer];
    observer.joined(this);
    if (this.state === 'ended') observer.left(this, this.cut?.error);
  }

  protected override tellObservers(error: unknown): void {
    for (const observer of this.observers) observer.left(this, error);
  }

  unobserve(observer: Observer): void {
    this.observers = this.observers.filter((other) => other !== observer);
  }

  // --- what its user asks of it ---

  /** The world outside comes in. */
  enter(): void {
    scheduler.enter();
    this.stallWatch?.stir();
  }

  processor(name: string): Processor {
    return this.processors[this.plan.places.get(name) as number] as Processor;
  }

  override summary(): Summary {
    return summarize(this.processors, this.clock.now() - EPOCH, {
      startedAt: this.startedAt,
      left: this.left,
      leftMessages: this.leftMessages,
      stragglers: this.stragglers.names,
    });
  }

  addCall(call: Call, inlet: string): void {
    this.calls.add(call);
    for (const observer of this.observers) observer.called?.(this, call, inlet);
  }

  settled(call: Call): void {
    this.calls.delete(call);
    for (const observer of this.observers) observer.settled?.(this, call);
  }

  lost(): void {
    scheduler.enter();
    this.keyed ??= this.processors.filter(({ plan }) => plan.keyBy !== undefined);
    for (const node of this.keyed) node.callerGone();
  }

  /** Has a reader read from these sinks, from now on. */
  read(reader: Reader<unknown>, sinks: readonly Readable[]): void {
    if (this.cut !== undefined) {
      reader.fail(this.cut.error);
      return;
    }
    if (this.readers === NOBODY) this.readers = new Set();
    this.readers.add(reader);
    reader.attachTo(sinks, this.watch);
  }

  detach(reader: Reader<unknown>): void {
    this.readers.delete(reader);
  }

  protected override now(): number {
    return this.clock.now();
  }

  stop(within: number | undefined, report: boolean): Promise<Summary> {
    this.isDraining = true;
    this.enter();
    if (report && this.cut === undefined && this.state !== 'ended') this.leftMessages ??= [];
    for (const node of this.processors) node.stop();
    if (within !== undefined && this.state !== 'ended') {
      this.timers.set(within, () => {
        this.cutShort('aborted', new StoppedError('ABORTED', `the pipeline did not end within ${within} ms`));
      });
    }
    return this.ending.stopped;
  }

  abort(reason: unknown): void {
    this.cutShort('aborted', new StoppedError('ABORTED', 'the pipeline was aborted', { cause: reason }));
  }

  // --- its life ---

  private begin(): void {
    if (this.state !== 'new') return;
    scheduler.enter();
    if (this.outerSignal?.aborted === true) this.abort(this.outerSignal.reason);
    else if (this.life === undefined) this.start();
    else void this.setUp(this.life);
  }

  private async setUp(life: Life): Promise<void> {
    await life.setUp(() => this.state === 'new');
    scheduler.enter();
    if (this.state === 'new') this.start();
    else this.finishIfQuiet();
  }

  private start(): void {
    this.state = 'running';
    if (this.watch.has('start')) this.watch.emit('start', { nodes: this.processors.map(({ name }) => name) });
    for (const [name, input] of this.inputs ?? []) this.feed(this.processor(name), input);
    // Those who take are ready before those who send.
    for (let place = this.processors.length - 1; place >= 0; place--) this.processors[place]?.start();
    for (const node of this.processors) if (node.plan.kind === 'source') startSource(node);
    // A stop may have ended all of them while the setups ran.
    this.finishIfQuiet();
  }

  private feed(node: Processor, input: unknown): void {
    try {
      if (node.isWaiting || node.isRunning) feed(node, openIterator(input) as AnyIterator);
      else closeInput(input); // It was stopped before it began.
    } catch (error) {
      node.sourceFailed(error);
    }
  }
}
