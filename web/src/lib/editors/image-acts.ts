/**
 * What a person can do to the shapes of an image: label, move, turn, remove, accept, take back.
 *
 * In: the sheet's state. Out: one act each, with a sentence that says what it came to. Never: an act without a way back, or a
 * shape that the server would refuse.
 */

import { say } from '../speech';
import type { Point } from '../answers';
import { percent, titleOf } from '../labels';
import { count, plural } from '../words';
import { counted, Sheet } from './image-sheet';
import { countOf } from './mask-runs';
import { fieldsOf, moved, onImage, resized, turnedBy, withField, withoutPoint, withPoint } from './shape-edits';
import { boundsOf, clamp, type Form } from './shape-forms';
import type { Shape } from './shape-stack';

/** Nudges that follow each other within this time are one act. */
const TOGETHER_MS = 900;

export abstract class Acts extends Sheet {
  private nudged = { key: -1, at: 0 };

  protected abstract cancel(how?: 'quiet' | 'said'): boolean;

  protected typed() {
    return {
      pick: (shape: Shape) => this.choose(shape),
      change: (shape: Shape, field: string, typed: string) => this.typeField(shape, field, typed),
      relabel: (shape: Shape, label: string) => void this.relabel(shape, label),
      remove: (shape: Shape) => void this.remove(shape),
    };
  }

  // ---- words ---------------------------------------------------------------------------------------------------------
  protected where(form: Form): string {
    if (form.kind === 'mask') return plural(countOf(form.runs), 'pixel');
    if (form.kind === 'polygon' || form.kind === 'polyline') return plural(form.points.length, 'point');
    if (form.kind === 'keypoints') return `${form.points.filter((one) => one.sight !== 'absent').length} of ${plural(form.points.length, 'point')}`;
    const [x, y, width, height, rotation] = fieldsOf(form).map(({ value }) => value);
    return `at ${x}, ${y}, ${width} by ${height}${rotation ? `, turned ${rotation}°` : ''}`;
  }
  protected named(shape: Pick<Shape, 'label' | 'form'>): string {
    return `${this.titled(shape.label)} ${this.where(shape.form)}`;
  }

  // ---- acts ----------------------------------------------------------------------------------------------------------
  protected act(removed: readonly Shape[], added: readonly Shape[], words: string): true {
    this.nudged.key = -1;
    this.touched(this.stack.do({ removed, added, words }));
    return this.say(words);
  }

  protected turn(way: 'undo' | 'redo'): boolean {
    if (way === 'undo' && this.draft) {
      if (!this.draft.back() || this.draft.placed === 0) return this.cancel();
      this.tell();
      return this.say(`Next: ${this.draft.ask}`);
    }
    const act = this.stack[way]();
    if (!act) return false;
    this.nudged.key = -1;
    this.touched(act);
    const shape = act.added[0];
    if (shape && act.added.length === 1) this.choose(shape, 'quiet');
    return this.say(way === 'undo' ? `Undone: ${act.words}` : `Done again: ${act.words}`);
  }

  protected add(form: Form): true {
    const label = this.labels[this.pen]?.name ?? '';
    const shape: Shape = { key: this.stack.fresh(), form, label, state: 'given' };
    this.draft = null;
    this.current = shape.key;
    this.vertex = -1;
    return this.act([], [shape], `${this.titled(label)} ${this.where(form)}`);
  }

  /** A label was chosen: for the current shape, and for those drawn from now on. */
  protected pick(index: number): boolean {
    const label = this.labels[index];
    if (!label || this.fixed) return false;
    this.pen = index;
    const { chosen } = this;
    if (chosen && !this.draft) return this.relabel(chosen, label.name);
    this.tell();
    return this.say(`${titleOf(label)}: for what is drawn now`);
  }

  protected relabel(shape: Shape, label: string): true {
    if (shape.label === label && shape.state === 'given') return this.say(`It is ${this.titled(label)} already`);
    return this.act([shape], [{ key: shape.key, form: shape.form, label, state: 'given' }], `${this.titled(label)} ${this.where(shape.form)}`);
  }

