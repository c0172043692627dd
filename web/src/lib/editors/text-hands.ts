/**
 * Mouse, finger and keyboard on a text: what is selected, where the caret stands.
 *
 * In: events. Out: acts on the sheet. Never: a place that the text does not have.
 */

import { Acts } from './text-acts';
import type { Mark } from './spans-model';
import { byGrapheme, byWord, type Range, snap, wordAt } from './text-offsets';
import { quoted } from './text-sheet';

function placeAt(x: number, y: number): { node: Node; offset: number } | null {
  if (document.caretPositionFromPoint) {
    const found = document.caretPositionFromPoint(x, y);
    return found && { node: found.offsetNode, offset: found.offset };
  }
  const found = document.caretRangeFromPoint?.(x, y);
  return found ? { node: found.startContainer, offset: found.startOffset } : null;
}

export abstract class Hands extends Acts {
  protected listen(): void {
    const { signal } = this.stop;
    const { element } = this.view;
    element.addEventListener('pointerdown', (event) => (this.pressed = event.pointerType === 'touch' ? 'touch' : 'mouse'), { signal });
    element.addEventListener(
      'mousedown',
      (event) => {
        // Shift and a click join two spans; without a current one it selects, as everywhere.
        if (event.shiftKey && this.kinds.length && this.current !== null && this.markAt(event)) event.preventDefault();
      },
      { signal },
    );
    document.addEventListener('pointerup', (event) => this.release(event), { signal });
    document.addEventListener('selectionchange', () => this.follow(), { signal });
    element.addEventListener('blur', () => this.drawOver(), { signal });
    element.addEventListener('focus', () => this.drawOver(), { signal });
  }

  // ---- pointer -------------------------------------------------------------------------------------------------------
  protected release(event: PointerEvent): void {
    const { pressed } = this;
    this.pressed = null;
    if (!pressed || event.button !== 0) return;
    const tagged = event.target instanceof Element ? event.target.closest<HTMLElement>('.gs-tag') : null;
    const settle = () => {
      clearTimeout(timer);
      document.removeEventListener('click', settle, true);
      const range = this.nativeRange();
      if (range) this.take(range, event.altKey, pressed);
      else if (tagged) this.click(this.marks.get(Number(tagged.dataset.key)) ?? null, event.shiftKey);
      else this.clickAt(event);
    };
    // The browser settles its selection after this event and before the click, which a drag to elsewhere does not have.
    const timer = setTimeout(settle, 30);
    document.addEventListener('click', settle, { capture: true, signal: this.stop.signal });
  }

  protected clickAt(event: PointerEvent): void {
    const unit = this.unitAt(event);
    if (unit === null) return;
    const here = this.marks.at(unit);
    const place = here.findIndex((mark) => mark.key === this.current);
    // A click on the current span goes on to the one around it.
    const mark = here[place + 1] ?? here[0] ?? null;
    this.caret = unit;
    this.anchor = null;
    this.click(mark, event.shiftKey);
  }

  protected click(mark: Mark | null, shift: boolean): void {
    if (mark?.state === 'suggested' && !this.fixed) {
      this.current = mark.key;
      this.replace(mark, { state: 'given' }, `Accepted: ${this.titled(mark.label)}: ${quoted(this.textOf(mark))}`);
      return;
    }
    if (mark && shift && this.kinds.length && this.current !== null && this.current !== mark.key && !this.fixed) {
      this.joining ??= { head: this.current, tail: null };
    }
    if (mark || this.current !== null || this.selected) this.choose(mark);
    else this.drawOver();
    if (mark && this.joining && this.joining.tail === null && mark.key !== this.joining.head) this.joinHere();
  }

  protected take(range: Range, fine: boolean, by: 'mouse' | 'touch'): void {
    const snapped = snap(this.text, range, this.snapping && !fine ? 'words' : 'graphemes');
    if (!snapped) return;
    if (this.current !== null) this.choose(null, 'quiet');
    this.caret = snapped.to;
    this.anchor = snapped.from;
    this.selected = snapped;
    // Handles of a selection by touch stay where the finger put them.
    if (by === 'mouse') this.select(snapped);
    if (this.pen !== null && !this.fixed) this.add(snapped, this.labels[this.pen]!.name);
    else {
      this.say(`Selected: ${quoted(this.textOf(snapped))}`);
      this.tellAll();
    }
  }

  /** The browser's selection changed by touch or by assistive technology. */
  protected follow(): void {
    if (this.pressed === 'mouse') return;
    const range = this.nativeRange();
    if (!range || this.anchor !== null) return;
    const snapped = snap(this.text, range, this.snapping ? 'words' : 'graphemes');
    if (!snapped) return;
    this.selected = snapped;
    this.tellAll();
  }

