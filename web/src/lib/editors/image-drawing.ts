/**
 * How shapes come to be on an image: drawn point by point, painted, copied.
 *
 * In: the sheet's state, points. Out: acts. Never: the screen, or a shape that the server would refuse.
 */

import { say } from '../speech';
import type { Label, Point } from '../answers';
import { Acts } from './image-acts';
import type { BrushMode } from './image-bar';
import { counted } from './image-sheet';
import { countOf, fillRing, pixelsOf, runsOf, runsOfPixels, stroke } from './mask-runs';
import { Draft } from './shape-draft';
import { onImage } from './shape-edits';
import { boundsOf, clamp, type Form, type MaskForm, type ShapeKind } from './shape-forms';
import type { Shape } from './shape-stack';

export const kindsOfPoints: readonly ShapeKind[] = ['polygon', 'polyline', 'keypoints'];

export abstract class Drawing extends Acts {
  /** Pixels of the mask that is being painted. */
  private paint: { pixels: Uint8Array; of: Shape | null; value: 0 | 1 } | null = null;

  protected pressed() {
    return {
      label: (index: number) => void this.pick(index),
      start: () => void this.start(),
      way: () => void this.toggleWay(),
      brush: (mode: BrushMode) => void this.brushMode(mode),
      radius: (radius: number) => void this.brushRadius(radius),
      remove: () => void this.removeCurrent(),
      copy: () => void this.copyBefore(),
      lens: () => void this.toggleLens(),
      lightPanel: () => void this.toggleLight(),
      lit: (brightness: number, contrast: number) => this.lit(brightness, contrast),
      zoom: (factor: number) => void this.zoom(factor),
      table: () => void this.toggleTable(),
      accept: () => void this.acceptAll(),
      reject: () => void this.reject(),
      done: () => void this.finish(),
      look: (label: Label | null) => this.options.emit({ type: 'look', label }),
    };
  }

  // ---- drawing -------------------------------------------------------------------------------------------------------
  protected start(): boolean {
    if (this.fixed) return false;
    if (this.draft) return this.place();
    this.choose(null, 'quiet');
    if (this.strokes) {
      this.tell();
      return this.say('A new mask: paint');
    }
    this.begin();
    return this.say(`New ${this.noun}, ${this.titled(this.labels[this.pen]?.name ?? '')}. Next: ${this.draft!.ask}`);
  }

  protected begin(hole: number | null = null): Draft {
    const kind = this.kind !== 'mask' ? this.kind : this.brush.mode === 'object' ? 'box' : 'polygon';
    this.draft = new Draft(kind, this.image, this.kind === 'mask' ? 'corners' : this.way, this.options.question.skeleton ?? null, hole);
    this.cursorSeen = true;
    this.tell();
    return this.draft;
  }

  /** A hole in the current polygon: drawn like a polygon. */
  protected startHole(): boolean {
    const { chosen } = this;
    if (chosen?.form.kind !== 'polygon' || this.fixed || this.draft) return false;
    this.begin(chosen.key);
    return this.say('A hole: point by point, Enter closes it');
  }

  /** Put a point where the cursor is. */
  protected place(sight: 'visible' | 'occluded' | 'absent' = 'visible'): boolean {
    const { draft } = this;
    if (!draft) return false;
    draft.add(this.cursor, sight);
    if (draft.isWhole) return this.close();
    this.tell();
    return this.say(`${this.cursor.join(', ')}. Next: ${draft.ask}`);
  }

  /** The draft becomes a shape, a hole, or pixels. */
  protected close(): boolean {
    const { draft } = this;
    if (!draft) return false;
    const form = draft.finished();
    if (!form) {
      if (draft.isWhole) this.cancel('quiet');
      return this.say(draft.wanted === null ? `A ${draft.kind === 'polyline' ? 'line' : draft.kind} needs more points` : 'Too small: nothing was drawn');
    }
    this.draft = null;
    if (this.kind === 'mask' && form.kind === 'polygon') return this.paintRing(form.points);
    if (this.kind === 'mask' && form.kind === 'box') return this.find(form);
    const whole = this.stack.get(draft.hole);
    if (whole?.form.kind === 'polygon' && form.kind === 'polygon') {
      return this.reform(whole, { ...whole.form, holes: [...whole.form.holes, form.points] }, say('Hole'));
    }
    return this.add(form);
  }

  protected cancel(how: 'quiet' | 'said' = 'said'): boolean {
    if (!this.draft) return false;
    this.draft = null;
    this.tell();
    return how === 'quiet' || this.say('Not drawn');
  }

  protected toggleWay(): boolean {
    if (this.kind !== 'box') return false;
    this.way = this.way === 'corners' ? 'extreme' : 'corners';
    this.cancel('quiet');
    this.tell();
    return this.say(this.way === 'extreme' ? 'A box by four clicks on its edges' : 'A box by two corners');
  }

