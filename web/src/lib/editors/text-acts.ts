/**
 * What a person can do to the spans of a text: label, move, join, accept, take back.
 *
 * In: the sheet's state. Out: one act each, with a sentence that says what it came to. Never: an act without a way back, or one
 * that breaks the question's rules.
 */

import { say } from '../speech';
import { percent, titleOf } from '../labels';
import { count, plural } from '../words';
import { type Act, answerOf, type Link, type Mark } from './spans-model';
import { byGrapheme, byWord, likeThis, type Range, wordAt } from './text-offsets';
import { quoted, Sheet } from './text-sheet';

export abstract class Acts extends Sheet {
  // ---- acts ----------------------------------------------------------------------------------------------------------
  /** Do an act on marks: draw what it touched, tell what it came to, keep the value. */
  protected act(act: Partial<Act> & { words: string }): true {
    this.touched(this.marks.do({ removed: [], added: [], cut: [], tied: [], ...act }));
    this.say(act.words);
    return true;
  }

  protected touched(act: Act): void {
    this.sureOfNone = false;
    const changed = [...act.removed, ...act.added];
    if (changed.length > 100) this.view.redrawAll();
    else for (const mark of changed) this.view.redraw(mark);
    if (this.current !== null && !this.marks.get(this.current)) this.current = null;
    if (this.relation !== null && !this.marks.link(this.relation)) this.relation = null;
    this.drawOver();
    this.tellAll();
    this.options.emit({ type: 'change', answer: answerOf(this.marks, this.offsets) });
  }

  protected turn(way: 'undo' | 'redo'): boolean {
    const act = this.marks[way]();
    if (!act) return false;
    this.joining = null;
    this.touched(act);
    const mark = act.added[0];
    if (mark) this.view.reveal(mark.from);
    this.say(way === 'undo' ? `Undone: ${act.words}` : `Done again: ${act.words}`);
    return true;
  }

  protected say(text: string): boolean {
    this.bar.told(text);
    this.options.emit({ type: 'say', text });
    return true;
  }

  /** A label was chosen: for the current span, for what is selected, for the word at the caret, or as a pen. */
  protected pick(index: number): boolean {
    const label = this.labels[index];
    if (!label || this.fixed) return false;
    if (this.joining?.tail != null) return this.tie(index);
    const current = this.mark();
    if (current) return this.relabel(current, label.name);
    const range = this.selected ?? (this.caret === null ? null : wordAt(this.text, this.caret) ?? wordAt(this.text, this.caret - 1));
    if (range) return this.add(range, label.name);
    this.pen = this.pen === index ? null : index;
    this.tellAll();
    return this.say(this.pen === null ? 'Pen put down' : `${titleOf(label)}: every selection gets this label now`);
  }

  protected add(range: Range, label: string): true {
    const known = this.marks.same(range, label);
    if (known) {
      this.choose(known);
      return true;
    }
    // What covers exactly this gets the new label, where only one may stand.
    const clash = this.clash(range, new Set());
    if (clash && clash.from === range.from && clash.to === range.to) return this.relabel(clash, label);
    if (clash) {
      this.say(`Spans of this question may not ${this.rule === 'none' ? 'overlap' : 'cross'}; ${quoted(this.textOf(clash))} is marked there`);
      return true;
    }
    // A suggestion of the same span is what this is, and keeps its relations.
    const taken = this.marks.within(range).filter((one) => one.state === 'suggested' && one.from === range.from && one.to === range.to);
    const like = taken.find((one) => one.label === label);
    const mark: Mark = { ...range, key: like?.key ?? this.marks.fresh(), label, state: 'given' };
    const cut = this.marks.linksOf(...taken.filter((one) => one !== like).map((one) => one.key));
    this.dropSelection();
    this.caret = range.to;
    this.current = null;
    return this.act({ added: [mark], removed: taken, cut, words: `${this.titled(label)}: ${quoted(this.textOf(mark))}` });
  }

  protected relabel(mark: Mark, label: string): true {
    if (mark.label === label && mark.state === 'given') {
      this.say(`${quoted(this.textOf(mark))} is ${this.titled(label)} already`);
      return true;
    }
    return this.replace(mark, { label, state: 'given' }, `${this.titled(label)}: ${quoted(this.textOf(mark))}`);
  }

  /** Change a mark as one act, unless another of the same place and label stands there or the rule forbids it. */
  protected replace(mark: Mark, to: Partial<Mark>, words: string): true {
    const next: Mark = { ...mark, ...to };
    const twin = this.marks.same(next, next.label);
    const clash = this.clash(next, new Set([mark.key]));
    if (twin && twin.key !== mark.key) this.say(`${quoted(this.textOf(next))} is ${this.titled(next.label)} already`);
    else if (clash) this.say(`${quoted(this.textOf(clash))} is in the way`);
    else this.act({ removed: [mark], added: [next], words });
    return true;
  }

  protected clash(range: Range, except: ReadonlySet<number>): Mark | null {
    return this.marks.clash(range, this.rule, except);
  }