  /** Another form for a shape, if the image holds it. What was suggested is a person's from then on. */
  protected reform(shape: Shape, form: Form, verb: string, together: 'together' | 'apart' = 'apart'): boolean {
    if (this.fixed || !onImage(form, this.image)) {
      this.view.redraw(boundsOf(shape.form));
      return this.say('That is not on the image');
    }
    const next: Shape = { key: shape.key, form, label: shape.label, state: 'given' };
    const words = `${verb}: ${this.named(next)}`;
    const now = performance.now();
    if (together === 'together' && this.nudged.key === shape.key && now - this.nudged.at < TOGETHER_MS) {
      this.touched(this.stack.amend({ removed: [shape], added: [next], words }));
      this.say(words);
    } else this.act([shape], [next], words);
    this.nudged = { key: together === 'together' ? shape.key : -1, at: now };
    return true;
  }

  private typeField(shape: Shape, field: string, typed: string): boolean {
    const form = withField(shape.form, field, typed, this.image);
    if (form) return this.reform(shape, form, say('Typed'));
    this.say(`${field}: ${typed} cannot be; the image has ${this.image.width} by ${this.image.height} pixels`);
    return false;
  }

  protected remove(shape: Shape): boolean {
    if (this.fixed) return false;
    return this.act([shape], [], `${shape.state === 'suggested' ? 'Rejected' : say('Removed')}: ${this.named(shape)}`);
  }

  protected removeCurrent(): boolean {
    const { chosen } = this;
    if (!chosen || this.fixed) return false;
    const less = this.vertex >= 0 ? withoutPoint(chosen.form, this.vertex) : null;
    if (less) {
      this.vertex = -1;
      return this.reform(chosen, less, 'Point removed');
    }
    const after = this.stack.beside(chosen.key, 1) ?? this.stack.beside(chosen.key, -1);
    this.remove(chosen);
    if (after) this.choose(after, 'quiet');
    return true;
  }

  protected nudge(dx: number, dy: number, how: 'move' | 'size'): boolean {
    const { chosen } = this;
    if (!chosen || this.fixed) return false;
    const { form } = chosen;
    const at = how === 'move' && this.vertex >= 0 ? this.pointOf(form, this.vertex) : null;
    if (at) {
      const to: Point = [clamp(at[0] + dx, 0, this.image.width), clamp(at[1] + dy, 0, this.image.height)];
      return this.reform(chosen, withPoint(form, this.vertex, to), 'Point moved', 'together');
    }
    const next = how === 'move' ? moved(form, dx, dy, this.image) : resized(form, dx, dy, this.image);
    this.reform(chosen, next, how === 'move' ? 'Moved' : say('Size'), 'together');
    this.view.reveal(boundsOf(next));
    return true;
  }

  protected pointOf(form: Form, index: number): Point | null {
    if (form.kind === 'keypoints') {
      const one = form.points[index];
      return one && one.sight !== 'absent' ? [one.x, one.y] : null;
    }
    if (form.kind === 'polyline') return form.points[index] ?? null;
    return form.kind === 'polygon' ? ([form.points, ...form.holes].flat()[index] ?? null) : null;
  }

  protected rotate(degrees: number): boolean {
    const { chosen } = this;
    if (!chosen || this.fixed || (this.kind !== 'box' && this.kind !== 'ellipse')) return false;
    return this.reform(chosen, turnedBy(chosen.form, degrees), say('Turned'), 'together');
  }

  /** The next point of the current shape, for keys to move. */
  protected nextPoint(step: 1 | -1): boolean {
    const { chosen } = this;
    if (!chosen) return false;
    const count = chosen.form.kind === 'polygon' ? [chosen.form.points, ...chosen.form.holes].flat().length : 'points' in chosen.form ? chosen.form.points.length : 0;
    if (count === 0) return false;
    this.vertex = (this.vertex + step + (this.vertex < 0 && step < 0 ? 1 : 0) + count) % count;
    this.tell();
    const at = this.pointOf(chosen.form, this.vertex);
    const name = chosen.form.kind === 'keypoints' ? chosen.form.points[this.vertex]!.name : `Point ${this.vertex + 1} of ${count}`;
    return this.say(at ? `${name} at ${at.join(', ')}` : `${name} is absent`);
  }