  protected copyBefore(): boolean {
    if (this.fixed || this.kind === 'mask' && this.before.some(({ form }) => !onImage(form, this.image))) return false;
    const added = this.before
      .filter(({ form }) => form.kind === this.kind && onImage(form, this.image))
      .map(({ form, label }): Shape => ({ key: this.stack.fresh(), form, label, state: 'given' }));
    if (added.length === 0) return this.say('There is nothing to copy from the image before');
    return this.act([], added, `Copied: ${counted(added.length, this.kind)}`);
  }

  // ---- masks ---------------------------------------------------------------------------------------------------------
  protected brushMode(mode: BrushMode): boolean {
    if (this.kind !== 'mask' || (mode === 'object' && !this.options.outline)) return false;
    this.brush = { ...this.brush, mode };
    this.cancel('quiet');
    if (!this.strokes) this.begin();
    this.tell();
    return this.say({ paint: say('Brush'), erase: say('Eraser'), fill: 'Outline: point by point, Enter fills it', object: 'A box: the object in it is found' }[mode]);
  }

  protected brushRadius(radius: number): boolean {
    if (this.kind !== 'mask') return false;
    this.brush = { ...this.brush, radius: clamp(Math.round(radius), 1, 100) };
    this.tell();
    return this.say(`Brush of ${2 * this.brush.radius} pixels`);
  }

  protected startStroke(at: Point): void {
    const of = this.chosen?.form.kind === 'mask' ? this.chosen : null;
    if (!of && this.brush.mode === 'erase') return void this.say('Choose a mask to erase from');
    const pixels = of ? pixelsOf(of.form as MaskForm) : new Uint8Array(this.image.width * this.image.height);
    this.paint = { pixels, of, value: this.brush.mode === 'erase' ? 0 : 1 };
    this.strokeTo(at, at);
  }

  protected strokeTo(from: Point, to: Point): void {
    if (!this.paint) return;
    stroke(this.paint.pixels, this.image, from, to, this.brush.radius, this.paint.value);
  }

  protected dropStroke(): void {
    this.paint = null;
  }

  protected endStroke(): boolean {
    const { paint } = this;
    this.paint = null;
    if (!paint) return false;
    return this.painted(paint.of, runsOfPixels(paint.pixels));
  }

  private painted(of: Shape | null, runs: number[]): boolean {
    const form: MaskForm = { kind: 'mask', ...this.image, runs };
    if (countOf(runs) === 0) return of ? this.remove(of) : this.say('Nothing was painted');
    if (!of) return this.add(form);
    return this.reform(of, form, this.brush.mode === 'erase' ? 'Erased' : say('Painted'));
  }

  private paintRing(points: readonly Point[]): boolean {
    const of = this.chosen?.form.kind === 'mask' ? this.chosen : null;
    const pixels = of ? pixelsOf(of.form as MaskForm) : new Uint8Array(this.image.width * this.image.height);
    fillRing(pixels, this.image, points, 1);
    const done = this.painted(of, runsOfPixels(pixels));
    this.begin();
    return done;
  }

  /** Ask for the object in a box; what comes back becomes a mask, or a part of the current one, to be painted on. */
  private find(box: Form): boolean {
    const { stack, options } = this;
    const of = this.chosen?.form.kind === 'mask' ? this.chosen.key : null;
    const around = boundsOf(box);
    this.say('Looking for the object …');
    void options.outline!(around).then(
      ({ counts }) => {
        // Another image may be on screen by now.
        if (this.stack !== stack || this.fixed) return;
        const held = stack.get(of);
        const pixels = held?.form.kind === 'mask' ? pixelsOf(held.form) : new Uint8Array(this.image.width * this.image.height);
        pixelsOf({ ...this.image, runs: runsOf(counts) }).forEach((one, at) => one && (pixels[at] = 1));
        this.painted(held ?? null, runsOfPixels(pixels));
      },
      (problem: unknown) => this.stack === stack && this.say(problem instanceof Error ? problem.message : String(problem)),
    );
    this.begin();
    return true;
  }

  /** The current keypoint seen, hidden behind something, or not there. */
  protected sight(): boolean {
    const { chosen } = this;
    if (this.draft?.kind === 'keypoints') return this.place('occluded');
    if (chosen?.form.kind !== 'keypoints' || this.vertex < 0 || this.fixed) return false;
    const { form } = chosen;
    const points = form.points.map((one, nth) => {
      if (nth !== this.vertex || one.sight === 'absent') return one;
      return { ...one, sight: one.sight === 'visible' ? ('occluded' as const) : ('visible' as const) };
    });
    return this.reform(chosen, { ...form, points }, `${points[this.vertex]!.name} ${points[this.vertex]!.sight}`);
  }

  protected enter(): boolean {
    if (this.draft && (this.draft.placed > 0 || this.kind !== 'mask')) return this.draft.wanted === null ? this.close() : this.place();
    this.cancel('quiet');
    this.acceptAll();
    return this.finish();
  }
}
