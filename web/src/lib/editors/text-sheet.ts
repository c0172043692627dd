/**
 * What the editor of spans knows of one text, and how it is shown: marks, the current one, what lies over the text.
 *
 * In: an item with its value. Out: lines, arcs, a caret, the bar's state. Never: an act of a person (`text-acts`), or an event
 * (`text-hands`).
 */

import type { Answer, Label, RelationLabel } from '../answers';
import { hueOf, percent, titleOf } from '../labels';
import { count, plural } from '../words';
import type { EditorOptions, Shown } from './contract';
import { type Arc, type Box, drawArcs } from './relations';
import { diffSpans } from './spans-diff';
import { layAnswer, type Mark, Marks } from './spans-model';
import type { Bar } from './text-bar';
import { Offsets, type Range } from './text-offsets';
import type { SpanTable } from './text-table';
import type { Dress, TextView } from './text-view';

/** Units of a text that are read out. */
const SAID = 60;
export const quoted = (text: string) => `“${text.length > SAID ? `${text.slice(0, SAID)}…` : text}”`;

/** Where a relation is being made: from one span, and to which. */
export interface Joining {
  head: number;
  tail: number | null;
}

export abstract class Sheet {
  protected readonly root = document.createElement('div');
  protected readonly scene = document.createElement('div');
  protected readonly svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  protected readonly caretMark = document.createElement('div');
  protected view!: TextView;
  protected table!: SpanTable;
  protected bar!: Bar;
  protected readonly labels: readonly Label[];
  protected readonly kinds: readonly RelationLabel[];
  protected readonly byName = new Map<string, { label: Label; index: number }>();
  protected readonly stop = new AbortController();

  protected marks = new Marks();
  protected offsets = new Offsets('');
  protected shown: Shown = { value: null, suggestion: null };
  protected sides: Map<number, Dress['kind']> | null = null;
  protected current: number | null = null;
  protected relation: number | null = null;
  protected joining: Joining | null = null;
  protected selected: Range | null = null;
  /** Where the keyboard stands; null until it was used or the text was clicked. */
  protected caret: number | null = null;
  /** Where a selection by keyboard began. */
  protected anchor: number | null = null;
  /** The label that every selection gets at once; null for none. */
  protected pen: number | null = null;
  protected snapping = true;
  protected twin = false;
  /** Enter was pressed on a text without spans: the next one says that there are none. */
  protected sureOfNone = false;
  protected pressed: 'mouse' | 'touch' | null = null;

  constructor(protected readonly options: EditorOptions) {
    this.labels = options.question.labels ?? [];
    this.kinds = options.question.relations ?? [];
    this.labels.forEach((label, index) => this.byName.set(label.name, { label, index }));
  }

  protected build(host: HTMLElement): void {
    const { element } = this.view;
    this.root.className = 'gs-spans';
    this.scene.className = 'gs-scene';
    element.tabIndex = 0;
    element.setAttribute('role', 'textbox');
    element.setAttribute('aria-multiline', 'true');
    element.setAttribute('aria-readonly', 'true');
    element.setAttribute('aria-label', `Text to mark: ${this.options.question.prompt || this.options.question.name}`);
    this.svg.classList.add('gs-arcs');
    this.svg.setAttribute('aria-hidden', 'true');
    this.caretMark.className = 'gs-caret';
    this.caretMark.hidden = true;
    if (this.kinds.length) this.root.dataset.relations = '';
    this.scene.append(element, this.svg, this.caretMark);
    this.table.element.hidden = true;
    const desk = document.createElement('div');
    desk.className = 'gs-desk';
    desk.append(this.scene, this.table.element);
    this.root.append(this.bar.element, desk);
    host.replaceChildren(this.root);
    // The height of a letter's box in this font: where the lanes below it begin.
    const probe = document.createElement('span');
    probe.textContent = 'x';
    element.append(probe);
    this.root.style.setProperty('--letter', `${probe.getBoundingClientRect().height || 22}px`);
    probe.remove();
  }

  protected get text(): string {
    return this.offsets.text;
  }

  protected get fixed(): boolean {
    return this.shown.readonly === true || this.sides !== null;
  }

  protected fill(value: Answer | null): void {
    this.marks = new Marks();
    this.sides = null;
    this.current = this.relation = this.joining = this.selected = null;
    this.sureOfNone = false;
    const { compareTo } = this.shown;
    if (compareTo !== undefined) this.fillBoth(value, compareTo);
    else {
      layAnswer(this.marks, value, this.offsets, 'given');
      layAnswer(this.marks, this.suggestedAnswer(), this.offsets, 'suggested');
    }
  }

  protected fillBoth(value: Answer | null, other: Answer | null): void {
    const spansOf = (answer: Answer | null) => (answer?.kind === 'span' ? answer.spans : []);
    const diff = diffSpans(spansOf(value), spansOf(other));
    this.sides = new Map();
    for (const [kind, spans] of [['agreed', diff.agreed], ['here', diff.here], ['there', diff.there]] as const) {
      const before = new Set(this.marks.all.map((mark) => mark.key));
      layAnswer(this.marks, { kind: 'span', spans: spans.map(({ start, end, label }) => ({ start, end, label })) }, this.offsets, 'given');
      for (const mark of this.marks.all) if (!before.has(mark.key)) this.sides.set(mark.key, kind);
    }
  }

  protected suggestedAnswer(): Answer | null {
    return this.fixed ? null : (this.shown.suggestion?.answer ?? null);
  }

