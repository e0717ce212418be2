import { Life } from '../../lib/pipeline/life.ts';
import { Processor } from '../../lib/processor/processor.ts';
import { BoundedQueue } from '../../lib/queue/bounded-queue.ts';

/** Replaces a method of the engine by one with a defect; what it returns puts the sound one back. */
function replace<T extends object>(
  prototype: T,
  name: string,
  defect: (sound: Method) => Method,
): () => void {
  const methods = prototype as Record<string, Method>;
  const sound = methods[name] as Method;
  methods[name] = defect(sound);
  return () => {
    methods[name] = sound;
  };
}

type Method = (this: never, ...args: never[]) => unknown;

/** Rows without a value leave no trace: a join pairs whatever came in the same place. */
export const joinByArrival = (): (() => void) => replace(BoundedQueue.prototype, 'holes', () => () => {});

/** A node that waits for room is not told of it. */
export const lostWakeUp = (): (() => void) => replace(Processor.prototype, 'becameFree', () => () => {});

/** A queue takes one more than it may. */
export const offByOneCapacity = (): (() => void) =>
  replace(
    BoundedQueue.prototype,
    'put',
    (sound) =>
      function put(this: { capacity: number }, ...args: never[]) {
        this.capacity++;
        try {
          return sound.apply(this as never, args);
        } finally {
          this.capacity--;
        }
      } as Method,
  );

/** Teardowns are never called. */
export const forgottenTeardown = (): (() => void) =>
  replace(Life.prototype, 'tearDown', () => async () => []);