  protected get rule() {
    return this.options.question.overlap ?? 'none';
  }

  protected remove(mark: Mark): boolean {
    if (this.fixed) return false;
    if (this.current === mark.key) this.current = null;
    const cut = this.marks.linksOf(mark.key);
    const what = mark.state === 'suggested' ? 'Rejected' : say('Removed');
    return this.act({ removed: [mark], cut, words: `${what}: ${quoted(this.textOf(mark))}` });
  }

  protected removeCurrent(): boolean {
    const link = this.relation === null ? undefined : this.marks.link(this.relation);
    if (link && !this.fixed) return this.act({ cut: [link], words: `Relation removed: ${this.linkWords(link)}` });
    const mark = this.mark();
    if (!mark || this.fixed) return false;
    const after = this.marks.beside(mark.key, mark.from, 1) ?? this.marks.beside(mark.key, mark.from, -1);
    this.remove(mark);
    if (after) this.choose(after, 'quiet');
    return true;
  }

  protected labelAllLike(): boolean {
    const mark = this.mark();
    if (!mark) return this.say('Choose a span first: A labels all like it');
    const gone: Mark[] = [];
    const added: Mark[] = [];
    for (const range of likeThis(this.text, mark)) {
      if (this.marks.same(range, mark.label) || this.clash(range, new Set())) continue;
      added.push({ ...range, key: this.marks.fresh(), label: mark.label, state: 'given' });
      gone.push(...this.marks.within(range).filter((one) => one.state === 'suggested' && one.from === range.from && one.to === range.to));
    }
    if (added.length === 0) return this.say(`No other ${quoted(this.textOf(mark))} is left to label`);
    const cut = this.marks.linksOf(...gone.map((one) => one.key));
    return this.act({ added, removed: gone, cut, words: `${this.titled(mark.label)}: ${count(added.length)} more ${quoted(this.textOf(mark))}` });
  }

  protected acceptAll(): boolean {
    const open = this.marks.all.filter((mark) => mark.state === 'suggested');
    const taken: Mark[] = [];
    const gone: Mark[] = [];
    const kept: Mark[] = [];
    for (const mark of open) {
      const inTheWay = this.clash(mark, new Set()) ?? (this.rule === 'any' ? null : kept.find((one) => one.from < mark.to && one.to > mark.from && this.rule === 'none'));
      gone.push(mark);
      if (inTheWay || this.marks.same(mark, mark.label)) continue;
      kept.push(mark);
      taken.push({ ...mark, state: 'given' });
    }
    if (open.length === 0) return false;
    const stays = new Set(taken.map((mark) => mark.key));
    const cut = this.marks.linksOf(...gone.filter((mark) => !stays.has(mark.key)).map((mark) => mark.key));
    return this.act({ removed: gone, added: taken, cut, words: `Accepted: ${plural(taken.length, 'span')}` });
  }

  protected reject(): boolean {
    const mark = this.mark();
    const open = mark?.state === 'suggested' ? mark : this.marks.all.find((one) => one.state === 'suggested');
    if (!open || this.fixed) return false;
    const after = this.marks.all.find((one) => one.state === 'suggested' && one.from >= open.from && one !== open);
    this.remove(open);
    if (after) this.choose(after, 'quiet');
    return true;
  }

  /** Enter: join what is picked; else accept what is suggested, and send. */
  protected enter(): boolean {
    if (this.joining) return this.joinHere();
    this.acceptAll();
    return this.finish();
  }

  protected finish(): boolean {
    if (this.fixed) return false;
    const answer = answerOf(this.marks, this.offsets);
    const { at_least: least, at_most: most } = this.options.question;
    const count = answer.spans.length;
    if (least != null && count < least) return this.say(`This question wants at least ${plural(least, 'span')}`);
    if (most != null && count > most) return this.say(`This question takes at most ${plural(most, 'span')}; there are ${count}`);
    if (count === 0 && !this.sureOfNone) {
      this.sureOfNone = true;
      return this.say('Nothing is marked. Enter again says that there is nothing to mark');
    }
    this.options.emit({ type: 'answer', answer });
    return true;
  }

  // ---- the current span ----------------------------------------------------------------------------------------------
  protected choose(mark: Mark | null, how: 'reveal' | 'quiet' | 'plain' = 'plain'): void {
    const before = this.mark();
    this.current = mark?.key ?? null;
    this.relation = null;
    this.dropSelection();
    for (const one of [before, mark]) if (one) this.view.redraw(one);
    if (mark) {
      this.caret = mark.to;
      if (how !== 'plain') this.view.reveal(mark.from);
      const state = mark.state === 'suggested' ? `, suggested${mark.confidence === undefined ? '' : `, ${percent(mark.confidence)} sure`}` : '';
      if (how !== 'quiet') this.say(`${this.titled(mark.label)}: ${quoted(this.textOf(mark))}${state}`);
    }
    this.drawOver();
    this.tellAll();
  }

  protected walk(step: 1 | -1): boolean {
    const from = this.caret ?? (step > 0 ? 0 : this.text.length);
    const next = this.marks.beside(this.current, from, step);
    if (!next) return false;
    this.choose(next, 'reveal');
    return true;
  }

