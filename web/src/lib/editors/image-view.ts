/**
 * The image and the shapes on it, as seen: zoomed, moved, drawn once a frame.
 *
 * In: an image, shapes by place, how each is dressed. Out: pixels on two canvases, and places of the screen as places of the
 * image. Never: a shape drawn that is not in sight, or an act of a person.
 */

import type { Point, Skeleton } from '../answers';
import type { Media } from '../queue';
import { followed, inverse, type Matrix, through, uprightOf } from './image-matrix';
import { boundsOfPoints, clamp, type Form, linesOf, outlineOf, type Rect, type Size } from './shape-forms';
import type { Shape } from './shape-stack';
import { maskBounds } from './mask-runs';

export interface Dress {
  hue: string;
  tag: string;
  dash: 'whole' | 'dashed' | 'dotted';
  faint: boolean;
}

export interface ViewParts {
  within(rect: Rect): Shape[];
  dress(shape: Shape): Dress;
  /** Shapes of one group are stroked alike. */
  groupOf(shape: Shape): string;
  /** Draw what changes with every move: the current shape, a draft, the cursor. */
  over(pen: CanvasRenderingContext2D): void;
}

const TAG = 17;
const MOST_ZOOM = 64;
/** More shapes in sight than this go without the rim that sets them off the image. */
const MANY = 2500;
const DASHES = { whole: [], dashed: [7, 5], dotted: [2, 4] };

export class ImageView {
  readonly element = document.createElement('div');
  readonly over = document.createElement('canvas');
  private readonly photo = document.createElement('div');
  private readonly canvas = document.createElement('canvas');
  private readonly masks = new WeakMap<Form, Map<string, HTMLCanvasElement>>();
  private media: Media | null = null;
  /** As stored. */
  image: Size = { width: 1, height: 1 };
  skeleton: Skeleton | null = null;
  /** A shape that is being changed: drawn over, not among the others. */
  lifted: number | null = null;
  hidden = false;
  private seen: Size = { width: 1, height: 1 };
  private upright: Matrix = [1, 0, 0, 1, 0, 0];
  private room: Size = { width: 0, height: 0 };
  private scale = 1;
  private offset: Point = [0, 0];
  private fitted = true;
  private dirty: 'all' | Rect[] = [];
  private frame = 0;
  private matrix: Matrix = [1, 0, 0, 1, 0, 0];
  private back: Matrix = [1, 0, 0, 1, 0, 0];

  constructor(private readonly parts: ViewParts) {
    this.element.className = 'gs-stage';
    this.photo.className = 'gs-photo';
    this.canvas.className = 'gs-layer';
    this.over.className = 'gs-layer gs-over';
    this.element.append(this.photo, this.canvas, this.over);
  }

  show(media: Media | null, skeleton: Skeleton | null): void {
    this.media = media;
    this.skeleton = skeleton;
    const turn = media?.orientation ?? 1;
    const { width = 1, height = 1 } = media ?? {};
    this.seen = { width, height };
    this.image = turn > 4 ? { width: height, height: width } : { width, height };
    this.upright = uprightOf(turn, this.image.width, this.image.height);
    if (media) {
      media.image.alt = '';
      media.image.className = '';
      media.image.removeAttribute('style');
      media.image.draggable = false;
      this.photo.replaceChildren(media.image);
    } else this.photo.replaceChildren();
    this.fit();
  }

  /** Screen pixels of one pixel of the image. */
  get zoom(): number {
    return this.scale;
  }

  measure(): void {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (width === this.room.width && height === this.room.height) return;
    this.room = { width, height };
    const ratio = globalThis.devicePixelRatio || 1;
    for (const one of [this.canvas, this.over]) {
      one.width = Math.round(width * ratio);
      one.height = Math.round(height * ratio);
    }
    if (this.fitted) this.fit();
    else this.place();
  }

  fit(): void {
    const { width, height } = this.room;
    this.scale = clamp(Math.min((width - 24) / this.seen.width, (height - 24) / this.seen.height), 0.01, MOST_ZOOM);
    this.offset = [(width - this.seen.width * this.scale) / 2, (height - this.seen.height * this.scale) / 2];
    this.fitted = true;
    this.place();
  }

