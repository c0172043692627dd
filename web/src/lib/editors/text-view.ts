/**
 * A long text on screen, line by line, with spans drawn under it.
 *
 * In: a text, the marks of any stretch of it, what a label looks like. Out: lines whose text is the item's own, character for
 * character, and the way between a place on screen and a place in the text. Never: markup out of the text, or work that
 * grows with the text for one key press: only lines near the screen are drawn, each by itself.
 */

import { type Laid, lanes, linesOf, stretches } from './spans-layout';
import type { Mark } from './spans-model';
import type { Range } from './text-offsets';

/** Units of one page: what comes near the screen is drawn by pages. */
const PAGE = 3_000;
/** Lines of one page at most: empty lines have a height, too. */
const PAGE_LINES = 80;
/** Pixels beyond the screen within which pages are drawn. */
const NEAR = '900px 0px';
/** One lane under the text: its line, its tag. */
const LANE_PX = 18;
/** More lanes than this are drawn in the last one. */
const MOST_LANES = 12;

export interface Look {
  title: string;
  hue: string;
}

/** How one mark is drawn beside its label. */
export interface Dress {
  look: Look;
  /** Words before the label's, such as a share or a side. */
  note: string;
  kind: 'given' | 'suggested' | 'agreed' | 'here' | 'there';
}

export interface ViewParts {
  marksIn(range: Range): readonly Mark[];
  dress(mark: Mark): Dress;
  isCurrent(mark: Mark): boolean;
  /** Called after lines were drawn, or changed their place. */
  drawn(): void;
}

interface Line extends Range {
  element: HTMLElement;
  page: Page;
  /** Its marks changed since it was drawn. */
  stale: boolean;
}

interface Page {
  element: HTMLElement;
  lines: Line[];
  near: boolean;
}

export class TextView {
  readonly element = document.createElement('div');
  private text = '';
  private lines: Line[] = [];
  private pages: Page[] = [];
  private readonly lineOf = new WeakMap<Element, Line>();
  private readonly pageOf = new WeakMap<Element, Page>();
  private readonly watch: IntersectionObserver | null;
  private toDraw = 0;

  constructor(private readonly parts: ViewParts) {
    this.element.className = 'gs-text';
    this.watch =
      typeof IntersectionObserver === 'undefined'
        ? null
        : new IntersectionObserver((entries) => this.approach(entries), { rootMargin: NEAR });
  }

  /** Show another text; its first pages are drawn now, the others when they come near. */
  show(text: string): void {
    this.watch?.disconnect();
    this.text = text;
    this.lines = [];
    this.pages = [];
    let page: Page | null = null;
    for (const range of linesOf(text)) {
      const first = page?.lines[0];
      if (!page || !first || range.to - first.from > PAGE || page.lines.length >= PAGE_LINES) page = this.addPage();
      const element = document.createElement('div');
      element.className = 'gs-line';
      element.dir = 'auto';
      element.textContent = text.slice(range.from, range.to);
      const line: Line = { ...range, element, page, stale: true };
      this.lineOf.set(element, line);
      this.lines.push(line);
      page.lines.push(line);
      page.element.append(element);
    }
    for (const one of this.pages) this.sizeOf(one);
    this.element.replaceChildren(...this.pages.map((one) => one.element));
    this.pages.forEach((one, place) => {
      if (place < 2 || !this.watch) this.near(one);
      this.watch?.observe(one.element);
    });
  }

  /** Marks of this stretch changed: draw its lines again, or remember to. */
  redraw({ from, to }: Range): void {
    for (let place = this.placeAt(from); place < this.lines.length && this.lines[place]!.from <= to; place++) {
      const line = this.lines[place]!;
      line.stale = true;
      if (line.page.near) this.draw(line);
    }
    this.tell();
  }

  redrawAll(): void {
    for (const line of this.lines) line.stale = true;
    for (const page of this.pages) if (page.near) for (const line of page.lines) this.draw(line);
    this.tell();
  }

  /** The lines that show nothing of these marks, hidden behind one row per run; none are hidden for null. */
  fold(kept: readonly Range[] | null, words: (count: number) => string): void {
    for (const one of this.element.querySelectorAll('.gs-fold')) one.remove();
    if (!kept) {
      for (const line of this.lines) line.element.hidden = false;
      return;
    }
    const keep = new Set<Line>();
    for (const { from, to } of kept) {
      for (let place = this.placeAt(from); place < this.lines.length && this.lines[place]!.from < to; place++) {
        // One line each side, so that what differs is read in its place.
        for (const near of [place - 1, place, place + 1]) if (this.lines[near]) keep.add(this.lines[near]);
      }
    }
    let run: Line[] = [];
    const close = () => {
      const first = run[0];
      if (first) first.element.before(foldRow(words(run.length), run));
      run = [];
    };
    for (const line of this.lines) {
      line.element.hidden = !keep.has(line);
      if (!line.element.hidden) close();
      else {
        if (run[0] && run[0].page !== line.page) close();
        run.push(line);
      }
    }
    close();
  }

