/**
 * Places in a text: code points as the server counts them, UTF-16 units as the browser does, words and graphemes.
 *
 * In: a text; a place in it. Out: the same place counted the other way, or the next place where a caret may stand.
 * Never: a place inside a surrogate pair, or a walk over the whole text for one answer.
 */

const STRIDE = 1_024;
/** Units read around a place to find its word: longer words than this are cut. */
const WINDOW = 160;

const isLow = (code: number) => code >= 0xdc00 && code <= 0xdfff;
const isHigh = (code: number) => code >= 0xd800 && code <= 0xdbff;

/** Code points and UTF-16 units of one text; a table every thousand units makes each conversion a short walk. */
export class Offsets {
  /** Code points of the whole text. */
  readonly length: number;
  /** Surrogate pairs that end before each stride; null where the text has none, and both counts agree. */
  private readonly pairs: Uint32Array | null;

  constructor(readonly text: string) {
    const pairs = new Uint32Array(Math.floor(text.length / STRIDE) + 1);
    let found = 0;
    for (let unit = 0; unit < text.length; unit++) {
      if (unit % STRIDE === 0) pairs[unit / STRIDE] = found;
      if (this.splits(unit)) found += 1;
    }
    if (text.length % STRIDE === 0) pairs[text.length / STRIDE] = found;
    this.pairs = found > 0 ? pairs : null;
    this.length = text.length - found;
  }

  /** Code points before this unit; a place inside a pair counts as the one before the pair. */
  toPoint(unit: number): number {
    const at = Math.min(Math.max(0, unit), this.text.length);
    if (!this.pairs) return at;
    const stop = this.splits(at) ? at - 1 : at;
    let found = this.pairs[Math.floor(stop / STRIDE)]!;
    for (let walk = stop - (stop % STRIDE); walk < stop; walk++) if (this.splits(walk)) found += 1;
    return stop - found;
  }

  /** The unit at which this code point begins. */
  toUnit(point: number): number {
    if (!this.pairs) return Math.min(Math.max(0, point), this.text.length);
    let low = 0;
    let high = this.pairs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (middle * STRIDE - this.pairs[middle]! <= point) low = middle;
      else high = middle - 1;
    }
    let unit = low * STRIDE;
    let at = unit - this.pairs[low]!;
    if (this.splits(unit)) {
      unit -= 1;
      at -= 1;
    }
    for (; at < point && unit < this.text.length; at++) unit += this.splits(unit + 1) ? 2 : 1;
    return unit;
  }

  /** Whether this unit is the second half of a pair. */
  private splits(unit: number): boolean {
    return unit > 0 && isLow(this.text.charCodeAt(unit)) && isHigh(this.text.charCodeAt(unit - 1));
  }
}

export interface Range {
  from: number;
  to: number;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const words = new Intl.Segmenter(undefined, { granularity: 'word' });

/** A stretch around a place that begins and ends where the text may be cut: at spaces where there are any. */
function around(text: string, unit: number): { text: string; from: number } {
  let from = Math.max(0, unit - WINDOW);
  let to = Math.min(text.length, unit + WINDOW);
  if (from > 0) {
    const space = text.slice(from, unit).search(/\s/);
    from += space >= 0 ? space : isLow(text.charCodeAt(from)) ? 1 : 0;
  }
  if (to < text.length && isLow(text.charCodeAt(to))) to += 1;
  return { text: text.slice(from, to), from };
}

/** The word at this unit, or null between words. */
export function wordAt(text: string, unit: number): Range | null {
  if (unit < 0 || unit >= text.length) return null;
  const window = around(text, unit);
  const found = words.segment(window.text).containing(unit - window.from);
  if (!found?.isWordLike) return null;
  return { from: window.from + found.index, to: window.from + found.index + found.segment.length };
}

/** The next place after or before this one where a caret may stand, grapheme by grapheme. */
export function byGrapheme(text: string, unit: number, step: 1 | -1): number {
  if (step > 0 ? unit >= text.length : unit <= 0) return unit;
  const window = around(text, unit);
  const found = graphemes.segment(window.text).containing(step > 0 ? unit - window.from : unit - window.from - 1);
  if (!found) return unit + step;
  return window.from + found.index + (step > 0 ? found.segment.length : 0);
}

/**
 * The next word's edge after or before this place.
 *
 * `edge`: the side of the word to stop at. Punctuation and spaces are passed over.
 */
export function byWord(text: string, unit: number, step: 1 | -1, edge: 'start' | 'end'): number {
  for (let at = unit; step > 0 ? at < text.length : at > 0; ) {
    const word = wordAt(text, step > 0 ? at : at - 1);
    const stop = word && (edge === 'start' ? word.from : word.to);
    if (stop !== null && (step > 0 ? stop > unit : stop < unit)) return stop;
    at = word ? (step > 0 ? word.to : word.from) : byGrapheme(text, at, step);
  }
  return step > 0 ? text.length : 0;
}

/** The range without spaces at its ends, widened to whole words if asked, and never cut inside a grapheme; null of nothing. */
export function snap(text: string, range: Range, how: 'words' | 'graphemes'): Range | null {
  let { from, to } = range.from <= range.to ? range : { from: range.to, to: range.from };
  while (from < to && /\s/.test(text[from]!)) from += 1;
  while (to > from && /\s/.test(text[to - 1]!)) to -= 1;
  if (from >= to) return null;
  if (how === 'words') {
    from = wordAt(text, from)?.from ?? from;
    to = wordAt(text, to - 1)?.to ?? to;
  }
  const first = byGrapheme(text, from + 1, -1);
  const last = byGrapheme(text, to - 1, 1);
  return { from: Math.min(from, first), to: Math.max(to, last) };
}

/** Where a string stands in a text, as whole words if the first place given is one. */
export function likeThis(text: string, range: Range, most = 20_000): Range[] {
  const wanted = text.slice(range.from, range.to);
  const whole = isWhole(text, range);
  const found: Range[] = [];
  for (let at = text.indexOf(wanted); at >= 0 && found.length < most; at = text.indexOf(wanted, at + wanted.length)) {
    const one = { from: at, to: at + wanted.length };
    if (!whole || isWhole(text, one)) found.push(one);
  }
  return found;
}

/** Whether a range begins and ends where words do. */
function isWhole(text: string, { from, to }: Range): boolean {
  const [first, last] = [wordAt(text, from), wordAt(text, to - 1)];
  return (!first || first.from === from) && (!last || last.to === to);
}