  zoomBy(factor: number, at: Point = [this.room.width / 2, this.room.height / 2]): void {
    const next = clamp(this.scale * factor, 0.02, MOST_ZOOM);
    const by = next / this.scale;
    this.offset = [at[0] - (at[0] - this.offset[0]) * by, at[1] - (at[1] - this.offset[1]) * by];
    this.scale = next;
    this.fitted = false;
    this.place();
  }

  panBy(dx: number, dy: number): void {
    this.offset = [this.offset[0] + dx, this.offset[1] + dy];
    this.fitted = false;
    this.place();
  }

  /** Bring a place of the image into sight, where it is not. */
  reveal(rect: Rect): void {
    const { left, top, right, bottom } = this.onScreen(rect);
    const { width, height } = this.room;
    const margin = 24;
    const dx = right - left > width - 2 * margin ? 0 : left < margin ? margin - left : right > width - margin ? width - margin - right : 0;
    const dy = bottom - top > height - 2 * margin ? 0 : top < margin ? margin - top : bottom > height - margin ? height - margin - bottom : 0;
    if (dx || dy) this.panBy(dx, dy);
  }

  /** The light of the image; shapes keep their colors. */
  light(brightness: number, contrast: number): void {
    this.photo.style.filter = brightness === 1 && contrast === 1 ? '' : `brightness(${brightness}) contrast(${contrast})`;
  }

  private place(): void {
    // An image is kept in sight by at least a strip.
    const strip = 40;
    const keep = (value: number, size: number, room: number) => clamp(value, strip - size * this.scale, room - strip);
    if (this.room.width > 0) this.offset = [keep(this.offset[0], this.seen.width, this.room.width), keep(this.offset[1], this.seen.height, this.room.height)];
    this.matrix = followed(this.upright, [this.scale, 0, 0, this.scale, this.offset[0], this.offset[1]]);
    this.back = inverse(this.matrix);
    const { style } = this.photo;
    style.width = `${this.seen.width}px`;
    style.height = `${this.seen.height}px`;
    style.transform = `translate(${this.offset[0]}px, ${this.offset[1]}px) scale(${this.scale})`;
    this.photo.dataset.pixels = this.scale >= 2 ? 'sharp' : 'smooth';
    this.redrawAll();
  }

  // ---- places --------------------------------------------------------------------------------------------------------
  /** Where an event lies on the element. */
  here(event: { clientX: number; clientY: number }): Point {
    const { left, top } = this.element.getBoundingClientRect();
    return [event.clientX - left - this.element.clientLeft, event.clientY - top - this.element.clientTop];
  }
  toImage = (point: Point): Point => through(this.back, point);
  toScreen = (point: Point): Point => through(this.matrix, point);
  onScreen({ left, top, right, bottom }: Rect): Rect {
    return boundsOfPoints([this.toScreen([left, top]), this.toScreen([right, bottom])]);
  }
  /** A step on the screen (right, down) as a step on the image as stored. */
  step(dx: number, dy: number): Point {
    const [a, b, c, d] = this.upright;
    const det = a * d - b * c;
    return [(d * dx - c * dy) / det + 0, (a * dy - b * dx) / det + 0];
  }

  // ---- drawing -------------------------------------------------------------------------------------------------------
  redrawAll(): void {
    this.dirty = 'all';
    this.redrawOver();
  }

  redraw(rect: Rect): void {
    if (this.dirty !== 'all') {
      this.dirty.push(rect);
      if (this.dirty.length > 40) this.dirty = 'all';
    }
    this.redrawOver();
  }

  redrawOver(): void {
    if (!this.frame) this.frame = requestAnimationFrame(() => this.paint());
  }

  destroy(): void {
    cancelAnimationFrame(this.frame);
    this.photo.replaceChildren();
  }

  private paint(): void {
    this.frame = 0;
    const ratio = globalThis.devicePixelRatio || 1;
    const { width, height } = this.room;
    const pen = this.canvas.getContext('2d');
    const over = this.over.getContext('2d');
    if (!pen || !over || width === 0) return;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    over.setTransform(ratio, 0, 0, ratio, 0, 0);
    const whole = { left: 0, top: 0, right: width, bottom: height };
    const started = performance.now();
    if (this.dirty === 'all') {
      this.region(pen, whole);
      performance.measure?.('shapes drawn', { start: started });
    }
    else for (const rect of this.dirty) {
      const { left, top, right, bottom } = this.onScreen(rect);
      this.region(pen, { left: Math.floor(left) - 12, top: Math.floor(top) - TAG - 6, right: Math.ceil(right) + 12, bottom: Math.ceil(bottom) + 12 });
    }
    this.dirty = [];
    over.clearRect(0, 0, width, height);
    this.parts.over(over);
  }

