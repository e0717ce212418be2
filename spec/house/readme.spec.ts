import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { verify } from './consumer.ts';
import { type Example, examplesInMarkdown, examplesInSource, linksInMarkdown } from './examples.ts';
import { filesUnder, root, textOf } from './repo.ts';

const inReadme = examplesInMarkdown('README.md', textOf('README.md'));
const inLib = filesUnder('lib', '.ts').flatMap(({ path, text }) => examplesInSource(path, text));
const examples = [...inReadme, ...inLib];

describe('the examples', () => {
  let verdicts: ReadonlyMap<string, string | undefined>;
  beforeAll(async () => {
    verdicts = await verify(examples);
  });

  it('stand in the README', () => {
    expect(inReadme).not.toEqual([]);
  });

  it.for(examples)('$name compiles, runs and prints what it says', ({ name }) => {
    expect(verdicts.has(name)).toBe(true);
    expect(verdicts.get(name)).toBeUndefined();
  });
});

describe('the links of the README', () => {
  it('lead to files that are there', () => {
    const dead = linksInMarkdown(textOf('README.md')).filter((target) => !existsSync(join(root, target)));

    expect(dead).toEqual([]);
  });

  it('are told from web addresses and anchors', () => {
    const text = '[a](spec/laws/order.spec.ts#two) [b](https://example.org/c) [d](#options) ![e](./e.svg)';

    expect(linksInMarkdown(text)).toEqual(['spec/laws/order.spec.ts', './e.svg']);
  });
});

describe('the verdict on an example', () => {
  const planted: Example[] = [
    { name: 'right', code: "import 'sluice';\nconsole.log(1 + 1);", prints: ['2'] },
    { name: 'silent', code: 'export const one: number = 1;', prints: undefined },
    { name: 'wrong type', code: "export const one: number = 'one';", prints: undefined },
    {
      name: 'unknown name',
      code: "import { nothing } from 'sluice';\nconsole.log(nothing);",
      prints: undefined,
    },
    { name: 'wrong output', code: 'console.log(1 + 1);', prints: ['3'] },
    { name: 'failure', code: "throw new Error('at run time');", prints: undefined },
  ];
  let verdicts: ReadonlyMap<string, string | undefined>;
  beforeAll(async () => {
    verdicts = await verify(planted);
  });

  it.for(['right', 'silent'])('is good: %s', (name) => {
    expect(verdicts.get(name)).toBeUndefined();
  });

  it.for([
    ['wrong type', 'TS2322'],
    ['unknown name', 'TS2305'],
    ['wrong output', 'says it prints\n3\nand prints\n2'],
    ['failure', 'at run time'],
  ] as const)('is bad, and says why: %s', ([name, reason]) => {
    expect(verdicts.get(name)).toContain(reason);
  });
});

describe('the examples of a Markdown text', () => {
  it('are its ts blocks, with the line they begin on', () => {
    const text = [
      '# Title',
      '```ts',
      'one();',
      '```',
      '```sh',
      'npm i',
      '```',
      '- ```ts',
      '',
      '  ```ts',
      '  two();',
    ];

    const found = examplesInMarkdown('a.md', [...text, '  ```'].join('\n'));

    expect(found.map(({ name, code }) => [name, code])).toEqual([
      ['a.md:2', 'one();'],
      ['a.md:10', 'two();'],
    ]);
  });

  it('print what their comments say, or the text block right after them', () => {
    const text = [
      ...['```ts', 'log(1); // prints: 1', '// prints: 2', '```'],
      ...['```ts', 'log(3);', '```', '', '```text', '3', '', '```'],
      ...['```ts', 'log(4);', '```', 'Elsewhere:', '```text', '5', '```'],
    ];

    const found = examplesInMarkdown('a.md', text.join('\n'));

    expect(found.map((example) => example.prints)).toEqual([['1', '2'], ['3', ''], undefined]);
  });

  it('cannot hide under another name, nor in a block that is not closed', () => {
    expect(() => examplesInMarkdown('a.md', '```js\none();\n```')).toThrow('a.md:1 is fenced as js');
    expect(() => examplesInMarkdown('a.md', 'text\n```ts\none();')).toThrow('line 2');
  });
});

describe('the examples of a source text', () => {
  it('are found in doc comments, fenced or not, up to the next tag', () => {
    const text = `
      /**
       * Adds.
       * @example
       * log(add(1, 2)); // prints: 3
       * @example In words
       * \`\`\`ts
       * if (true) {
       *   log(2);
       * }
       * \`\`\`
       * @returns a sum
       */
      const example = '@example';`;

    const found = examplesInSource('a.ts', text);

    expect(found).toEqual([
      { name: 'a.ts:5', code: 'log(add(1, 2)); // prints: 3', prints: ['3'] },
      { name: 'a.ts:7', code: 'if (true) {\n  log(2);\n}', prints: undefined },
    ]);
  });

  it('have to hold code', () => {
    expect(() => examplesInSource('a.ts', '/**\n * @example\n * ```text\n * 3\n * ```\n */')).toThrow(
      'a.ts:2',
    );
  });
});