  protected foldAgreed(): void {
    const { sides } = this;
    const kept = sides && this.marks.all.filter((mark) => sides.get(mark.key) !== 'agreed');
    this.view.fold(kept, (count) => `${plural(count, 'line')} without a difference`);
  }

  protected mark(): Mark | undefined {
    return this.current === null ? undefined : this.marks.get(this.current);
  }

  protected dress(mark: Mark): Dress {
    const known = this.byName.get(mark.label);
    const look = known
      ? { title: titleOf(known.label), hue: hueOf(known.label, known.index) }
      : { title: mark.label, hue: '#8A8A8A' };
    const kind = this.sides?.get(mark.key) ?? mark.state;
    return { look, kind, note: mark.state === 'suggested' && mark.confidence !== undefined ? percent(mark.confidence) : '' };
  }

  // ---- the browser's selection --------------------------------------------------------------------------------------
  protected nativeRange(): Range | null {
    const found = getSelection();
    if (!found || found.isCollapsed || !found.anchorNode || !found.focusNode) return null;
    const [a, b] = [this.view.unitOf(found.anchorNode, found.anchorOffset), this.view.unitOf(found.focusNode, found.focusOffset)];
    if (a === null || b === null || a === b) return null;
    return { from: Math.min(a, b), to: Math.max(a, b) };
  }

  protected select({ from, to }: Range, back = false): void {
    const [start, end] = [this.view.placeOf(from, 'after'), this.view.placeOf(to)];
    const [first, last] = back ? [end, start] : [start, end];
    getSelection()?.setBaseAndExtent(first.node, first.offset, last.node, last.offset);
  }

  protected dropSelection(): void {
    this.selected = null;
    this.anchor = null;
    if (this.nativeRange()) getSelection()?.removeAllRanges();
  }

  // ---- drawing over the text -------------------------------------------------------------------------------------------
  protected caretBox(unit: number): Box | null {
    if (!this.view.isNear(unit)) return null;
    const { node, offset } = this.view.placeOf(unit, 'after');
    const range = document.createRange();
    range.setStart(node, offset);
    const found = range.getClientRects?.()[0];
    if (found) return found;
    const line = node instanceof Element ? node : node.parentElement;
    const box = line?.getBoundingClientRect();
    return box ? { left: box.left, right: box.left, top: box.top, bottom: box.bottom } : null;
  }

  protected drawOver(): void {
    const origin = this.scene.getBoundingClientRect();
    this.drawCaret(origin);
    if (this.kinds.length || this.marks.linkCount) this.drawRelations(origin);
  }

  protected drawCaret(origin: DOMRect): void {
    const focused = document.activeElement === this.view.element;
    const box = focused && this.caret !== null && this.current === null ? this.caretBox(this.caret) : null;
    this.caretMark.hidden = box === null;
    if (!box) return;
    this.caretMark.style.transform = `translate(${box.left - origin.left}px, ${box.top - origin.top}px)`;
    this.caretMark.style.height = `${box.bottom - box.top}px`;
  }

  protected drawRelations(origin: DOMRect): void {
    const boxOf = (mark: Mark): Box | null => {
      const first = this.view.rangeOf(mark).getClientRects()[0];
      if (!first) return null;
      const [x, y] = [origin.left, origin.top];
      return { left: first.left - x, right: first.right - x, top: first.top - y, bottom: first.bottom - y };
    };
    const arcs: Arc[] = [];
    for (const link of this.marks.links) {
      const [head, tail] = [this.marks.get(link.head), this.marks.get(link.tail)];
      if (!head || !tail || !(this.view.isNear(head.from) && this.view.isNear(tail.from))) continue;
      const [a, b] = [boxOf(head), boxOf(tail)];
      const index = this.kinds.findIndex((kind) => kind.name === link.label);
      const kind = this.kinds[index] ?? { name: link.label };
      const hue = hueOf(kind, Math.max(0, index));
      const open = !this.marks.holds(link);
      if (a && b) arcs.push({ key: link.key, label: titleOf(kind), directed: kind.directed !== false, hue, open, current: link.key === this.relation, head: a, tail: b });
    }
    drawArcs(this.svg, arcs, { width: origin.width, height: origin.height });
  }

  protected tellAll(): void {
    const mark = this.mark();
    this.bar.show({
      chosen: mark ? (this.byName.get(mark.label)?.index ?? null) : this.pen,
      pen: this.pen,
      joining: this.joining,
      snapping: this.snapping,
      twin: this.twin,
      fixed: this.fixed,
      given: this.marks.count('given'),
      links: this.marks.linkCount,
      open: this.marks.count('suggested'),
      suggestion: this.shown.suggestion,
      at: mark ? this.where(mark) : this.selected ? this.where(this.selected) : '',
      current: mark !== undefined || this.relation !== null,
    });
    if (this.twin) this.table.follow();
  }

  protected where(range: Range): string {
    const { start, end } = this.pointsOf(range);
    return `${count(start)}–${count(end)}`;
  }

  protected pointsOf(range: Range): { start: number; end: number } {
    return { start: this.offsets.toPoint(range.from), end: this.offsets.toPoint(range.to) };
  }

  protected textOf({ from, to }: Range): string {
    return this.text.slice(from, to);
  }

  protected titled(label: string): string {
    return titleOf(this.byName.get(label)?.label ?? { name: label });
  }
}
