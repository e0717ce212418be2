import { beforeAll, describe, expect, it } from 'vitest';
import { node } from './child.ts';
import { demoHeader } from './demo-header.ts';
import { linesOf, read } from './output.ts';
import { assertBuilt, filesUnder, root } from './repo.ts';

const files = filesUnder('demos', '.ts');
/** Those that are one file; what is in a folder has a spec of its own. */
const demos = files.filter(({ path }) => path.split('/').length === 2);
const folders = new Set(files.map(({ path }) => path.split('/')[1]).filter((name) => !name?.endsWith('.ts')));

describe('the demos', () => {
  beforeAll(assertBuilt);

  it('are there', () => {
    expect(demos.map((demo) => demo.path)).toContain('demos/01-licences.ts');
  });

  it.for(demos)('$path says how to run it and prints what it says', async ({ path, text }) => {
    const { prints, missing } = demoHeader(path, text);

    const { code, stdout, stderr } = await node(['--import', 'tsx', path], root);

    expect(missing).toEqual([]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(read(linesOf(stdout), prints)).toEqual(prints);
  });
});

describe('the demos in folders', () => {
  it.for([...folders])('have a spec that runs them: %s', (folder) => {
    const specs = filesUnder('spec', '.ts').filter(({ path }) => !path.startsWith('spec/house/'));

    expect(specs.filter(({ text }) => text.includes(`demos/${folder}/`)).map(({ path }) => path)).not.toEqual(
      [],
    );
  });
});

describe('the header of a demo', () => {
  it('says how to run it and what it prints', () => {
    const text = [
      '/**',
      ' * Words, reversed.',
      ' *',
      ' * Run: npx tsx demos/02-words.ts [file]',
      ' *',
      ' * Prints:',
      ' *',
      ' *   word',
      ' *     indented',
      ' *',
      ' *   ... ms',
      ' *',
      ' * That is all.',
      ' */',
      "import 'sluice';",
    ];

    const header = demoHeader('demos/02-words.ts', text.join('\n'));

    expect(header).toEqual({ prints: ['word', '  indented', '', '... ms'], missing: [] });
  });

  it.for([
    ['that is not there', "import 'sluice';"],
    ['that is not at the top', "import 'sluice';\n/*\nRun: npx tsx demos/02-words.ts\nPrints:\n  word\n*/"],
    ['of another demo', '/*\nRun: npx tsx demos/02-words.tsx\nPrints:\nword\n*/'],
  ] as const)('is refused: one %s', ([, text]) => {
    const header = demoHeader('demos/02-words.ts', text);

    expect(header.missing).toEqual(['Run: npx tsx demos/02-words.ts', 'Prints: and indented lines']);
  });

  it('asks for a numbered name in kebab-case', () => {
    const header = demoHeader('demos/words.ts', '/*\nRun: npx tsx demos/words.ts\nPrints:\n  word\n*/');

    expect(header.missing).toEqual(['a name like demos/01-words.ts']);
  });
});
