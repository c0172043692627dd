/**
 * How overlapping spans are drawn under one line of text: cut into stretches, stacked in lanes.
 *
 * In: the spans of a line. Out: a lane for each, stretches of text with the spans that cover them. Never: the document.
 */

import type { Range } from './text-offsets';

export interface Laid<T extends Range> {
  mark: T;
  /** 0 lies next to the text. */
  lane: number;
}

export interface Stretch<T extends Range> extends Range {
  covers: readonly Laid<T>[];
}

/**
 * Give each span a lane, so that no two in one lane touch; short ones lie next to the text, longer ones below.
 *
 * `room`: units that a span's tag takes at least, so that tags of one lane do not run into each other.
 */
export function lanes<T extends Range>(marks: readonly T[], room: (mark: T) => number): Laid<T>[] {
  const short = [...marks].sort((a, b) => a.to - a.from - (b.to - b.from) || a.from - b.from);
  const taken: Range[][] = [];
  const found = new Map<T, number>();
  for (const mark of short) {
    const range = { from: mark.from, to: Math.max(mark.to, mark.from + room(mark)) };
    // A span lies below all that it holds, so that nesting reads from the inside out.
    let lane = 0;
    for (const [inner, place] of found) if (inner.from < mark.to && inner.to > mark.from) lane = Math.max(lane, place + 1);
    while (taken[lane]?.some((one) => one.from < range.to && one.to > range.from)) lane += 1;
    (taken[lane] ??= []).push(range);
    found.set(mark, lane);
  }
  return marks.map((mark) => ({ mark, lane: found.get(mark)! }));
}

/** Cut a line where spans begin and end; stretches without a span are part of it. */
export function stretches<T extends Range>(line: Range, laid: readonly Laid<T>[]): Stretch<T>[] {
  const cuts = new Set([line.from, line.to]);
  for (const { mark } of laid) {
    if (mark.from > line.from) cuts.add(Math.min(mark.from, line.to));
    if (mark.to < line.to) cuts.add(Math.max(mark.to, line.from));
  }
  const sorted = [...cuts].sort((a, b) => a - b);
  const found: Stretch<T>[] = [];
  for (let place = 0; place + 1 < sorted.length; place++) {
    const [from, to] = [sorted[place]!, sorted[place + 1]!];
    found.push({ from, to, covers: laid.filter(({ mark }) => mark.from < to && mark.to > from) });
  }
  return found;
}

/** Lines of a text: cut at line ends; a longer line than `most` is cut at a space, so that no line is long to draw. */
export function linesOf(text: string, most = 1_200): Range[] {
  const found: Range[] = [];
  for (let at = 0; at <= text.length; ) {
    const end = text.indexOf('\n', at);
    const stop = end < 0 ? text.length : end;
    while (stop - at > most) {
      const space = text.lastIndexOf(' ', at + most);
      let cut = space > at + most / 2 ? space + 1 : at + most;
      if (/[\udc00-\udfff\u0300-\u036f\u200d\ufe0f]/.test(text[cut]!)) cut = space > at ? space + 1 : cut + 1;
      found.push({ from: at, to: cut });
      at = cut;
    }
    found.push({ from: at, to: stop });
    if (end < 0) break;
    at = end + 1;
  }
  return found;
}