  /** Move or resize the current span by one step. */
  protected shift(step: 1 | -1, which: 'both' | 'from' | 'to', fine: boolean): boolean {
    const mark = this.mark();
    if (!mark || this.fixed) return false;
    const move = (unit: number, side: 'from' | 'to') =>
      this.snapping && !fine ? byWord(this.text, unit, step, side === 'from' ? 'start' : 'end') : byGrapheme(this.text, unit, step);
    const from = which === 'to' ? mark.from : move(mark.from, 'from');
    const to = which === 'from' ? mark.to : move(mark.to, 'to');
    if (from >= to || (from === mark.from && to === mark.to)) return this.say('It cannot go further');
    const words = { both: say('Moved'), from: 'Start moved', to: 'End moved' }[which];
    this.replace(mark, { from, to, state: 'given' }, `${words}: ${quoted(this.text.slice(from, to))}`);
    this.view.reveal(which === 'from' ? from : to);
    return true;
  }

  /** An edit in the table: places are code points. */
  protected retype(mark: Mark, to: { start?: number; end?: number; label?: string }): void {
    if (to.label !== undefined) this.relabel(mark, to.label);
    else {
      const from = to.start === undefined ? mark.from : this.offsets.toUnit(to.start);
      const end = to.end === undefined ? mark.to : this.offsets.toUnit(to.end);
      if (from < end) this.replace(mark, { from, to: end, state: 'given' }, `Moved: ${quoted(this.text.slice(from, end))}`);
      else this.say('A span begins before it ends');
    }
    this.table.draw();
  }

  // ---- relations -----------------------------------------------------------------------------------------------------
  protected join(): boolean {
    const mark = this.mark();
    if (!this.kinds.length || this.fixed) return false;
    if (this.joining) return this.joinHere();
    if (!mark || mark.state !== 'given') return this.say('Choose a span first: R joins it with another');
    this.joining = { head: mark.key, tail: null };
    this.tellAll();
    return this.say(`Joining from ${quoted(this.textOf(mark))}: choose the other span, then a relation`);
  }

  /** The current span is the other end. */
  protected joinHere(): boolean {
    const { joining } = this;
    const tail = this.mark();
    if (!joining || !tail || tail.state !== 'given' || tail.key === joining.head) return this.say('Choose the other span: [ and ] walk, or click it');
    this.joining = { ...joining, tail: tail.key };
    if (this.kinds.length === 1) return this.tie(0);
    this.tellAll();
    return this.say(`To ${quoted(this.textOf(tail))}: which relation?`);
  }

  protected tieByKey(event: KeyboardEvent): boolean {
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const own = this.kinds.findIndex((kind) => kind.hotkey && kind.hotkey.toLowerCase() === event.key.toLowerCase());
    if (own >= 0) return this.tie(own);
    return digit ? this.tie(Number(digit) - 1) : false;
  }

  protected tie(index: number): boolean {
    const { joining } = this;
    const kind = this.kinds[index];
    if (!kind || joining?.tail == null) return false;
    const [head, tail] = [this.marks.get(joining.head), this.marks.get(joining.tail)];
    if (!head || !tail) return this.leave();
    const fits = (a: Mark, b: Mark) =>
      (!kind.heads?.length || kind.heads.includes(a.label)) && (!kind.tails?.length || kind.tails.includes(b.label));
    const directed = kind.directed !== false;
    if (!fits(head, tail) && (directed || !fits(tail, head))) {
      const names = (some?: string[]) => some?.map((name) => this.titled(name)).join(', ') || 'any label';
      return this.say(`${titleOf(kind)} joins ${names(kind.heads)} with ${names(kind.tails)}`);
    }
    const same = this.marks.linksOf(joining.head).find((one) => {
      const straight = one.head === joining.head && one.tail === joining.tail;
      return one.label === kind.name && (straight || (!directed && one.head === joining.tail && one.tail === joining.head));
    });
    this.joining = null;
    if (same) {
      this.tellAll();
      return this.say(`They are joined so already: ${this.linkWords(same)}`);
    }
    const link: Link = { key: this.marks.fresh(), head: head.key, tail: tail.key, label: kind.name };
    this.view.redraw(head);
    return this.act({ tied: [link], words: `Joined: ${this.linkWords(link)}` });
  }

  protected linkWords({ head, tail, label }: Link): string {
    const words = (key: number) => quoted(this.textOf(this.marks.get(key) ?? { from: 0, to: 0 }));
    return `${words(head)} ${titleOf(this.kinds.find((kind) => kind.name === label) ?? { name: label })} ${words(tail)}`;
  }

  protected leave(): boolean {
    const had = this.joining !== null || this.current !== null || this.selected !== null || this.pen !== null || this.relation !== null;
    const head = this.joining && this.marks.get(this.joining.head);
    this.joining = null;
    this.pen = null;
    if (head) this.view.redraw(head);
    else this.choose(null, 'quiet');
    this.tellAll();
    return had;
  }
}
