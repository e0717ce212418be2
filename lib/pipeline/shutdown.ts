import type { ProcessorError } from '../error/processor-error.ts';
import { StoppedError } from '../error/stopped-error.ts';
import type { GraphPlan } from '../graph/plan.ts';
import type { Processor } from '../processor/processor.ts';
import { captureScope, type Scope } from '../support/async-context.ts';
import type { Timers } from '../support/clock.ts';
import { LinkedList } from '../support/linked-list.ts';
import { scheduler } from '../support/scheduler.ts';
import { reportUncaught } from '../support/uncaught.ts';
import type { Call } from './call.ts';
import { Ending } from './ending.ts';
import { Events } from './events.ts';
import { closeInputs } from './inputs.ts';
import { countLeft, describeLeft, type LeftMessage } from './left.ts';
import type { Life } from './life.ts';
import type { Reader } from './reader.ts';
import { Stragglers } from './stragglers.ts';
import type { Summary } from './summary.ts';

/** Most pipelines have no reader. */
export const NOBODY: Set<Reader<unknown>> = new Set();

/**
 * How a run comes to its end: when all nodes have ended, or cut short by a failure or an abort.
 *
 * ```text
 *   new --setups done--> running --all nodes ended--> finishing --teardowns done--> ended
 *    |                      |                             ^
 *    +--abort(), failure----+--> aborted --all nodes ended, or the grace over--+
 * ```
 * A stop is no state: sources and inlets end, and with them everything else.
 */
// A part of the run by inheritance: one object per pipeline keeps those that live for one request cheap.
export abstract class Shutdown {
  abstract readonly plan: GraphPlan;
  abstract readonly processors: readonly Processor[];
  readonly scope: Scope | undefined = captureScope();
  readonly watch: Events = new Events(this.scope);
  readonly ending: Ending = new Ending();

  protected state: 'new' | 'running' | 'aborted' | 'finishing' | 'ended' = 'new';
  /** Why it does not end in good order. */
  protected cut: { readonly kind: 'aborted' | 'failed'; readonly error: unknown } | undefined;
  protected unended = 0;
  protected controller: AbortController | undefined;
  protected readonly calls: LinkedList<Call> = new LinkedList();
  protected readers: Set<Reader<unknown>> = NOBODY;
  protected readonly stragglers: Stragglers = new Stragglers();
  protected left = 0;
  /** What was left; empty as soon as a report is asked for, and filled by an abort. */
  protected leftMessages: readonly LeftMessage[] | undefined;
  protected abstract readonly inputs: ReadonlyMap<string, unknown> | undefined;
  protected abstract readonly life: Life | undefined;
  protected abstract readonly grace: number;
  abstract readonly timers: Timers;
  protected removeListener: (() => void) | undefined;

  /** In ms since 1970. */
  protected abstract now(): number;
  abstract summary(): Summary;
  abstract refusal(): unknown;
  /** It is over: those who look at it are told, `error` only if it failed or was aborted. */
  protected abstract tellObservers(error: unknown): void;

  protected lifeFailed(error: ProcessorError): void {
    this.watch.emit('error', { error, action: 'fail' });
    if (this.watch.has('error')) this.ending.told();
    else if (this.state === 'ended') reportUncaught(error);
    // An abort was asked for, a failure was not: it is what has to be told.
    if (this.state !== 'finishing') this.cutShort('failed', error);
    else if (this.cut?.kind !== 'failed') this.cut = { kind: 'failed', error };
  }

  protected cutShort(kind: 'aborted' | 'failed', error: unknown): void {
    if (this.state === 'aborted' || this.state === 'ended') return;
    scheduler.enter();
    this.cut ??= { kind, error };
    this.beginGrace();
    if (this.state === 'finishing') return;
    const wasNew = this.state === 'new';
    this.state = 'aborted';
    this.takeStock();
    // Asked before anybody is told: then nobody waits any more.
    if (this.isHeard) this.ending.told();
    for (const node of this.processors) node.abort();
    // Each takes itself out, and whoever is told of it may abort others.
    for (let call = this.calls.first; call !== undefined; call = this.calls.first) call.fail(this.refusal());
    for (const reader of this.readers) reader.fail(error);
    this.controller?.abort(error);
    if (wasNew) closeInputs(this.inputs);
    for (const node of this.processors) node.shut();
    this.finishIfQuiet();
  }

  /** Whether somebody reads or waits, who will be told of an end before its time. */
  private get isHeard(): boolean {
    for (const { isFollowed } of this.readers) if (isFollowed) return true;
    return this.calls.first !== undefined || this.processors.some(({ keepsWaiting }) => keepsWaiting);
  }

  /** Before anything is let go, and callers are told. */
  private takeStock(): void {
    const { processors, readers } = this;
    if (this.leftMessages !== undefined) this.leftMessages = describeLeft(processors, readers, this.now());
    this.left = this.leftMessages?.length ?? countLeft(processors, readers);
  }

  private beginGrace(): void {
    this.stragglers.beginGrace(this.timers, this.grace, () => {
      this.stragglers.giveUp(this.processors, this.life);
      this.finish();
    });
  }

  protected finishIfQuiet(): void {
    if (this.unended > 0 || this.life?.busy !== undefined) return;
    if (this.stragglers.areLate) this.beginGrace();
    else this.finish();
  }

  private finish(): void {
    if (this.state === 'finishing' || this.state === 'ended') return;
    if (this.state === 'new') closeInputs(this.inputs);
    this.state = 'finishing';
    if (this.life === undefined) this.end();
    else void this.tearDown(this.life);
  }

  private async tearDown(life: Life): Promise<void> {
    this.stragglers.add(await life.tearDown(this.stragglers.graceOver));
    this.end();
  }

  private end(): void {
    this.state = 'ended';
    this.timers.clear();
    this.removeListener?.();
    const summary = this.summary();
    const error =
      this.cut?.error instanceof StoppedError
        ? this.cut.error.naming(this.stragglers.names)
        : this.cut?.error;
    // Before a listener may begin to look at it.
    this.tellObservers(error);
    this.watch.emit('end', { summary, ...(this.cut !== undefined && { error }) });
    this.ending.settle(
      this.cut === undefined ? { kind: 'done', summary } : { kind: this.cut.kind, summary, error },
    );
  }
}