  /** Where in the text a place in the document is; null outside of this view. */
  unitOf(node: Node, offset: number): number | null {
    const at = node instanceof Element ? node : node.parentElement;
    const element = at?.closest('.gs-line');
    const line = element && this.lineOf.get(element);
    if (!line) {
      // A place between lines or pages: the one after it, else the end.
      const child = node === this.element || this.pageOf.get(node as Element) ? node.childNodes[offset] : null;
      const page = child instanceof Element ? (this.pageOf.get(child) ?? null) : null;
      const next = page?.lines[0] ?? (child instanceof Element ? this.lineOf.get(child) : undefined);
      if (next) return next.from;
      if (node === this.element) return this.text.length;
      const known = this.pageOf.get(node as Element);
      return known ? known.lines.at(-1)!.to : null;
    }
    let unit = line.from;
    if (node instanceof Element) {
      if (node === element) for (const child of [...node.childNodes].slice(0, offset)) unit += (child.textContent ?? '').length;
      else unit += lengthBefore(element, node) + [...node.childNodes].slice(0, offset).reduce((sum, one) => sum + (one.textContent ?? '').length, 0);
    } else unit += lengthBefore(element, node) + offset;
    return Math.min(unit, line.to);
  }

  /** Where in the document a place in the text is. */
  placeOf(unit: number, side: 'before' | 'after' = 'before'): { node: Node; offset: number } {
    const line = this.lines[this.placeAt(unit)]!;
    let left = unit - line.from;
    const walker = document.createTreeWalker(line.element, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const { length } = node as Text;
      if (left < length || (left === length && side === 'before')) return { node, offset: left };
      left -= length;
    }
    return side === 'after' && unit > line.from ? this.placeOf(unit) : { node: line.element, offset: line.element.childNodes.length };
  }

  /** A range of the document over a stretch of the text. */
  rangeOf({ from, to }: Range): globalThis.Range {
    const range = document.createRange();
    const [start, end] = [this.placeOf(from, 'after'), this.placeOf(to)];
    range.setStart(start.node, start.offset);
    range.setEnd(end.node, end.offset);
    return range;
  }

