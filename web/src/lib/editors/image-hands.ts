/**
 * Mouse, fingers and keys over an image: what they draw, choose, move, zoom.
 *
 * In: events. Out: acts. Never: a look at every shape for one event, or a key that takes a label's own.
 */

import { say } from '../speech';
import type { Point } from '../answers';
import { kindsOfPoints } from './image-drawing';
import { Over, TURN_REACH } from './image-over';
import { dragged, type Handle, handlesOf, moved, TURN, withPointAfter } from './shape-edits';
import { boundsOf, clamp, distance, type Form } from './shape-forms';
import type { Shape } from './shape-stack';

/** A press that moves less than this is a click. */
const STILL = 4;

type Drag =
  | { do: 'pan' }
  | { do: 'handle'; shape: Shape; handle: Handle }
  | { do: 'move'; shape: Shape }
  | { do: 'draw' }
  | { do: 'paint' }
  | { do: 'click' };

export abstract class Hands extends Over {
  protected readonly stop = new AbortController();
  private readonly fingers = new Map<number, Point>();
  private down: { at: Point; image: Point; drag: Drag; far: boolean; touch: boolean } | null = null;
  private space: 'up' | 'down' | 'dragged' = 'up';
  private escaped = false;

  protected listen(): void {
    const { signal } = this.stop;
    const stage = this.view.element;
    const on = <K extends keyof HTMLElementEventMap>(name: K, act: (event: HTMLElementEventMap[K]) => void) =>
      stage.addEventListener(name, act, { signal, passive: false });
    on('pointerdown', (event) => this.press(event));
    on('pointermove', (event) => this.drag(event));
    on('pointerup', (event) => this.release(event));
    on('pointercancel', (event) => this.lose(event));
    on('pointerleave', () => {
      if (this.down) return;
      this.pointed = false;
      this.point(null);
    });
    on('dblclick', (event) => this.double(event));
    on('contextmenu', (event) => event.preventDefault());
    on('wheel', (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      this.view.zoomBy(Math.exp(-clamp(event.deltaY * lines, -200, 200) * (event.ctrlKey ? 0.01 : 0.002)), this.view.here(event));
      this.tell();
    });
    addEventListener('keyup', (event) => event.key === ' ' && this.spaceUp(), { signal });
    addEventListener('blur', () => (this.space = 'up'), { signal });
  }

  // ---- pointers ------------------------------------------------------------------------------------------------------
  private press(event: PointerEvent): void {
    const at = this.view.here(event);
    this.view.element.focus({ preventScroll: true });
    this.view.element.setPointerCapture?.(event.pointerId);
    this.fingers.set(event.pointerId, at);
    this.escaped = false;
    if (this.fingers.size > 1) return this.drop();
    if (event.button === 2) return;
    const image = this.view.toImage(at);
    const touch = event.pointerType === 'touch';
    this.down = { at, image, far: false, touch, drag: event.button === 1 || this.space !== 'up' ? { do: 'pan' } : this.meant(image, touch) };
    if (this.down.drag.do === 'paint') {
      this.path = [image];
      this.startStroke(image);
    }
    this.view.redrawOver();
  }

  /** What a press here begins. */
  private meant(image: Point, touch: boolean): Drag {
    const slack = (touch ? 22 : 8) / this.view.zoom;
    if (this.fixed || (this.draft && this.draft.wanted !== 2)) return { do: 'click' };
    if (this.draft) return { do: this.draft.placed ? 'click' : 'draw' };
    const { chosen } = this;
    if (this.kind === 'mask') return this.strokes ? { do: 'paint' } : this.brush.mode === 'fill' ? { do: 'click' } : { do: 'draw' };
    const handle = chosen && chosen.state === 'given' ? this.handleAt(chosen.form, image, slack) : null;
    if (chosen && handle) return { do: 'handle', shape: chosen, handle };
    const found = this.stack.at(image, slack / 2);
    if (found?.what === 'edge' && found.shape.state === 'given') return { do: 'move', shape: found.shape };
    if (chosen?.state === 'given' && this.isOn(chosen, image)) return { do: 'move', shape: chosen };
    return this.kind === 'box' && this.way === 'extreme' ? { do: 'click' } : kindsOfPoints.includes(this.kind) ? { do: 'click' } : { do: 'draw' };
  }

  private isOn(shape: Shape, [x, y]: Point): boolean {
    const { left, top, right, bottom } = this.stack.boundsOf(shape.key);
    return x >= left && x <= right && y >= top && y <= bottom;
  }

