/** What the comment at the top of a demo promises. */
export interface DemoHeader {
  /** The lines it prints, `...` for what differs from run to run. */
  readonly prints: readonly string[];
  /** What the comment does not say; empty when it says all it has to. */
  readonly missing: readonly string[];
}

/**
 * Reads the block comment a demo begins with. It has a line `Run: npx tsx demos/NN-name.ts` with the demo's own
 * name, and a line `Prints:` followed by the printed lines, indented, up to the first line that is not.
 */
export function demoHeader(path: string, text: string): DemoHeader {
  const comment = /^\s*\/\*(.*?)\*\//s.exec(text)?.[1] ?? '';
  const lines = comment.split(/\r?\n/).map((line) => line.replace(/^\s*\* ?/, '').trimEnd());
  const after = lines.indexOf('Prints:') + 1;
  const prints = after === 0 ? [] : indentedFrom(lines.slice(after));
  const missing = [
    ...(/^demos\/\d\d-[a-z0-9]+(-[a-z0-9]+)*\.ts$/.test(path) ? [] : ['a name like demos/01-words.ts']),
    ...(lines.some((line) => `${line} `.startsWith(`Run: npx tsx ${path} `)) ? [] : [`Run: npx tsx ${path}`]),
    ...(prints.length > 0 ? [] : ['Prints: and indented lines']),
  ];
  return { prints, missing };
}

function indentedFrom(lines: readonly string[]): string[] {
  const end = lines.findIndex((line) => line !== '' && !line.startsWith(' '));
  const block = end < 0 ? [...lines] : lines.slice(0, end);
  while (block[0] === '') block.shift();
  while (block.at(-1) === '') block.pop();
  const indents = block.filter((line) => line !== '').map((line) => line.length - line.trimStart().length);
  return block.map((line) => line.slice(Math.min(...indents)));
}
