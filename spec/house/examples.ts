/** A piece of code in a text for readers. */
export interface Example {
  /** Where it begins: `README.md:12`. */
  readonly name: string;
  readonly code: string;
  /** The lines it says it prints; undefined when it says nothing. */
  readonly prints: readonly string[] | undefined;
}

interface Fence {
  readonly language: string;
  readonly line: number;
  readonly body: readonly string[];
  /** Whether only blank lines part it from the fence before. */
  readonly adjoins: boolean;
}

/** What a fence of a language says instead, so that no code escapes by another name. */
const misnamed = /^(js|javascript|jsx|mjs|cjs|typescript|tsx|mts|cts)$/;

/**
 * The examples of a Markdown text: its `ts` blocks. What one prints stands in its comments `// prints: …`,
 * one a line, or in a `text` block right after it.
 */
export function examplesInMarkdown(path: string, text: string): Example[] {
  const fences = fencesOf(text.split(/\r?\n/));
  return fences.flatMap(({ language, line, body }, index) => {
    const name = `${path}:${line}`;
    if (misnamed.test(language))
      throw new Error(`${name} is fenced as ${language}; as ts it is compiled and run`);
    if (language !== 'ts') return [];
    const next = fences[index + 1];
    const shown = next?.adjoins && next.language === 'text' ? next.body : undefined;
    return [{ name, code: body.join('\n'), prints: shown ?? promisesIn(body) }];
  });
}

/** The files and folders a Markdown text links to, as paths beside it; no web addresses and no anchors. */
export function linksInMarkdown(text: string): string[] {
  const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target.replace(/#.*$/, ''));
  return targets.filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

/** The `@example` blocks in the doc comments of a source text, fenced as `ts` or not fenced at all. */
export function examplesInSource(path: string, text: string): Example[] {
  const examples: Example[] = [];
  for (const comment of text.matchAll(/\/\*\*.*?\*\//gs)) {
    const first = text.slice(0, comment.index).split('\n').length;
    const lines = comment[0]
      .slice(3, -2)
      .split(/\r?\n/)
      .map((line) => line.replace(/^\s*\* ?/, ''));
    for (const [index, line] of lines.entries()) {
      if (!line.trimStart().startsWith('@example')) continue;
      examples.push(...examplesInBlock(path, first + index, lines.slice(index + 1)));
    }
  }
  return examples;
}

function examplesInBlock(path: string, above: number, lines: readonly string[]): Example[] {
  const end = lines.findIndex((line) => /^\s*@[a-z]+\b/.test(line));
  const block = end < 0 ? lines : lines.slice(0, end);
  if (!block.some((line) => line.trimStart().startsWith('```'))) {
    return [{ name: `${path}:${above + 1}`, code: block.join('\n').trim(), prints: promisesIn(block) }];
  }
  // Blank lines stand for what is above, so that the names give the line in the file.
  const padded = [...Array<string>(above).fill(''), ...block];
  const found = examplesInMarkdown(path, padded.join('\n'));
  if (found.length === 0) throw new Error(`${path}:${above} has an example without code`);
  return found;
}

function promisesIn(body: readonly string[]): string[] | undefined {
  const promises = body.flatMap((line) => /\/\/ prints: ?(.*)$/.exec(line)?.[1] ?? []);
  return promises.length === 0 ? undefined : promises;
}

function fencesOf(lines: readonly string[]): Fence[] {
  const fences: Fence[] = [];
  let end = -1;
  for (let at = 0; at < lines.length; at++) {
    const open = /^( *)(`{3,})([\w-]*)/.exec(lines[at] ?? '');
    if (open === null) continue;
    const [, indent = '', ticks = '', language = ''] = open;
    const length = lines.slice(at + 1).findIndex((line) => line.trim() === ticks);
    if (length < 0) throw new Error(`line ${at + 1} opens a code block that nothing closes`);
    const body = lines.slice(at + 1, at + 1 + length).map((line) => line.slice(indent.length));
    const adjoins = end >= 0 && lines.slice(end, at).every((line) => line.trim() === '');
    fences.push({ language, line: at + 1, body, adjoins });
    at += length + 1;
    end = at + 1;
  }
  return fences;
}