  private handleAt(form: Form, image: Point, slack: number): Handle | null {
    let [best, near] = [null as Handle | null, slack];
    for (const handle of handlesOf(form, TURN_REACH / this.view.zoom)) {
      const far = Math.hypot(handle.at[0] - image[0], handle.at[1] - image[1]);
      if (far <= near) [best, near] = [handle, far];
    }
    return best;
  }

  private drag(event: PointerEvent): void {
    const at = this.view.here(event);
    const before = this.fingers.get(event.pointerId);
    if (this.fingers.size === 2 && before) return this.pinch(event.pointerId, before, at);
    if (before) this.fingers.set(event.pointerId, at);
    if (!this.down) return this.point(event.pointerType === 'touch' ? null : at);
    const { down } = this;
    if (!down.far && Math.hypot(at[0] - down.at[0], at[1] - down.at[1]) < STILL && down.drag.do !== 'paint') return;
    const first = !down.far;
    down.far = true;
    const image = this.view.toImage(at);
    this.setCursor(image);
    switch (down.drag.do) {
      case 'pan':
        this.view.panBy(at[0] - (before ?? down.at)[0], at[1] - (before ?? down.at)[1]);
        if (this.space === 'down') this.space = 'dragged';
        break;
      case 'handle':
        this.lift(down.drag.shape, dragged(down.drag.shape.form, down.drag.handle.index, image, this.image));
        break;
      case 'move': {
        const [dx, dy] = [Math.round(image[0] - down.image[0]), Math.round(image[1] - down.image[1])];
        this.lift(down.drag.shape, moved(down.drag.shape.form, dx, dy, this.image));
        break;
      }
      case 'draw':
        if (first) (this.draft ?? this.begin()).add(down.image);
        break;
      case 'paint':
        this.strokeTo(this.path?.at(-1) ?? image, image);
        this.path?.push(image);
        break;
      case 'click':
        break;
      default:
        down.drag satisfies never;
    }
    this.view.redrawOver();
  }

  private release(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    const { down } = this;
    this.down = null;
    this.path = null;
    if (!down) return;
    const { drag } = down;
    if (drag.do === 'paint') return void this.endStroke();
    if (drag.do === 'pan') {
      if (!down.far && event.button === 0) this.space = 'dragged';
      return;
    }
    if (!down.far || drag.do === 'click') return this.click(this.view.toImage(this.view.here(event)), down.touch);
    if (drag.do === 'draw') {
      this.draft?.add(this.view.toImage(this.view.here(event)));
      return void this.close();
    }
    this.settle(drag.shape, drag.do === 'move' ? 'Moved' : drag.handle.index === TURN && drag.handle.role === 'turn' ? 'Turned' : say('Changed'));
  }

  private lose(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.drop();
  }

  /** Whatever was being dragged is let go of, and nothing is done. */
  private drop(): void {
    if (this.down?.drag.do === 'draw') this.cancel('quiet');
    if (this.down?.drag.do === 'paint') this.dropStroke();
    this.down = null;
    this.path = null;
    this.unlift();
  }

  private lift(shape: Shape, form: Form): void {
    if (this.view.lifted !== shape.key) {
      this.view.lifted = shape.key;
      this.current = shape.key;
      this.view.redraw(boundsOf(shape.form));
    }
    this.live = form;
  }

  private unlift(): void {
    const shape = this.stack.get(this.view.lifted);
    this.view.lifted = null;
    this.live = null;
    if (shape) this.view.redraw(boundsOf(shape.form));
  }

  private settle(shape: Shape, verb: string): void {
    const form = this.live;
    const { vertex } = this;
    this.unlift();
    if (!form) return;
    this.reform(shape, form, verb);
    this.vertex = vertex;
  }

  private click(image: Point, touch: boolean): void {
    this.setCursor(image);
    const slack = (touch ? 22 : 8) / this.view.zoom;
    const { draft, chosen } = this;
    if (draft) {
      const first = draft.points[0];
      if (draft.kind === 'polygon' && first && draft.placed > 2 && Math.hypot(first[0] - image[0], first[1] - image[1]) <= slack) return void this.close();
      return void this.place();
    }
    const handle = chosen?.state === 'given' && 'points' in chosen.form ? this.handleAt(chosen.form, image, slack) : null;
    if (handle) {
      this.vertex = handle.index;
      return this.tell();
    }
    const found = this.stack.at(image, slack / 2);
    if (found) return this.choose(found.shape);
    if (this.fixed) return this.choose(null, 'quiet');
    const drawsByClicks = kindsOfPoints.includes(this.kind) || (this.kind === 'box' && this.way === 'extreme') || (this.kind === 'mask' && !this.strokes);
    // The first click beside a chosen shape only lets go of it.
    if (chosen || !drawsByClicks) return this.choose(null, 'quiet');
    this.begin();
    this.place();
  }

