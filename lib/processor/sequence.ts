import { type Clock, systemClock } from '../support/clock.ts';
import { EPOCH, scheduler } from '../support/scheduler.ts';

/** Numbers and stamps the messages of one run. */
// Apart from the run: every message asks for these two, and a small object of its own answers with fewer loads.
export class Sequence {
  private readonly clock: Clock | undefined;
  private count = 0;

  /** @param clock looked at for every message, since it may be turned at any moment; the machine's is looked at less often */
  constructor(clock: Clock) {
    this.clock = clock === systemClock ? undefined : clock;
  }

  /** The number of the next message. */
  next(): number {
    return this.count++;
  }

  /** The time, in ms since {@link EPOCH}. */
  stamp(): number {
    return this.clock === undefined ? scheduler.tick : this.clock.now() - EPOCH;
  }
}