  /** Bring a place of the text on screen, drawn. */
  reveal(unit: number): void {
    const line = this.lines[this.placeAt(unit)];
    if (!line) return;
    this.near(line.page);
    const row = line.element.previousElementSibling;
    if (line.element.hidden && row instanceof HTMLButtonElement) row.click();
    const place = this.placeOf(unit);
    const anchor = place.node instanceof Element ? place.node : place.node.parentElement;
    (anchor ?? line.element).scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Whether this place is drawn now: far pages keep their text, and their marks wait. */
  isNear(unit: number): boolean {
    const line = this.lines[this.placeAt(unit)];
    return line !== undefined && line.page.near && !line.element.hidden;
  }

  /** Which way the line at this place runs: 1 where the arrow to the right leads on in the text, -1 where the left one does. */
  runOf(unit: number): 1 | -1 {
    const line = this.lines[this.placeAt(unit)];
    return line && getComputedStyle(line.element).direction === 'rtl' ? -1 : 1;
  }

  lineAt(unit: number): Range {
    return this.lines[this.placeAt(unit)] ?? { from: 0, to: 0 };
  }

  destroy(): void {
    this.watch?.disconnect();
    cancelAnimationFrame(this.toDraw);
    this.element.remove();
  }

  private addPage(): Page {
    const page: Page = { element: document.createElement('div'), lines: [], near: false };
    page.element.className = 'gs-page';
    this.pageOf.set(page.element, page);
    this.pages.push(page);
    return page;
  }

  /** A first guess at a page's height, until it was once on screen. */
  private sizeOf(page: Page): void {
    const rows = page.lines.reduce((sum, { from, to }) => sum + Math.max(1, Math.ceil((to - from) / 80)), 0);
    page.element.style.containIntrinsicSize = `auto ${rows * 30}px`;
  }

  /** The place among lines of the line that holds this unit. */
  private placeAt(unit: number): number {
    let low = 0;
    let high = this.lines.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lines[middle]!.from <= unit) low = middle;
      else high = middle - 1;
    }
    return Math.max(0, low);
  }

  private approach(entries: readonly IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      const page = this.pageOf.get(entry.target);
      if (!page) continue;
      if (entry.isIntersecting) this.near(page);
      else page.near = false;
    }
    this.tell();
  }

  private near(page: Page): void {
    page.near = true;
    for (const line of page.lines) if (line.stale) this.draw(line);
  }

  private draw(line: Line): void {
    line.stale = false;
    const marks = this.parts.marksIn(line);
    const before = line.element.childElementCount;
    if (marks.length === 0 && before === 0) return;
    const dresses = new Map(marks.map((mark) => [mark, this.parts.dress(mark)]));
    const room = (mark: Mark) => Math.ceil((tagOf(dresses.get(mark)!).length + 1) * 0.85);
    const laid = lanes(marks, room).map(({ mark, lane }) => ({ mark, lane: Math.min(lane, MOST_LANES - 1) }));
    const count = laid.reduce((most, { lane }) => Math.max(most, lane + 1), 0);
    line.element.style.setProperty('--lanes', String(count));
    const drawn = stretches(line, laid).map(({ from, to, covers }) => {
      const words = this.text.slice(from, to);
      if (covers.length === 0) return document.createTextNode(words);
      return this.stretch(words, from === line.from, from, covers, dresses, count);
    });
    line.element.replaceChildren(...drawn);
  }

  private stretch(
    words: string,
    first: boolean,
    from: number,
    covers: readonly Laid<Mark>[],
    dresses: ReadonlyMap<Mark, Dress>,
    count: number,
  ): HTMLElement {
    const element = document.createElement('span');
    element.className = 'gs-span';
    const images: string[] = [];
    const places: string[] = [];
    const sizes: string[] = [];
    const tags: HTMLElement[] = [];
    for (const { mark, lane } of covers) {
      const dress = dresses.get(mark)!;
      const current = this.parts.isCurrent(mark);
      const thick = current ? 4 : 3;
      images.push(lineImage(dress));
      places.push(`0 calc(100% - ${(count - lane) * LANE_PX - thick - 1}px)`);
      sizes.push(`100% ${thick}px`);
      if (current) element.classList.add('gs-current');
      if (dress.kind === 'suggested') element.classList.add('gs-suggested');
      if (mark.from === from || first) tags.push(tag(mark, dress, lane, { current, goesOn: mark.from < from }));
    }
    element.style.backgroundImage = images.join(',');
    element.style.backgroundPosition = places.join(',');
    element.style.backgroundSize = sizes.join(',');
    // The text comes first, so that places in it are counted without the tags, which hold no text of their own.
    element.append(document.createTextNode(words), ...tags);
    return element;
  }

  private tell(): void {
    if (this.toDraw) return;
    this.toDraw = requestAnimationFrame(() => {
      this.toDraw = 0;
      this.parts.drawn();
    });
  }
}

/** What is printed at a mark. */
export function tagOf({ look, note, kind }: Dress): string {
  const side = { given: '', suggested: '', agreed: '', here: '+ ', there: '− ' }[kind];
  return `${side}${look.title}${note ? ` ${note}` : ''}`;
}

/** Given is a solid line, suggested a dashed one, the other side's a dotted one: never color alone. */
function lineImage({ look, kind }: Dress): string {
  const color = kind === 'agreed' ? 'var(--edge-strong)' : `color-mix(in oklab, ${safeHue(look.hue)} 68%, var(--ink))`;
  if (kind === 'suggested') return `repeating-linear-gradient(90deg, ${color} 0 6px, transparent 6px 10px)`;
  if (kind === 'there') return `repeating-linear-gradient(90deg, ${color} 0 2px, transparent 2px 5px)`;
  return `linear-gradient(${color}, ${color})`;
}

/** A hue comes from the schema, which the server checked: this keeps anything else out of a style all the same. */
function safeHue(hue: string): string {
  return /^#[0-9a-fA-F]{6}$/.test(hue) ? hue : '#8A8A8A';
}

function tag(mark: Mark, dress: Dress, lane: number, how: { current: boolean; goesOn: boolean }): HTMLElement {
  const element = document.createElement('span');
  element.className = 'gs-tag';
  element.dataset.kind = dress.kind;
  element.dataset.key = String(mark.key);
  element.dataset.words = how.goesOn ? `… ${tagOf(dress)}` : tagOf(dress);
  if (how.current) element.dataset.current = '';
  element.style.setProperty('--lane', String(lane));
  element.style.setProperty('--hue', safeHue(dress.look.hue));
  return element;
}

function foldRow(words: string, hidden: readonly { element: HTMLElement }[]): HTMLElement {
  const row = document.createElement('button');
  row.type = 'button';
  row.className = 'gs-fold';
  row.textContent = words;
  row.addEventListener('click', () => {
    for (const { element } of hidden) element.hidden = false;
    row.remove();
  });
  return row;
}

/** Units of text in a line before this node. */
function lengthBefore(line: Element, node: Node): number {
  let sum = 0;
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let one = walker.nextNode(); one && one !== node; one = walker.nextNode()) {
    if (node.contains(one) || node.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING) break;
    sum += (one as Text).length;
  }
  return sum;
}
