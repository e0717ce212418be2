import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buffersIn } from '../../lib/support/buffers.ts';

describe('the buffers in a value', () => {
  it('are those in objects, arrays, Maps and Sets, on their own or behind a typed array, each once', () => {
    const [a, b, c, d, e] = [1, 2, 3, 4, 5].map((size) => new ArrayBuffer(size)) as [
      ArrayBuffer,
      ...ArrayBuffer[],
    ];
    const value = [
      a,
      { b: new Uint8Array(b as ArrayBuffer) },
      new Map([[c, new Set([d])]]),
      new DataView(e as ArrayBuffer),
      a,
    ];

    expect(new Set(buffersIn(value))).toEqual(new Set([a, b, c, d, e]));
    expect(buffersIn(value)).toHaveLength(5);
  });

  it('are none of which only a part is there, or that are shared, or in instances of classes', () => {
    class Holder {
      readonly bytes = new Uint8Array(4);
    }
    const part = new Uint8Array(8).subarray(1);
    const pooled = Buffer.from('small');
    const shared = new Uint8Array(new SharedArrayBuffer(4));

    expect(buffersIn([part, pooled, shared, new Holder(), 'text', null, undefined, 1, () => 1])).toEqual([]);
  });

  it('can be moved, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withTypedArray: true, withMap: true, withSet: true, withSparseArray: true }),
        (value) => void structuredClone(null, { transfer: buffersIn(value) }),
      ),
    );
  });

  it('are found in what holds itself, and however deep', () => {
    const round: unknown[] = [new Uint8Array(1)];
    round.push(round);
    let deep: unknown = new Uint8Array(1);
    for (let i = 0; i < 100_000; i++) deep = [deep];

    expect([buffersIn(round).length, buffersIn(deep).length]).toEqual([1, 1]);
  });
});