  /** Two clicks on the edge of the current shape put a point there; while drawing they end it. */
  private double(event: MouseEvent): void {
    event.preventDefault();
    if (this.draft?.wanted === null) return void this.close();
    const { chosen } = this;
    const { form } = chosen ?? {};
    if (!chosen || this.fixed || (form?.kind !== 'polygon' && form?.kind !== 'polyline')) return;
    const image = this.view.toImage(this.view.here(event));
    const { points } = form;
    let [best, near] = [-1, 8 / this.view.zoom];
    points.forEach((point, nth) => {
      const next = points[nth + 1] ?? (form.kind === 'polygon' ? points[0]! : null);
      const far = next ? distance(image, point, next) : Infinity;
      if (far < near) [best, near] = [nth, far];
    });
    const corner = points.some((point) => Math.hypot(point[0] - image[0], point[1] - image[1]) <= 6 / this.view.zoom);
    if (best >= 0 && !corner) {
      this.reform(chosen, withPointAfter(form, best, [Math.round(image[0]), Math.round(image[1])]), 'Point added');
      this.vertex = best + 1;
    }
  }

  private pinch(finger: number, before: Point, at: Point): void {
    const [other] = [...this.fingers].find(([id]) => id !== finger)!.slice(1) as [Point];
    const spread = (point: Point) => Math.max(8, Math.hypot(point[0] - other[0], point[1] - other[1]));
    this.view.zoomBy(spread(at) / spread(before), [(at[0] + other[0]) / 2, (at[1] + other[1]) / 2]);
    this.view.panBy((at[0] - before[0]) / 2, (at[1] - before[1]) / 2);
    this.fingers.set(finger, at);
    this.tell();
  }

  /** The pointer rests here. */
  private point(at: Point | null): void {
    const image = at && this.view.toImage(at);
    if (image) {
      this.pointed = true;
      this.setCursor(image);
    } else if (!this.draft) this.cursorSeen = false;
    const found = image && !this.draft ? this.stack.at(image, 4 / this.view.zoom) : null;
    this.hovered = found?.shape.key ?? null;
    this.view.redrawOver();
  }

  private setCursor([x, y]: Point): void {
    this.cursor = [clamp(Math.round(x), 0, this.image.width), clamp(Math.round(y), 0, this.image.height)];
    this.cursorSeen = true;
  }

  // ---- keys ----------------------------------------------------------------------------------------------------------
  protected arrow(event: KeyboardEvent): boolean {
    const ways: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    if (!way) return false;
    const far = event.ctrlKey || event.metaKey ? 100 : event.shiftKey ? 10 : 1;
    const [dx, dy] = this.view.step(way[0] * far, way[1] * far);
    if (!this.draft && this.chosen && this.kind !== 'mask') return this.nudge(dx, dy, event.altKey ? 'size' : 'move');
    const from = this.cursor;
    this.setCursor([from[0] + dx, from[1] + dy]);
    this.pointed = false;
    const [x, y] = this.cursor;
    this.view.reveal({ left: x, top: y, right: x, bottom: y });
    this.view.redrawOver();
    const form = this.draft?.form(this.cursor);
    this.say(form && this.draft!.wanted === 2 ? `${x}, ${y}: ${this.where(form)}` : `${x}, ${y}`);
    return true;
  }

  protected spaceDown(event: KeyboardEvent): boolean {
    if (!event.repeat && this.space === 'up') this.space = 'down';
    this.view.element.dataset.panning = '';
    return true;
  }

  private spaceUp(): void {
    const tapped = this.space === 'down';
    this.space = 'up';
    delete this.view.element.dataset.panning;
    if (!tapped || this.fixed) return;
    if (this.draft) return void this.place();
    if (this.strokes) {
      this.startStroke([this.cursor[0] + 0.5, this.cursor[1] + 0.5]);
      return void this.endStroke();
    }
    const found = this.stack.at(this.cursor, 4 / this.view.zoom);
    if (found) this.choose(found.shape);
  }

  protected tab(step: 1 | -1): boolean {
    // Esc, then Tab leaves the image; so does Tab from the last shape.
    if (document.activeElement !== this.view.element || (this.escaped && this.current === null)) return false;
    return this.walk(step);
  }

  protected escape(): boolean {
    this.escaped = true;
    if (this.down) this.drop();
    return this.leave();
  }
}
