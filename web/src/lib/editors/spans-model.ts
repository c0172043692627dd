/**
 * The marks of one text: spans that are given or suggested, relations between them, and a stack of acts to take back.
 *
 * In: an answer in its plain form; acts. Out: marks in order, those in a stretch of text, the answer. Never: the document,
 * or an act that undo cannot take back. Places are UTF-16 units inside; code points in answers.
 */

import type { Answer, Relation as PlainRelation, Span as PlainSpan } from '../answers';
import type { Offsets, Range } from './text-offsets';

export interface Mark extends Range {
  /** Names the mark as long as the editor shows this item; not part of the answer. */
  readonly key: number;
  readonly label: string;
  readonly state: 'given' | 'suggested';
  readonly confidence?: number | undefined;
  readonly id?: string | undefined;
}

export interface Link {
  readonly key: number;
  readonly head: number;
  readonly tail: number;
  readonly label: string;
}

/** One act: what it took away and what it put there, so that it can be turned round. */
export interface Act {
  words: string;
  removed: readonly Mark[];
  added: readonly Mark[];
  cut: readonly Link[];
  tied: readonly Link[];
}

export type Overlap = 'none' | 'nested' | 'any';

export const UNDO_DEPTH = 200;
/** More changes than this at once are sorted in one go. */
const FEW = 32;

const order = (a: Mark, b: Mark) => a.from - b.from || b.to - a.to || a.key - b.key;

export class Marks {
  private list: Mark[] = [];
  private readonly byKey = new Map<number, Mark>();
  private readonly relations = new Map<number, Link>();
  /** The furthest end of this mark and all before it; null when it has to be counted again. */
  private reach: Int32Array | null = null;
  private readonly done: Act[] = [];
  private readonly undone: Act[] = [];
  private next = 1;

  get all(): readonly Mark[] {
    return this.list;
  }

  get links(): Iterable<Link> {
    return this.relations.values();
  }

  get linkCount(): number {
    let found = 0;
    for (const link of this.links) if (this.holds(link)) found += 1;
    return found;
  }

  get(key: number): Mark | undefined {
    return this.byKey.get(key);
  }

  link(key: number): Link | undefined {
    return this.relations.get(key);
  }

  fresh(): number {
    return this.next++;
  }

  /** Do an act, and keep it for undo. */
  do(act: Act): Act {
    this.apply(act);
    this.done.push(act);
    if (this.done.length > UNDO_DEPTH) this.done.shift();
    this.undone.length = 0;
    return act;
  }

  /** Take back the last act; null when there is none. */
  undo(): Act | null {
    const act = this.done.pop();
    if (!act) return null;
    this.undone.push(act);
    const back = { words: act.words, removed: act.added, added: act.removed, cut: act.tied, tied: act.cut };
    this.apply(back);
    return back;
  }

  redo(): Act | null {
    const act = this.undone.pop();
    if (!act) return null;
    this.apply(act);
    this.done.push(act);
    return act;
  }

  /** Put marks in without a way back: what the item comes with. */
  lay(marks: readonly Mark[], links: readonly Link[] = []): void {
    this.apply({ words: '', removed: [], added: marks, cut: [], tied: links });
  }

  /** The marks that share at least one unit with this range, in order. */
  within({ from, to }: Range): Mark[] {
    const reach = this.reaches();
    const found: Mark[] = [];
    for (let place = this.firstBeyond(reach, from); place < this.list.length && this.list[place]!.from < to; place++) {
      if (this.list[place]!.to > from) found.push(this.list[place]!);
    }
    return found;
  }

  /** The marks at this unit, the shortest first. */
  at(unit: number): Mark[] {
    return this.within({ from: unit, to: unit + 1 }).sort((a, b) => a.to - a.from - (b.to - b.from));
  }

  /** The mark after or before this one in the text's order; from a place where no mark is current. */
  beside(key: number | null, unit: number, step: 1 | -1): Mark | null {
    const known = key === null ? undefined : this.byKey.get(key);
    if (known) return this.list[this.placeOf(known) + step] ?? null;
    let place = this.list.findIndex((mark) => mark.from >= unit);
    if (place < 0) place = this.list.length;
    return this.list[step > 0 ? place : place - 1] ?? null;
  }

  /** The given mark with exactly this range and label. */
  same(range: Range, label: string): Mark | null {
    const found = this.within(range).find(
      (mark) => mark.state === 'given' && mark.from === range.from && mark.to === range.to && mark.label === label,
    );
    return found ?? null;
  }

  /** The given mark that a new one may not stand beside, under this rule. */
  clash(range: Range, rule: Overlap, except: ReadonlySet<number> = new Set()): Mark | null {
    if (rule === 'any') return null;
    const others = this.within(range).filter((mark) => mark.state === 'given' && !except.has(mark.key));
    const inside = (a: Range, b: Range) => a.from >= b.from && a.to <= b.to;
    return others.find((mark) => rule === 'none' || !(inside(mark, range) || inside(range, mark))) ?? null;
  }

