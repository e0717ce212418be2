/** The lines a program printed, without what differs between platforms and terminals. */
export function linesOf(stdout: string): string[] {
  const lines = stdout.split(/\r?\n/).map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return lines;
}

/**
 * Compares what was printed with what was promised. `...` in a promised line stands for any text,
 * and alone on its line for any number of lines.
 *
 * Returns the promise itself when it was kept, and the printed lines when it was not, so that
 * `expect(read(printed, promised)).toEqual(promised)` shows the difference.
 */
export function read(printed: readonly string[], promised: readonly string[]): readonly string[] {
  const pattern = promised.map((line) => (line.trim() === '...' ? '(?:.*\n)*?' : `${glob(line)}\n`)).join('');
  const text = printed.map((line) => `${line}\n`).join('');
  return new RegExp(`^${pattern}$`).test(text) ? promised : printed;
}

function glob(line: string): string {
  return line.trimEnd().split('...').map(escaped).join('.*');
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