  /** Draw what is in a part of the screen anew. */
  private region(pen: CanvasRenderingContext2D, { left, top, right, bottom }: Rect): void {
    pen.save();
    pen.beginPath();
    pen.rect(left, top, right - left, bottom - top);
    pen.clip();
    pen.clearRect(left, top, right - left, bottom - top);
    const reach = boundsOfPoints([this.toImage([left - 12, top - 12]), this.toImage([right + 12, bottom + TAG + 12])]);
    const shapes = this.hidden ? [] : this.parts.within(reach).filter(({ key }) => key !== this.lifted);
    const groups = new Map<string, Shape[]>();
    for (const shape of shapes) {
      const name = this.parts.groupOf(shape);
      const held = groups.get(name);
      if (held) held.push(shape);
      else groups.set(name, [shape]);
    }
    for (const some of groups.values()) this.strokeAll(pen, some, this.parts.dress(some[0]!), shapes.length);
    if (shapes.length <= MANY) for (const shape of shapes) this.tag(pen, shape, this.parts.dress(shape));
    pen.restore();
  }

  private strokeAll(pen: CanvasRenderingContext2D, shapes: readonly Shape[], dress: Dress, beside: number): void {
    pen.globalAlpha = dress.faint ? 0.45 : 1;
    if (beside > MANY && shapes.every(({ form }) => form.kind === 'box' && form.rotation === 0)) return this.strokeBoxes(pen, shapes, dress.hue);
    for (const { form } of shapes) if (form.kind === 'mask') this.mask(pen, form, dress);
    pen.beginPath();
    for (const { form } of shapes) if (form.kind !== 'mask' || dress.dash !== 'whole') this.trace(pen, form);
    // Among thousands a shape is a few pixels wide: no dash can be seen there, and each costs.
    pen.setLineDash(beside > MANY ? [] : DASHES[dress.dash]);
    pen.lineJoin = beside > MANY ? 'miter' : 'round';
    if (beside <= MANY && dress.dash === 'whole') {
      pen.lineWidth = 4;
      pen.strokeStyle = 'rgb(0 0 0 / 0.45)';
      pen.stroke();
    }
    pen.lineWidth = beside > MANY ? 1.2 : 2;
    pen.strokeStyle = dress.hue;
    pen.stroke();
    pen.setLineDash([]);
    for (const { form } of shapes) if (form.kind === 'keypoints') this.dots(pen, form, dress.hue);
    pen.globalAlpha = 1;
  }

  /** Thousands of upright boxes: one by one they are drawn quicker than as one path. */
  private strokeBoxes(pen: CanvasRenderingContext2D, shapes: readonly Shape[], hue: string): void {
    const [a, b, c, d, e, f] = this.matrix;
    pen.setLineDash([]);
    pen.lineWidth = 1;
    pen.strokeStyle = hue;
    for (const { form } of shapes) {
      if (form.kind !== 'box') continue;
      const { x, y, width, height } = form;
      pen.strokeRect(a * x + c * y + e, b * x + d * y + f, a * width + c * height, b * width + d * height);
    }
    pen.globalAlpha = 1;
  }

  /** Add the lines of a form to the path. */
  trace(pen: CanvasRenderingContext2D, form: Form): void {
    for (const { points, closed } of linesOf(form, this.skeleton)) {
      points.forEach((point, nth) => {
        const [x, y] = this.toScreen(point);
        if (nth === 0) pen.moveTo(x, y);
        else pen.lineTo(x, y);
      });
      if (closed) pen.closePath();
    }
  }

  dots(pen: CanvasRenderingContext2D, form: Form & { kind: 'keypoints' }, hue: string): void {
    for (const one of form.points) {
      if (one.sight === 'absent') continue;
      const [x, y] = this.toScreen([one.x, one.y]);
      pen.beginPath();
      pen.arc(x, y, 4, 0, 7);
      pen.lineWidth = 2;
      pen.fillStyle = one.sight === 'occluded' ? 'white' : hue;
      pen.strokeStyle = one.sight === 'occluded' ? hue : 'rgb(0 0 0 / 0.6)';
      pen.fill();
      pen.stroke();
    }
  }