  /** The relations that a mark takes part in. */
  linksOf(...keys: number[]): Link[] {
    return [...this.relations.values()].filter((link) => keys.includes(link.head) || keys.includes(link.tail));
  }

  /** Whether a relation is between given marks: one that leads to a suggestion is itself suggested. */
  holds({ head, tail }: Link): boolean {
    return [head, tail].every((key) => this.byKey.get(key)?.state === 'given');
  }

  count(state: Mark['state']): number {
    let found = 0;
    for (const mark of this.list) if (mark.state === state) found += 1;
    return found;
  }

  private apply(act: Act): void {
    this.reach = null;
    for (const link of act.cut) this.relations.delete(link.key);
    for (const mark of act.removed) this.byKey.delete(mark.key);
    for (const mark of act.added) {
      this.byKey.set(mark.key, mark);
      this.next = Math.max(this.next, mark.key + 1);
    }
    for (const link of act.tied) {
      this.relations.set(link.key, link);
      this.next = Math.max(this.next, link.key + 1);
    }
    if (act.removed.length + act.added.length > FEW) {
      const gone = new Set(act.removed);
      this.list = this.list.filter((mark) => !gone.has(mark)).concat(act.added).sort(order);
      return;
    }
    for (const mark of act.removed) {
      const place = this.placeOf(mark);
      if (place >= 0) this.list.splice(place, 1);
    }
    for (const mark of act.added) this.list.splice(this.lowerBound(mark), 0, mark);
  }

  private lowerBound(mark: Mark): number {
    let low = 0;
    let high = this.list.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order(this.list[middle]!, mark) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private placeOf(mark: Mark): number {
    const place = this.lowerBound(mark);
    return this.list[place]?.key === mark.key ? place : -1;
  }

  private reaches(): Int32Array {
    if (this.reach) return this.reach;
    const reach = new Int32Array(this.list.length);
    let furthest = 0;
    this.list.forEach((mark, place) => (reach[place] = furthest = Math.max(furthest, mark.to)));
    return (this.reach = reach);
  }

  private firstBeyond(reach: Int32Array, unit: number): number {
    let low = 0;
    let high = reach.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (reach[middle]! <= unit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

type Spanned = Extract<Answer, { kind: 'span' }>;

/** Lay an answer's spans and relations; those that another answer has too are left out. */
export function layAnswer(marks: Marks, answer: Answer | null | undefined, offsets: Offsets, state: Mark['state']): void {
  if (answer?.kind !== 'span') return;
  const ids = new Map<string, number>();
  const laid: Mark[] = [];
  for (const span of answer.spans as (PlainSpan & { confidence?: number })[]) {
    const range = { from: offsets.toUnit(span.start), to: offsets.toUnit(span.end) };
    const known = state === 'suggested' ? marks.same(range, span.label) : null;
    const key = known?.key ?? marks.fresh();
    if (span.id) ids.set(span.id, key);
    if (!known && range.from < range.to) {
      laid.push({ ...range, key, label: span.label, state, confidence: span.confidence, id: span.id });
    }
  }
  const links: Link[] = [];
  const fresh = new Set(laid.map((mark) => mark.key));
  for (const { head, tail, label } of answer.relations ?? []) {
    const ends = [ids.get(head), ids.get(tail)] as const;
    // Between spans that were given before, it was decided then.
    if (state === 'suggested' && !ends.some((end) => fresh.has(end!))) continue;
    if (ends[0] !== undefined && ends[1] !== undefined) links.push({ key: marks.fresh(), head: ends[0], tail: ends[1], label });
  }
  marks.lay(laid, links);
}

/** The answer that the given marks make, in code points; ids only where relations need them. */
export function answerOf(marks: Marks, offsets: Offsets): Spanned {
  const joined = new Set<number>();
  for (const link of marks.links) if (marks.holds(link)) joined.add(link.head).add(link.tail);
  const used = new Set(marks.all.map((mark) => mark.id).filter(Boolean));
  const names = new Map<number, string>();
  const nameOf = (mark: Mark) => {
    let name = mark.id;
    for (let n = names.size + 1; !name; n++) if (!used.has(`s${n}`)) used.add((name = `s${n}`));
    names.set(mark.key, name);
    return name;
  };
  const spans: PlainSpan[] = [];
  for (const mark of marks.all) {
    if (mark.state !== 'given') continue;
    const plain = { start: offsets.toPoint(mark.from), end: offsets.toPoint(mark.to), label: mark.label };
    spans.push(joined.has(mark.key) ? { id: nameOf(mark), ...plain } : plain);
  }
  const relations: PlainRelation[] = [];
  for (const { head, tail, label } of marks.links) {
    const ends = [names.get(head), names.get(tail)] as const;
    if (ends[0] && ends[1]) relations.push({ head: ends[0], tail: ends[1], label });
  }
  return relations.length ? { kind: 'span', spans, relations } : { kind: 'span', spans };
}
