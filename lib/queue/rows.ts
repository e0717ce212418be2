import { Ring } from '../support/ring.ts';
import { Hole, isHole } from './message.ts';

/** Items in the order in which they came; rows without one stand between them as holes, a run of them as one counter. */
export class Rows<T extends object> extends Ring<T | Hole> {
  addHoles(rows: number): void {
    const last = this.last();
    if (last !== undefined && isHole(last)) last.rows += rows;
    else this.push(new Hole(rows));
  }

  /** Takes out the oldest item, past the holes before it; `leavesHole` says if its row stays. Only where there is one. */
  pull(leavesHole: boolean): T {
    const first = this.shift() as T | Hole;
    const rows = isHole(first) ? first.rows : 0;
    const item = isHole(first) ? (this.shift() as T) : first;
    const next = this.first();
    if (!leavesHole) return item;
    if (next !== undefined && isHole(next)) next.rows += rows + 1;
    else this.unshift(new Hole(rows + 1));
    return item;
  }
}
