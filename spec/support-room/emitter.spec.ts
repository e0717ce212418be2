import { describe, expect, it } from 'vitest';
import { Emitter } from '../../lib/support/emitter.ts';
import { unhandledDuring } from '../support/unhandled.ts';

interface Events {
  count: number;
  error: string;
}

describe('an emitter', () => {
  it('hands the payload to each listener of the event, in the order in which they came', () => {
    const emitter = new Emitter<Events>();
    const heard: string[] = [];
    emitter.on('count', (count) => heard.push(`one ${count}`));
    emitter.on('error', (error) => heard.push(error));
    emitter.on('count', (count) => heard.push(`two ${count}`));

    emitter.emit('count', 7);

    expect(heard).toEqual(['one 7', 'two 7']);
  });

  it('takes a listener off by what on() returned, once or twice, and no other one', () => {
    const emitter = new Emitter<Events>();
    const heard: number[] = [];
    const listener = (count: number): void => void heard.push(count);
    const off = emitter.on('count', listener);
    emitter.on('count', listener);

    off();
    off();
    emitter.emit('count', 1);

    expect(heard).toEqual([1]);
  });

  it('knows whether anybody listens', () => {
    const emitter = new Emitter<Events>();

    const off = emitter.on('count', () => {});

    expect([emitter.has('count'), emitter.has('error')]).toEqual([true, false]);
    off();
    expect(emitter.has('count')).toBe(false);
  });

  it('may emit what nobody listens to, errors included', () => {
    const emitter = new Emitter<Events>();

    expect(() => emitter.emit('error', 'no')).not.toThrow();
  });

  it('reports a listener that throws as uncaught, and lets its neighbours and the emitter go on', async () => {
    const emitter = new Emitter<Events>();
    const heard: number[] = [];
    const fault = new Error('a listener threw');
    emitter.on('count', () => {
      throw fault;
    });
    emitter.on('count', (count) => heard.push(count));

    const uncaught = await unhandledDuring(() => {
      emitter.emit('count', 1);
      emitter.emit('count', 2);
    });

    expect(heard).toEqual([1, 2]);
    expect(uncaught).toEqual([fault, fault]);
  });
});
