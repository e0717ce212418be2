import { StoppedError } from '../error/stopped-error.ts';
import type { Ticket } from '../processor/mailbox.ts';
import type { Owner } from '../queue/origin.ts';
import { onAbort } from '../support/abort.ts';
import { captureScope, type Scope } from '../support/async-context.ts';
import { Linked } from '../support/linked-list.ts';

/** What every sink returned for one input: each sink is a key. */
export type CallOutputs = Record<string, unknown[]>;

/** What a call asks of the pipeline it runs in. */
export interface CallHost {
  readonly plan: { readonly sinkNames: readonly string[] };
  settled(call: Call): void;
  /** It failed, or was aborted: what is left of it is for nobody. */
  lost(): void;
}

/**
 * One input and all that descends from it.
 *
 * ```text
 *   pending --(no descendant left)--> settled: resolved with the outputs
 *      +------fail(), abort()-------> settled: rejected; what is still on its way is let go
 * ```
 */
export class Call extends Linked<Call> implements Owner, Ticket {
  value: unknown;
  readonly scope: Scope | undefined = captureScope();
  readonly promise: Promise<CallOutputs>;
  private readonly host: CallHost;
  private readonly outputs: CallOutputs = {};
  // The input itself, until it has been accepted and sent.
  private alive = 1;
  private controller: AbortController | undefined;
  private resolve!: (outputs: CallOutputs) => void;
  private reject!: (error: unknown) => void;
  private state: 'pending' | 'resolved' | { readonly rejectedWith: unknown } = 'pending';
  private removeListener: (() => void) | undefined;

  constructor(value: unknown, host: CallHost) {
    super();
    this.value = value;
    this.host = host;
    for (const name of host.plan.sinkNames) this.outputs[name] = [];
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  get owner(): Owner {
    return this;
  }

  get isSettled(): boolean {
    return this.state !== 'pending';
  }

  /** What it was rejected with, if it was. */
  get failure(): { readonly rejectedWith: unknown } | undefined {
    return typeof this.state === 'object' ? this.state : undefined;
  }

  /** Aborted when the call fails or is aborted: the work that is left is for nobody. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController();
    if (typeof this.state === 'object') this.controller.abort(this.state.rejectedWith);
    return this.controller.signal;
  }

  /** Lets the caller's signal abort it, until it settles; `lost` is told of it then. */
  listenTo(signal: AbortSignal, lost: () => void): void {
    this.removeListener = onAbort(signal, () => {
      this.fail(new StoppedError('ABORTED', 'the call was aborted', { cause: signal.reason }));
      lost();
    });
  }

  hold(count: number): void {
    this.alive += count;
  }

  release(): void {
    this.alive--;
    if (this.alive > 0 || this.state !== 'pending') return;
    this.state = 'resolved';
    this.finish();
    this.resolve(this.outputs);
  }

  collect(sink: string, value: unknown): void {
    (this.outputs[sink] as unknown[]).push(value);
  }

  fail(error: unknown): void {
    if (this.state !== 'pending') return;
    this.state = { rejectedWith: error };
    this.finish();
    this.reject(error);
    this.controller?.abort(error);
    this.host.lost();
  }

  accept(): void {}

  refuse(error: unknown): void {
    this.fail(error);
  }

  private finish(): void {
    this.removeListener?.();
    this.host.settled(this);
  }
}
