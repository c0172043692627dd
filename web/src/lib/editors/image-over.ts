/**
 * What lies over the shapes of an image: the current one with its handles, a draft, a stroke, the cursor.
 *
 * In: the sheet's state. Out: pixels, anew each frame. Never: a look at every shape.
 */

import type { Point } from '../answers';
import { Drawing } from './image-drawing';
import { handlesOf } from './shape-edits';
import type { Form } from './shape-forms';
import type { Shape } from './shape-stack';

/** How far over a shape the handle stands that turns it. */
export const TURN_REACH = 26;

export abstract class Over extends Drawing {
  /** Where the brush went since it was put down. */
  protected path: Point[] | null = null;
  /** The cursor is a pointer's, not the keys'. */
  protected pointed = false;

  protected drawOver(pen: CanvasRenderingContext2D): void {
    const { view } = this;
    if (view.hidden) return;
    const hovered = this.hovered !== this.current ? this.stack.get(this.hovered) : undefined;
    if (hovered) this.outline(pen, hovered, hovered.form, 'hovered');
    const { chosen } = this;
    if (chosen) this.outline(pen, chosen, this.live ?? chosen.form, 'current');
    this.drawDraft(pen);
    if (this.path) this.drawStroke(pen, this.path);
    if (this.cursorSeen) this.drawCursor(pen);
    if (this.lens && this.cursorSeen) view.magnify(pen, this.cursor);
  }

  private outline(pen: CanvasRenderingContext2D, shape: Shape, form: Form, how: 'hovered' | 'current'): void {
    const { view } = this;
    const dress = { ...this.dress(shape), faint: false };
    if (form.kind === 'mask' && (how === 'hovered' || view.lifted === shape.key)) view.mask(pen, form, dress);
    pen.beginPath();
    view.trace(pen, form);
    if (how === 'current') {
      pen.lineWidth = 5;
      pen.strokeStyle = 'rgb(255 255 255 / 0.95)';
      if (form.kind !== 'mask') pen.stroke();
    }
    if (form.kind === 'polygon' || form.kind === 'box' || form.kind === 'ellipse') {
      pen.save();
      pen.globalAlpha = 0.14;
      pen.fillStyle = dress.hue;
      pen.fill('evenodd');
      pen.restore();
    }
    pen.setLineDash(dress.dash === 'dashed' || form.kind === 'mask' ? [7, 5] : dress.dash === 'dotted' ? [2, 4] : []);
    pen.lineWidth = 2.5;
    pen.strokeStyle = dress.hue;
    pen.stroke();
    pen.setLineDash([]);
    if (form.kind === 'keypoints') view.dots(pen, form, dress.hue);
    if (how === 'current' && shape.state === 'given' && !this.fixed) this.drawHandles(pen, form);
    view.tag(pen, { form }, dress, 'free');
  }

  private drawHandles(pen: CanvasRenderingContext2D, form: Form): void {
    for (const { at, role, index } of handlesOf(form, TURN_REACH / this.view.zoom)) {
      const [x, y] = this.view.toScreen(at);
      const current = role === 'point' && index === this.vertex;
      const size = current ? 7 : role === 'side' ? 3.5 : 5;
      pen.beginPath();
      if (role === 'corner' || role === 'side') pen.rect(x - size, y - size, 2 * size, 2 * size);
      else pen.arc(x, y, size, 0, 7);
      pen.fillStyle = current ? '#211f1b' : '#fff';
      pen.strokeStyle = current ? '#fff' : '#211f1b';
      pen.lineWidth = 1.5;
      pen.fill();
      pen.stroke();
    }
  }

  private drawDraft(pen: CanvasRenderingContext2D): void {
    const { draft, view } = this;
    if (!draft) return;
    const form = draft.form(this.cursor);
    const { hue } = this.dress({ key: -1, label: this.labels[this.pen]?.name ?? '', state: 'given' });
    if (form && draft.wanted !== 4) {
      pen.beginPath();
      view.trace(pen, form);
      pen.lineWidth = 4;
      pen.strokeStyle = 'rgb(255 255 255 / 0.9)';
      pen.stroke();
      pen.lineWidth = 2;
      pen.strokeStyle = hue;
      pen.stroke();
      if (form.kind === 'keypoints') view.dots(pen, form, hue);
    }
    draft.points.forEach((point, nth) => {
      const [x, y] = view.toScreen(point);
      pen.beginPath();
      pen.arc(x, y, nth === 0 && draft.kind === 'polygon' ? 6 : 4, 0, 7);
      pen.fillStyle = hue;
      pen.strokeStyle = '#fff';
      pen.lineWidth = 2;
      pen.fill();
      pen.stroke();
    });
  }

  private drawStroke(pen: CanvasRenderingContext2D, path: readonly Point[]): void {
    pen.save();
    pen.globalAlpha = 0.5;
    pen.lineCap = pen.lineJoin = 'round';
    pen.lineWidth = 2 * this.brush.radius * this.view.zoom;
    pen.strokeStyle = this.brush.mode === 'erase' ? '#fff' : this.dress({ key: -1, label: this.labels[this.pen]?.name ?? '', state: 'given' }).hue;
    pen.beginPath();
    path.forEach((point, nth) => {
      const [x, y] = this.view.toScreen(point);
      if (nth === 0) pen.moveTo(x, y);
      pen.lineTo(x, y);
    });
    pen.stroke();
    pen.restore();
  }

  /** A brush, or a cross over all of the image: thin, light on dark and dark on light. */
  private drawCursor(pen: CanvasRenderingContext2D): void {
    const [x, y] = this.view.toScreen(this.cursor);
    const { width, height } = this.view.size;
    pen.save();
    pen.globalCompositeOperation = 'difference';
    pen.strokeStyle = 'rgb(255 255 255 / 0.8)';
    pen.lineWidth = 1;
    pen.beginPath();
    if (this.strokes) pen.arc(x, y, Math.max(2, this.brush.radius * this.view.zoom), 0, 7);
    else if (this.draft || !this.pointed) {
      pen.moveTo(0, Math.round(y) + 0.5);
      pen.lineTo(width, Math.round(y) + 0.5);
      pen.moveTo(Math.round(x) + 0.5, 0);
      pen.lineTo(Math.round(x) + 0.5, height);
    }
    pen.stroke();
    pen.restore();
  }
}