  /** A mask as a veil of its color, kept as a picture until its form changes. */
  mask(pen: CanvasRenderingContext2D, form: Form & { kind: 'mask' }, dress: Pick<Dress, 'hue' | 'dash'>): void {
    const { left, top, right, bottom } = maskBounds(form);
    if (right <= left) return;
    let held = this.masks.get(form);
    if (!held) this.masks.set(form, (held = new Map()));
    let veil = held.get(dress.hue);
    if (!veil) held.set(dress.hue, (veil = this.veil(form, { left, top, right, bottom }, dress.hue)));
    pen.save();
    pen.transform(...this.matrix);
    pen.imageSmoothingEnabled = false;
    pen.globalAlpha *= dress.dash === 'whole' ? 0.55 : 0.3;
    pen.drawImage(veil, left, top);
    pen.restore();
  }

  private veil(form: Form & { kind: 'mask' }, { left, top, right, bottom }: Rect, hue: string): HTMLCanvasElement {
    const canvas = document.createElement('canvas');
    canvas.width = right - left;
    canvas.height = bottom - top;
    const pen = canvas.getContext('2d')!;
    pen.fillStyle = hue;
    let at = 0;
    form.runs.forEach((run, place) => {
      for (let from = at; place % 2 && from < at + run; ) {
        const x = Math.floor(from / form.height);
        const end = Math.min(at + run, (x + 1) * form.height);
        pen.fillRect(x - left, (from % form.height) - top, 1, end - from);
        from = end;
      }
      at += run;
    });
    return canvas;
  }

  /** The words over a shape, cut to its width; `free`: whole, wherever they end. */
  tag(pen: CanvasRenderingContext2D, shape: Pick<Shape, 'form'>, dress: Dress, how: 'cut' | 'free' = 'cut'): void {
    const at = this.onScreen(boundsOfPoints(outlineOf(shape.form)));
    const width = at.right - at.left;
    if (how === 'cut' && width < 20) return;
    pen.font = '600 11px system-ui, sans-serif';
    let words = dress.tag;
    if (how === 'cut' && pen.measureText(words).width > width - 8) {
      const fits = [...words].slice(0, Math.max(2, Math.floor((width - 12) / 7))).join('');
      words = width < 34 ? [...words].slice(0, 2).join('') : `${fits.trimEnd()}…`;
    }
    const wide = pen.measureText(words).width + 8;
    const [x, y] = [how === 'free' ? clamp(at.left - 1, 0, this.room.width - wide) : at.left - 1, Math.max(0, at.top - TAG)];
    pen.globalAlpha = dress.faint ? 0.6 : 0.92;
    pen.fillStyle = '#211f1b';
    pen.fillRect(x, y, wide, TAG - 1);
    pen.fillStyle = dress.hue;
    pen.fillRect(x, y, 3, TAG - 1);
    pen.globalAlpha = 1;
    pen.fillStyle = '#fff';
    pen.fillText(words, x + 5, y + 12);
  }

  /** A piece of the image, larger, with a cross at the place: for what is too small for the hand. */
  magnify(pen: CanvasRenderingContext2D, place: Point): void {
    if (!this.media) return;
    const side = 132;
    const zoom = Math.max(4, Math.ceil(this.scale * 4));
    const [ux, uy] = through(this.upright, place);
    const [sx, sy] = this.toScreen(place);
    const left = sx > this.room.width - side - 60 && sy < side + 60 ? 8 : this.room.width - side - 8;
    pen.save();
    pen.beginPath();
    pen.rect(left, 8, side, side);
    pen.clip();
    pen.fillStyle = '#000';
    pen.fillRect(left, 8, side, side);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(this.media.image, left + side / 2 - ux * zoom, 8 + side / 2 - uy * zoom, this.seen.width * zoom, this.seen.height * zoom);
    pen.strokeStyle = '#fff';
    pen.lineWidth = 1;
    pen.globalCompositeOperation = 'difference';
    pen.beginPath();
    pen.moveTo(left + side / 2, 8);
    pen.lineTo(left + side / 2, 8 + side);
    pen.moveTo(left, 8 + side / 2);
    pen.lineTo(left + side, 8 + side / 2);
    pen.stroke();
    pen.restore();
    pen.strokeStyle = '#fff';
    pen.lineWidth = 2;
    pen.strokeRect(left, 8, side, side);
  }

  get size(): Size {
    return this.room;
  }
}

