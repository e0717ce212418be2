import type { Run } from '../processor/attempt.ts';
import type { Probe } from '../processor/probing.ts';
import { Wrapped } from '../processor/pulling.ts';
import { type AnyIterator, LONG } from '../processor/slot.ts';
import { elapsed as now } from '../support/clock.ts';
import { EPOCH, scheduler } from '../support/scheduler.ts';
import { type Exactness, Sampling } from './sampling.ts';

/** How long the calls of one node take, in all pipelines that are measured, and how long it waits for room. */
export class NodeMeter {
  readonly calls: Sampling;
  readonly blocks: Sampling;

  constructor(exactness: Exactness) {
    this.calls = new Sampling(exactness);
    // To look at the clock twice for each time that it waits would cost more than all else.
    this.blocks = new Sampling('sampled');
  }
}

/** Of a time that is not measured: it has not begun, or is passed over. */
const UNTIMED = 0;

/** Measures one node of one pipeline. */
export class MeterProbe implements Probe {
  private readonly meter: NodeMeter;
  private isBlocked = false;
  private blockBegan = UNTIMED;
  private weight = 0;
  /** When it was blocked, as of the scheduler's last look at the clock. */
  private tick = 0;

  constructor(meter: NodeMeter) {
    this.meter = meter;
  }

  /** For how long it is blocked now, in ms, if that will count by itself. */
  get blockedForMs(): number {
    if (!this.isBlocked) return 0;
    // While nothing runs the scheduler does not look at the clock.
    const ms = Date.now() - EPOCH - this.tick;
    return ms >= LONG ? ms : 0;
  }

  around(run: Run): Run {
    const { calls } = this.meter;
    return (input, context) => (calls.next() ? calls.timed(run, input, context) : run(input, context));
  }

  aroundItems(iterator: AnyIterator): AnyIterator {
    return new TimedItems(iterator, this.meter.calls);
  }

  blocked(): void {
    if (this.isBlocked) return;
    const { blocks } = this.meter;
    this.isBlocked = true;
    this.tick = scheduler.tick;
    this.blockBegan = blocks.next() ? now() : UNTIMED;
    if (this.blockBegan !== UNTIMED) this.weight = blocks.begin(this.blockBegan);
  }

  freed(): void {
    if (!this.isBlocked) return;
    const { blocks } = this.meter;
    const ms = scheduler.tick - this.tick;
    const isTimed = this.blockBegan !== UNTIMED;
    this.isBlocked = false;
    if (ms >= LONG) {
      blocks.long(ms);
      if (isTimed) blocks.leave(this.weight);
    } else if (isTimed) blocks.short(now() - this.blockBegan, this.weight);
  }

  tookLong(ms: number): void {
    this.meter.calls.long(ms);
  }
}

const next = (iterator: AnyIterator): unknown => iterator.next();

/** An iterable each of whose items counts as a call. */
class TimedItems extends Wrapped {
  private readonly calls: Sampling;

  constructor(inner: AnyIterator, calls: Sampling) {
    super(inner);
    this.calls = calls;
  }

  next(): unknown {
    return this.calls.next() ? this.calls.timed(next, this.inner, undefined) : this.inner.next();
  }
}
