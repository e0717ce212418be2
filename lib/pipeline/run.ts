import type { ProcessorError } from '../error/processor-error.ts';
import { StoppedError } from '../error/stopped-error.ts';
import type { Logger } from '../graph/context.ts';
import type { GraphPlan } from '../graph/plan.ts';
import type { Host } from '../processor/host.ts';
import { openIterator } from '../processor/iterate.ts';
import type { Processor } from '../processor/processor.ts';
import { Sequence } from '../processor/sequence.ts';
import type { AnyIterator } from '../processor/slot.ts';
import { feed, startSource } from '../processor/source.ts';
import { onAbort } from '../support/abort.ts';
import { type Clock, systemClock, Timers } from '../support/clock.ts';
import { type Deferred, deferred } from '../support/deferred.ts';
import { createIds, type IdFactory } from '../support/ids.ts';
import { EPOCH, scheduler } from '../support/scheduler.ts';
import { reportUncaught } from '../support/uncaught.ts';
import type { Call, CallHost } from './call.ts';
import { connect } from './connect.ts';
import { Ending } from './ending.ts';
import { Events } from './events.ts';
import { checkInputs, closeInput, closeInputs } from './inputs.ts';
import { Life } from './life.ts';
import type { PlumberOptions, RunOptions } from './options.ts';
import type { Reader } from './reader.ts';
import { countersOf, type Summary, summarize, unfinished } from './summary.ts';

/**
 * One run of a graph, from its creation to its end.
 *
 * ```text
 *   new --setups done--> running --all nodes ended--> finishing --teardowns done--> ended
 *    |                      |                             ^
 *    +--abort(), failure----+--> aborted --all nodes ended, or the grace over--+
 * ```
 * A stop is no state: sources and inlets end, and with them everything else.
 */
export class PipelineRun implements Host, CallHost {
  readonly plan: GraphPlan;
  readonly env: unknown;
  readonly log: Logger;
  readonly watch: Events = new Events();
  readonly processors: readonly Processor[];
  readonly ending: Ending = new Ending();
  readonly sinkNames: readonly string[];
  readonly sequence: Sequence;

  #state: 'new' | 'running' | 'aborted' | 'finishing' | 'ended' = 'new';
  /** Why it does not end in good order. */
  #cut: { readonly kind: 'aborted' | 'failed'; readonly error: unknown } | undefined;
  readonly #clock: Clock;
  /** As a stamp. */
  readonly #startedAt: number;
  #ids: IdFactory | undefined;
  #unended: number;
  #controller: AbortController | undefined;
  readonly #calls = new Set<Call>();
  readonly #readers = new Set<Reader<unknown>>();
  readonly #inputs: ReadonlyMap<string, unknown> | undefined;
  readonly #life: Life | undefined;
  readonly #grace: number;
  #graceOver: Deferred<void> | undefined;
  readonly #timers: Timers;
  #stragglers: readonly string[] = [];
  #left = 0;
  readonly #outerSignal: AbortSignal | undefined;
  #removeListener: (() => void) | undefined;

