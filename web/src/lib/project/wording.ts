/**
 * What changed between two texts: line by line, and in changed lines word by word.
 *
 * In: two texts. Out: blocks of pieces that are the same, gone or new. Never: a piece of either text left out, or a wait that
 * grows with the product of their lengths.
 */

export type Kind = 'same' | 'gone' | 'new';
export interface Piece {
  kind: Kind;
  text: string;
}
/** Lines that stayed as they were, or lines that did not, with what is different in them. */
export interface Block {
  same: boolean;
  lines: number;
  pieces: Piece[];
}

/** Edits looked for in one comparison; texts further apart are shown as one replaced by the other. */
const MOST_EDITS = 500;

/** The shortest way from one list to another (Myers 1986): runs of equal, removed and added entries. */
export function edits(a: readonly string[], b: readonly string[]): { kind: Kind; items: string[] }[] {
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const found = [
    ...a.slice(0, head).map((item) => ({ kind: 'same' as Kind, item })),
    ...middle(a.slice(head, a.length - tail), b.slice(head, b.length - tail)),
    ...a.slice(a.length - tail).map((item) => ({ kind: 'same' as Kind, item })),
  ];
  const runs: { kind: Kind; items: string[] }[] = [];
  for (const { kind, item } of found) {
    const last = runs.at(-1);
    if (last?.kind === kind) last.items.push(item);
    else runs.push({ kind, items: [item] });
  }
  return runs;
}

function middle(a: readonly string[], b: readonly string[]): { kind: Kind; item: string }[] {
  const replaced = () => [
    ...a.map((item) => ({ kind: 'gone' as Kind, item })),
    ...b.map((item) => ({ kind: 'new' as Kind, item })),
  ];
  if (!a.length || !b.length) return replaced();
  const bound = Math.min(a.length + b.length, MOST_EDITS);
  const far = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let d = 0; d <= bound; d++) {
    trail.push(new Map(far));
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
      let x = down ? (far.get(k + 1) ?? 0) : (far.get(k - 1) ?? 0) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      far.set(k, x);
      if (x >= a.length && x - k >= b.length) return back(a, b, trail);
    }
  }
  return replaced();
}

function back(a: readonly string[], b: readonly string[], trail: readonly Map<number, number>[]): { kind: Kind; item: string }[] {
  const found: { kind: Kind; item: string }[] = [];
  let [x, y] = [a.length, b.length];
  for (let d = trail.length - 1; d >= 0; d--) {
    const far = trail[d]!;
    const k = x - y;
    const down = k === -d || (k !== d && (far.get(k - 1) ?? -1) < (far.get(k + 1) ?? -1));
    const from = d === 0 ? 0 : (far.get(down ? k + 1 : k - 1) ?? 0);
    const top = d === 0 ? 0 : from - (down ? k + 1 : k - 1);
    const [sx, sy] = d === 0 ? [0, 0] : down ? [from, top + 1] : [from + 1, top];
    while (x > sx && y > sy) found.push({ kind: 'same', item: (x--, y--, a[x]!) });
    if (d > 0) found.push(down ? { kind: 'new', item: b[--y]! } : { kind: 'gone', item: a[--x]! });
  }
  return found.reverse();
}

const words = (text: string): string[] => text.match(/\p{L}[\p{L}\p{M}\p{N}'’-]*|\p{N}+|\s+|./gsu) ?? [];

/** Changes with nothing but space between them are one: what went, then what came. */
function readable(pieces: readonly Piece[]): Piece[] {
  const found: Piece[] = [];
  let [went, came] = ['', ''];
  const close = () => {
    if (went) found.push({ kind: 'gone', text: went });
    if (came) found.push({ kind: 'new', text: came });
    [went, came] = ['', ''];
  };
  pieces.forEach(({ kind, text }, at) => {
    if (kind === 'gone') went += text;
    else if (kind === 'new') came += text;
    else if (at > 0 && at < pieces.length - 1 && !text.trim()) [went, came] = [went + text, came + text];
    else {
      close();
      found.push({ kind, text });
    }
  });
  close();
  return found;
}

/** Compare two texts; what is the same between two changes on one line stays in one block with them. */
export function compare(before: string, after: string): Block[] {
  const lines = (text: string) => (text === '' ? [] : text.split(/(?<=\n)/));
  const blocks: Block[] = [];
  let gone: string[] = [];
  const close = (added: string[]) => {
    if (!gone.length && !added.length) return;
    const pieces = readable(edits(words(gone.join('')), words(added.join(''))).map(({ kind, items }) => ({ kind, text: items.join('') })));
    blocks.push({ same: false, lines: Math.max(gone.length, added.length), pieces });
    gone = [];
  };
  for (const { kind, items } of edits(lines(before), lines(after))) {
    if (kind === 'gone') gone = items;
    else if (kind === 'new') close(items);
    else {
      close([]);
      blocks.push({ same: true, lines: items.length, pieces: [{ kind, text: items.join('') }] });
    }
  }
  close([]);
  return blocks;
}

/** How many words came and went. */
export function tally(blocks: readonly Block[]): { gone: number; added: number } {
  const of = (kind: Kind) =>
    blocks.flatMap(({ pieces }) => pieces).reduce((n, piece) => n + (piece.kind === kind ? (piece.text.match(/\p{L}+|\p{N}+/gu)?.length ?? 0) : 0), 0);
  return { gone: of('gone'), added: of('new') };
}