  /** The character under the pointer: the browser tells the nearest edge of one, which may be its end. */
  protected unitAt({ clientX: x, clientY: y }: { clientX: number; clientY: number }): number | null {
    const found = placeAt(x, y);
    const unit = found && this.view.unitOf(found.node, found.offset);
    if (!unit) return unit;
    const before = byGrapheme(this.text, unit, -1);
    const box = this.view.rangeOf({ from: before, to: unit }).getBoundingClientRect?.();
    return box && x >= box.left && x < box.right && y >= box.top && y < box.bottom ? before : unit;
  }

  protected markAt(event: MouseEvent): Mark | null {
    const unit = this.unitAt(event);
    return unit === null ? null : (this.marks.at(unit)[0] ?? null);
  }

  // ---- keyboard ------------------------------------------------------------------------------------------------------
  /** Keys that mean something only while the text has the focus, or nothing has. */
  protected keysOfText(event: KeyboardEvent, step: 1 | -1 | undefined): boolean {
    const at = document.activeElement;
    if (at !== this.view.element && at !== document.body && !(at instanceof HTMLElement && at.tabIndex < 0)) return false;
    const { key, shiftKey: shift } = event;
    if (event.metaKey) return false;
    if (key === 'Tab') return this.walk(shift ? -1 : 1);
    if (key === 'Delete' || key === 'Backspace') return this.removeCurrent();
    const fine = event.altKey || event.ctrlKey;
    if (step && this.current !== null) {
      if (shift) return this.shift(step, event.ctrlKey ? 'from' : 'to', event.altKey);
      return this.shift(step, 'both', event.altKey);
    }
    const from = this.caret ?? 0;
    if (step) return this.go(this.stepFrom(from, step, fine, shift), shift);
    if (key === 'ArrowUp' || key === 'ArrowDown') return this.goLine(from, key === 'ArrowUp' ? -1 : 1, shift);
    if (key === 'Home' || key === 'End') {
      const whole = { from: 0, to: this.text.length };
      const line = event.ctrlKey ? whole : this.view.lineAt(from);
      return this.go(key === 'Home' ? line.from : line.to, shift);
    }
    return false;
  }

  protected stepFrom(unit: number, step: 1 | -1, fine: boolean, extends_: boolean): number {
    if (this.snapping === fine) return byGrapheme(this.text, unit, step);
    // A selection grows by whole words; a caret stops where words begin.
    return byWord(this.text, unit, step, extends_ && step > 0 ? 'end' : 'start');
  }

  protected go(unit: number, extend: boolean): true {
    if (extend) {
      const anchor = this.anchor ?? this.caret ?? 0;
      this.selected = anchor === unit ? null : { from: Math.min(anchor, unit), to: Math.max(anchor, unit) };
      this.caret = unit;
      this.view.reveal(unit);
      if (this.selected) this.select(this.selected, unit < anchor);
      else getSelection()?.removeAllRanges();
      this.anchor = anchor;
      const trimmed = this.selected && snap(this.text, this.selected, 'graphemes');
      this.selected = trimmed;
      if (trimmed) this.say(`Selected: ${quoted(this.textOf(trimmed))}`);
    } else {
      this.choose(null, 'quiet');
      this.caret = unit;
      this.view.reveal(unit);
      const word = wordAt(this.text, unit);
      this.options.emit({ type: 'say', text: word ? this.textOf(word) : this.text[unit]?.trim() || 'space' });
    }
    this.drawOver();
    this.tellAll();
    return true;
  }

  protected goLine(unit: number, step: 1 | -1, extend: boolean): true {
    const box = this.caretBox(unit);
    const high = box ? Math.max(18, box.bottom - box.top) : 18;
    for (let far = 1; box && far < 8; far++) {
      const y = step > 0 ? box.bottom + (far - 0.5) * high : box.top - (far - 0.5) * high;
      const found = placeAt(box.left, y);
      const next = found && this.view.unitOf(found.node, found.offset);
      const there = next === null || next === undefined ? null : this.caretBox(next);
      if (next != null && there && Math.abs(there.top - box.top) > 4) return this.go(next, extend);
    }
    const line = this.view.lineAt(unit);
    return this.go(step > 0 ? Math.min(this.text.length, line.to + 1) : Math.max(0, line.from - 1), extend);
  }

  protected toggleSnap(): boolean {
    this.snapping = !this.snapping;
    this.tellAll();
    return this.say(this.snapping ? 'Selections snap to words' : 'Selections are taken as they are');
  }

  protected toggleTable(): boolean {
    this.twin = !this.twin;
    this.table.element.hidden = !this.twin;
    this.root.classList.toggle('gs-with-twin', this.twin);
    this.tellAll();
    return this.say(this.twin ? 'The spans are shown as a table' : 'The table is hidden');
  }
}
