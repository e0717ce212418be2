import { describe, expect, it } from 'vitest';
import { LiveMessage } from '../../lib/queue/message.ts';
import { Origin } from '../../lib/queue/origin.ts';
import { run } from './messages.ts';

const sender = { name: 'pair', run };

describe('a message', () => {
  it('shows the ids of its roots and parents, where the engine keeps numbers', () => {
    const message = new LiveMessage('x', new Origin([1, 2], undefined), 7, [3, 4], sender, 5);

    expect(message.id).toBe('id 7');
    expect(message.roots).toEqual(['id 1', 'id 2']);
    expect(message.parents).toEqual(['id 3', 'id 4']);
  });

  it('of a source is its own root and has no parents', () => {
    const message = new LiveMessage('x', new Origin(7, undefined), 7, undefined, sender, 5);

    expect([message.roots, message.parents]).toEqual([['id 7'], []]);
  });

  it('made from one other has that for its parent', () => {
    expect(new LiveMessage('x', new Origin(1, undefined), 7, 3, sender, 5).parents).toEqual(['id 3']);
  });

  it('shows its node, and when it was sent', () => {
    const message = new LiveMessage('x', new Origin(7, undefined), 7, undefined, sender, 5);

    expect([message.node, message.timestamp]).toEqual(['pair', 1005]);
  });

  it('is plain JSON with all of it when it is logged', () => {
    const message = new LiveMessage({ n: 1 }, new Origin(1, undefined), 7, 3, sender, 5);

    expect(JSON.parse(JSON.stringify(message))).toEqual({
      id: 'id 7',
      payload: { n: 1 },
      node: 'pair',
      timestamp: 1005,
      roots: ['id 1'],
      parents: ['id 3'],
    });
  });
});