  // ---- suggestions, the end ------------------------------------------------------------------------------------------
  protected acceptAll(): boolean {
    if (this.stack.open === 0) return false;
    const open = this.stack.all().filter((one) => one.state === 'suggested');
    const taken = open.map(({ key, form, label }): Shape => ({ key, form, label, state: 'given' }));
    return this.act(open, taken, `Accepted: ${counted(taken.length, this.kind)}`);
  }

  protected reject(): boolean {
    if (this.fixed || this.stack.open === 0) return false;
    const { chosen } = this;
    const open = chosen?.state === 'suggested' ? chosen : this.stack.all().find((one) => one.state === 'suggested');
    if (!open) return false;
    this.remove(open);
    const next = this.stack.open ? this.stack.all().find((one) => one.state === 'suggested') : null;
    if (next) this.choose(next, 'quiet');
    return true;
  }

  protected finish(): boolean {
    if (this.fixed) return false;
    const { at_least: least, at_most: most } = this.options.question;
    const count = this.stack.count - this.stack.open;
    if (least != null && count < least) return this.say(`This question wants at least ${counted(least, this.kind)}`);
    if (most != null && count > most) return this.say(`This question takes at most ${counted(most, this.kind)}; there are ${count}`);
    if (count === 0 && !this.sureOfNone) {
      this.sureOfNone = true;
      return this.say('Nothing is drawn. Enter again says that there is nothing to draw');
    }
    this.keep();
    this.options.emit({ type: 'answer', answer: this.answer() });
    return true;
  }

  // ---- the current shape ---------------------------------------------------------------------------------------------
  protected choose(shape: Shape | null, how: 'reveal' | 'quiet' = 'reveal'): void {
    this.current = shape?.key ?? null;
    this.vertex = -1;
    this.nudged.key = -1;
    if (shape) {
      const index = this.labels.findIndex((label) => label.name === shape.label);
      if (index >= 0) this.pen = index;
      if (how === 'reveal') this.view.reveal(this.stack.boundsOf(shape.key));
    }
    this.tell();
    if (!shape || how === 'quiet') return;
    const state = shape.state === 'suggested' ? `, suggested${shape.confidence === undefined ? '' : ` ${percent(shape.confidence)}`}` : shape.state === 'other' ? ', only there' : '';
    this.say(`${this.named(shape)}${state}, ${this.stack.placeOf(shape.key) + 1} of ${count(this.stack.count)}`);
  }

  protected walk(step: 1 | -1): boolean {
    const next = this.stack.beside(this.current, step, step > 0 ? [0, -1] : [Infinity, Infinity]);
    if (!next) return false;
    this.choose(next);
    return true;
  }

  protected leave(): boolean {
    if (this.cancel()) return true;
    const had = this.current !== null;
    this.choose(null, 'quiet');
    return had;
  }

  // ---- how it is seen ------------------------------------------------------------------------------------------------
  protected zoom(factor: number): true {
    if (factor === 0) this.view.fit();
    else this.view.zoomBy(factor, this.cursorSeen ? this.view.toScreen(this.cursor) : undefined);
    this.tell();
    return true;
  }

  protected toggleTable(): true {
    this.twin = !this.twin;
    this.table.element.hidden = !this.twin;
    this.root.classList.toggle('gs-with-table', this.twin);
    this.tell();
    return this.say(this.twin ? 'Table shown' : 'Table hidden');
  }

  protected toggleLens(): true {
    this.lens = !this.lens;
    this.tell();
    return this.say(this.lens ? 'Lens shown' : 'Lens hidden');
  }

  protected toggleLight(): true {
    this.light = { ...this.light, open: !this.light.open };
    this.tell();
    return true;
  }

  protected lit(brightness: number, contrast: number): void {
    this.light = { ...this.light, brightness, contrast };
    this.view.light(brightness, contrast);
    this.tell();
  }
}
