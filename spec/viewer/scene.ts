import { type Looked, look } from '../../lib/viewer/look.ts';
import type { Told } from '../../lib/viewer/protocol.ts';
import type { Sink } from '../../lib/viewer/stream.ts';

/** A viewer whose rounds are made by hand. */
export interface Stage extends Omit<Looked, 'letGo'> {
  /** Makes the next round, if one is to come; returns after how many ms it was to. */
  round(): number | undefined;
  /** How often everything was measured. */
  readonly snapshots: number;
  /** How long a round takes from now on. */
  cost: number;
}

export function stageOf(target: object, payloads = false): Stage {
  let now = 1_000_000;
  let elapsed = 0;
  let next: { readonly callback: () => void; readonly ms: number } | undefined;
  const stage = { snapshots: 0, cost: 0 };
  const { letGo: _, ...looked } = look(target as Parameters<typeof look>[0], payloads, (metrics) => ({
    snapshot: () => {
      stage.snapshots++;
      return metrics.snapshot();
    },
    now: () => now,
    elapsed: () => {
      elapsed += stage.cost;
      return elapsed;
    },
    setTimeout: (callback, ms) => {
      next = { callback, ms };
      return next;
    },
    clearTimeout: (timer) => {
      if (timer === next) next = undefined;
    },
  }));
  return Object.assign(stage, {
    ...looked,
    round(): number | undefined {
      const due = next;
      next = undefined;
      now += due?.ms ?? 0;
      due?.callback();
      return due?.ms;
    },
  });
}

/** A page that reads, unless it is stuck: then the first thing it is told fills all room that there is. */
export class FakePage implements Sink {
  readonly texts: string[] = [];
  isStuck = false;
  isGone = false;
  writableNeedDrain = false;

  write(text: string): boolean {
    this.texts.push(text);
    this.writableNeedDrain = this.isStuck;
    return !this.isStuck;
  }

  end(): void {
    this.isGone = true;
  }

  destroy(): void {
    this.isGone = true;
  }

  /** All that it was told by this name. */
  told<Name extends keyof Told>(name: Name): Told[Name][] {
    const begin = `event: ${name}\ndata: `;
    return this.texts
      .filter((text) => text.startsWith(begin))
      .map((text) => JSON.parse(text.slice(begin.length)));
  }
}
