import { describe, expect, it } from 'vitest';
import { linesOf, read } from './output.ts';

describe('printed output', () => {
  it('keeps a promise word for word', () => {
    const promised = ['one', 'two (2)'];

    const kept = read(linesOf('one\r\ntwo (2)  \n'), promised);

    expect(kept).toBe(promised);
  });

  it('breaks a promise by a line too many, a line too few and another character', () => {
    const promised = ['one', 'two'];

    const verdicts = ['one\ntwo\nthree', 'one', 'one\ntwx'].map((text) => read(linesOf(text), promised));

    expect(verdicts).toEqual([['one', 'two', 'three'], ['one'], ['one', 'twx']]);
  });

  it('takes dots in a line for any text, and a line of dots for any number of lines', () => {
    const promised = ['took ... ms', '...', 'end'];

    const verdicts = ['took 12 ms\nend', 'took 3 ms\na\n\nb\nend'].map((text) =>
      read(linesOf(text), promised),
    );

    expect(verdicts).toEqual([promised, promised]);
  });

  it('takes a dot alone for a dot', () => {
    expect(read(['1x5'], ['1.5'])).toEqual(['1x5']);
  });
});
