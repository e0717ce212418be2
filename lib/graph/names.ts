const NAME = /^[A-Za-z_][\w-]*$/;

/**
 * Why `name` cannot name a node, or `undefined` if it can. JavaScript reorders integer-like keys, and a key of
 * `Object.prototype` is found in every object that lacks it.
 */
export function nameFault(name: string): string | undefined {
  if (name in Object.prototype) return 'is a property of every JavaScript object';
  if (!NAME.test(name)) return 'must start with a letter or _ and hold only letters, digits, _ and -';
  return undefined;
}

/** A name as it is quoted in messages, shortened: it may come from a stranger. */
export function quoted(name: string): string {
  return `\`${name.length > 60 ? `${name.slice(0, 57)}...` : name}\``;
}

/** Steps of comparing names that are left. */
export interface Effort {
  left: number;
}

/** ` Did you mean …?` for the nearest candidate, or the candidates if they are few, or nothing. */
export function suggestion(name: string, candidates: readonly string[], effort?: Effort): string {
  const near = nearest(name, candidates, effort);
  if (near !== undefined) return ` Did you mean ${quoted(near)}?`;
  if (candidates.length === 0 || candidates.length > 8) return '';
  return ` There ${candidates.length === 1 ? 'is' : 'are'}: ${candidates.map(quoted).join(', ')}.`;
}

/** The candidate with the fewest edits from `name`, if these are few enough to be a slip of the finger. */
export function nearest(
  name: string,
  candidates: readonly string[],
  effort: Effort = { left: Number.POSITIVE_INFINITY },
): string | undefined {
  if (name.length > 60) return undefined;
  let best: string | undefined;
  let fewest = Math.min(Math.max(1, Math.floor(name.length / 3)), name.length - 1) + 1;
  for (const candidate of candidates) {
    // What is the nearest of some may not be of all.
    if (effort.left-- <= 0) return undefined;
    if (Math.abs(candidate.length - name.length) >= fewest) continue;
    const isSame = candidate.toLowerCase() === name.toLowerCase();
    const edits = isSame ? 0 : distance(name, candidate, fewest - 1, effort);
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
}

// Optimal string alignment: insertions, deletions, substitutions, and swaps of neighbours count one each. More than `most`
// edits are not counted: what lies farther off the diagonal is left out, and what cannot come back is given up.
function distance(a: string, b: string, most: number, effort: Effort): number {
  const beyond = most + 1;
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  let leastBefore = 0;
  for (let i = 1; i <= a.length; i++) {
    const row = new Array<number>(b.length + 1).fill(beyond);
    row[0] = i;
    const last = Math.min(b.length, i + most);
    let least = i;
    for (let j = Math.max(1, i - most); j <= last; j++) {
      const same = a[i - 1] === b[j - 1];
      let edits = Math.min(at(previous, j) + 1, at(row, j - 1) + 1, at(previous, j - 1) + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        edits = Math.min(edits, at(before, j - 2) + 1);
      }
      row[j] = edits;
      least = Math.min(least, edits);
    }
    effort.left -= last;
    if (least > most && leastBefore > most) return beyond;
    leastBefore = least;
    [before, previous] = [previous, row];
  }
  return at(previous, b.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] as number;
}
