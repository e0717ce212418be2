import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Hole } from '../../lib/queue/message.ts';
import { FakeOwner, message } from './messages.ts';
import { commands, QueueModel, WatchedQueue } from './queue-model.ts';

describe('a bounded queue', () => {
  it('does what a list would do, whatever happens to it, and accounts for every message', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.boolean(), commands, (capacity, carriesHoles, run) => {
        fc.modelRun(
          () => ({
            model: new QueueModel(capacity, carriesHoles),
            real: new WatchedQueue(capacity, carriesHoles),
          }),
          run,
        );
      }),
      { numRuns: 200 },
    );
  });

  describe('when it is full', () => {
    it('leaves one message at the door, and lets it in at the first free place', () => {
      const { queue, told } = new WatchedQueue(1, false);
      queue.put(message(1));

      const isAccepted = queue.put(message(2));

      expect(isAccepted).toBe(false);
      expect(told).not.toContain('admitted');
      queue.take();
      expect(told).toContain('admitted');
      expect(queue.take()).toMatchObject({ number: 2 });
    });

    it('takes any number of holes, for they need no room', () => {
      const { queue } = new WatchedQueue(1, true);
      queue.put(message(1));

      for (let i = 0; i < 1000; i++) queue.holes(1);

      expect(queue.size).toBe(1);
      queue.take();
      expect(queue.take()).toEqual(new Hole(1000));
    });

    it('tells once that it became full, however long a producer waits at its door, and once that it has room', () => {
      const { queue, told } = new WatchedQueue(1, false);
      queue.put(message(1));
      for (let number = 2; number < 5; number++) {
        queue.put(message(number));
        queue.take();
      }

      queue.take();

      expect(told.filter((word) => word.endsWith('room'))).toEqual(['no room', 'room']);
    });
  });

  describe('when its messages were for a caller who is gone', () => {
    it('gives a hole for each, so that rows keep their places', () => {
      const { queue } = new WatchedQueue(3, true);
      const owner = new FakeOwner();
      queue.put(message(1, owner));
      queue.put(message(2));
      owner.isSettled = true;

      const rows = [queue.takeRow()?.number, queue.takeRow()?.number];

      expect(rows).toEqual([undefined, 2]);
      expect([queue.taken, queue.discarded]).toEqual([1, 1]);
    });
  });

  describe('when it is closed', () => {
    it('frees the producer that waits at its door', () => {
      const { queue, told } = new WatchedQueue(1, false);
      queue.put(message(1));
      queue.put(message(2));

      queue.close('discarded');

      expect(told.filter((word) => word === 'admitted' || word === 'closed')).toEqual(['closed', 'admitted']);
      expect(queue.discarded).toBe(2);
    });

    it('lets go of what comes late', () => {
      const { queue } = new WatchedQueue(1, true);
      const owner = new FakeOwner();
      owner.hold(1);
      queue.close('unpaired');

      const isAccepted = queue.put(message(1, owner));
      queue.holes(3);

      expect(isAccepted).toBe(true);
      expect(owner.alive).toBe(0);
      expect([queue.hasNext, queue.accepted]).toEqual([false, 0]);
    });
  });

  describe('when it has no holes to take', () => {
    it('takes none, not even when it is asked to', () => {
      const { queue } = new WatchedQueue(2, true);
      queue.put(message(1));

      queue.takeHoles(1);

      expect(queue.take()).toMatchObject({ number: 1 });
    });
  });
});
