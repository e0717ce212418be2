import { v7 } from 'uuid';

/**
 * Names messages by their number in a run: it must give the same id for the same number whenever it is asked, so that
 * nothing has to be remembered for the ids that nobody reads.
 */
export type IdFactory = (number: number) => string;

/** Ids of one run: uuids v7 that share time and random part and count up, so they sort in the order of the numbers. */
export function createIds(startedAt: number): IdFactory {
  const random = crypto.getRandomValues(new Uint8Array(16));
  // Counting from a random start keeps runs of one millisecond apart as well as random bits would.
  const first = new DataView(random.buffer).getUint32(0) >>> 1;
  return (number) => {
    const count = first + number;
    // The counter of a v7 has 32 bits here; past that, the time moves on by a millisecond.
    return v7({ msecs: startedAt + Math.floor(count / 2 ** 32), seq: count % 2 ** 32, random });
  };
}