  constructor(plan: GraphPlan, shared: PlumberOptions, options: RunOptions) {
    scheduler.enter();
    this.plan = plan;
    this.env = options.env ?? shared.env;
    this.log = shared.logger ?? console;
    this.sinkNames = plan.sinkNames;
    this.#clock = shared.clock ?? systemClock;
    this.#timers = new Timers(this.#clock);
    this.sequence = new Sequence(this.#clock);
    this.#startedAt = this.sequence.stamp();
    this.#ids = shared.ids;
    this.#grace = options.grace ?? 1000;
    this.#inputs = options.inputs === undefined ? undefined : checkInputs(options.inputs, plan);
    this.#unended = plan.nodes.length;
    this.processors = connect(plan, this);
    this.#life = plan.hasLife ? new Life(this.processors, (error) => this.#lifeFailed(error)) : undefined;
    for (const name of this.#inputs?.keys() ?? []) {
      this.processor(name).mailbox?.close(
        () => new StoppedError('STOPPED', `inlet ${name} takes its values from inputs`),
      );
    }
    this.#outerSignal = options.signal;
    if (options.signal?.aborted === false) {
      this.#removeListener = onAbort(options.signal, () => this.abort(options.signal?.reason));
    }
    // Whoever attaches a reader or a listener in this tick misses nothing.
    queueMicrotask(() => this.#begin());
  }

  // --- what nodes ask of it ---

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#cut !== undefined) this.#controller.abort(this.#cut.error);
    return this.#controller.signal;
  }

  timeOf(stamp: number): number {
    return EPOCH + stamp;
  }

  idOf(number: number): string {
    this.#ids ??= createIds(this.timeOf(this.#startedAt));
    return this.#ids(number);
  }

  refusal(): unknown {
    if (this.#cut === undefined) return new StoppedError('STOPPED', 'the pipeline takes no more input');
    if (this.#cut.kind === 'aborted') return this.#cut.error;
    return new StoppedError('STOPPED', 'the pipeline has failed', { cause: this.#cut.error });
  }

  fail(error: ProcessorError): void {
    if (this.watch.has('error')) this.ending.told();
    this.#cutShort('failed', error);
  }

  ended({ name }: { readonly name: string }): void {
    this.#unended--;
    if (this.watch.has('nodeEnd')) {
      this.watch.emit('nodeEnd', {
        node: name,
        counters: countersOf(this.processor(name), this.sequence.stamp()),
      });
    }
    this.#finishIfQuiet();
  }

  // --- what its user asks of it ---

  processor(name: string): Processor {
    return this.processors[this.plan.places.get(name) as number] as Processor;
  }

  summary(): Summary {
    return summarize(this.processors, this.#clock.now() - EPOCH, {
      startedAt: this.#startedAt,
      left: this.#left,
      stragglers: this.#stragglers,
    });
  }

  addCall(call: Call): void {
    this.#calls.add(call);
  }

  settled(call: Call): void {
    this.#calls.delete(call);
  }

  /** Has a reader read from these sinks, from now on. */
  read(reader: Reader<unknown>, sinks: readonly string[]): void {
    if (this.#cut !== undefined) {
      reader.fail(this.#cut.error);
      return;
    }
    this.#readers.add(reader);
    reader.attachTo(
      sinks.map((name) => this.processor(name)),
      this.watch,
    );
  }

  detach(reader: Reader<unknown>): void {
    this.#readers.delete(reader);
  }

  stop(within: number | undefined): Promise<Summary> {
    scheduler.enter();
    for (const node of this.processors) node.stop();
    if (within !== undefined && this.#state !== 'ended') {
      this.#timers.set(within, () => {
        this.#cutShort(
          'aborted',
          new StoppedError('ABORTED', `the pipeline did not end within ${within} ms`),
        );
      });
    }
    return this.ending.stopped;
  }

  abort(reason: unknown): void {
    this.#cutShort('aborted', new StoppedError('ABORTED', 'the pipeline was aborted', { cause: reason }));
  }

  // --- its life ---

  #begin(): void {
    if (this.#state !== 'new') return;
    scheduler.enter();
    if (this.#outerSignal?.aborted === true) this.abort(this.#outerSignal.reason);
    else if (this.#life === undefined) this.#start();
    else void this.#setUp(this.#life);
  }

  async #setUp(life: Life): Promise<void> {
    await life.setUp(() => this.#state === 'new');
    scheduler.enter();
    if (this.#state === 'new') this.#start();
    else this.#finishIfQuiet();
  }

  #start(): void {
    this.#state = 'running';
    this.watch.emit('start', { nodes: this.processors.map(({ name }) => name) });
    for (const [name, input] of this.#inputs ?? []) this.#feed(this.processor(name), input);
    // Those who take are ready before those who send.
    for (let place = this.processors.length - 1; place >= 0; place--) this.processors[place]?.start();
    for (const node of this.processors) if (node.plan.kind === 'source') startSource(node);
    // A stop may have ended all of them while the setups ran.
    this.#finishIfQuiet();
  }

  #feed(node: Processor, input: unknown): void {
    try {
      if (node.isWaiting) feed(node, openIterator(input) as AnyIterator);
      else closeInput(input); // It was stopped before it began.
    } catch (error) {
      node.sourceFailed(error);
    }
  }

  #lifeFailed(error: ProcessorError): void {
    this.watch.emit('error', { error, action: 'fail' });
    if (this.watch.has('error')) this.ending.told();
    else if (this.#state === 'ended') reportUncaught(error);
    // An abort was asked for, a failure was not: it is what has to be told.
    if (this.#state !== 'finishing') this.#cutShort('failed', error);
    else if (this.#cut?.kind !== 'failed') this.#cut = { kind: 'failed', error };
  }

  #cutShort(kind: 'aborted' | 'failed', error: unknown): void {
    if (this.#state === 'aborted' || this.#state === 'ended') return;
    scheduler.enter();
    this.#cut ??= { kind, error };
    this.#graceOver ??= deferred();
    this.#timers.set(this.#grace, () => this.#graceIsOver());
    if (this.#state === 'finishing') return;
    const wasNew = this.#state === 'new';
    this.#state = 'aborted';
    this.#left = unfinished(this.processors);
    for (const node of this.processors) node.abort();
    const isRead = [...this.#readers].some(({ isFollowed }) => isFollowed);
    const isHeard = isRead || this.#calls.size > 0 || this.processors.some((node) => node.keepsWaiting);
    if (isHeard) this.ending.told();
    for (const call of this.#calls) call.fail(kind === 'aborted' ? error : this.refusal());
    for (const reader of this.#readers) reader.fail(error);
    this.#controller?.abort(error);
    if (wasNew) closeInputs(this.#inputs);
    for (const node of this.processors) node.shut();
    this.#finishIfQuiet();
  }

  #graceIsOver(): void {
    const busy = this.processors.filter(({ isBusy }) => isBusy).map(({ name }) => name);
    this.#stragglers = [...busy, ...(this.#life?.busy === undefined ? [] : [this.#life.busy])];
    this.#graceOver?.resolve();
    this.#finish();
  }

  #finishIfQuiet(): void {
    const isSettingUp = this.#state !== 'finishing' && this.#life?.busy !== undefined;
    if (this.#unended === 0 && !isSettingUp) this.#finish();
  }

  #finish(): void {
    if (this.#state === 'finishing' || this.#state === 'ended') return;
    if (this.#state === 'new') closeInputs(this.#inputs);
    this.#state = 'finishing';
    if (this.#life === undefined) this.#end();
    else void this.#tearDown(this.#life);
  }

  async #tearDown(life: Life): Promise<void> {
    this.#graceOver ??= deferred();
    const late = await life.tearDown(this.#graceOver.promise);
    this.#stragglers = [...new Set([...this.#stragglers, ...late])];
    this.#end();
  }

  #end(): void {
    this.#state = 'ended';
    this.#timers.clear();
    this.#removeListener?.();
    const summary = this.summary();
    const error =
      this.#cut?.error instanceof StoppedError ? this.#cut.error.naming(this.#stragglers) : this.#cut?.error;
    this.watch.emit('end', { summary, ...(this.#cut !== undefined && { error }) });
    this.ending.settle(
      this.#cut === undefined ? { kind: 'done', summary } : { kind: this.#cut.kind, summary, error },
    );
  }
}
