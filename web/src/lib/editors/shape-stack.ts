/**
 * The shapes of one image, with what was done to them: acts that can be taken back and done again.
 *
 * In: shapes, acts. Out: shapes by key, by place, in reading order. Never: an act without a way back, or a shape changed in
 * place.
 */

import type { Point } from '../answers';
import { areaOf, boundsOf, type Form, hit, type Rect, type Size } from './shape-forms';
import { Grid } from './shape-grid';
import type { Skeleton } from '../answers';

/** `other`: of the value that this one is compared with. */
export type ShapeState = 'given' | 'suggested' | 'other';

export interface Shape {
  readonly key: number;
  readonly form: Form;
  readonly label: string;
  readonly state: ShapeState;
  readonly confidence?: number;
}

export interface ShapeAct {
  words: string;
  removed: readonly Shape[];
  added: readonly Shape[];
}

export const UNDO_DEPTH = 500;

export class Stack {
  private readonly byKey = new Map<number, Shape>();
  private readonly bounds = new Map<number, Rect>();
  /** Keys from top to bottom, then from left to right. */
  private readonly order: number[] = [];
  private readonly grid: Grid;
  private readonly done: ShapeAct[] = [];
  private readonly undone: ShapeAct[] = [];
  private next = 1;
  /** How many are suggested and not taken. */
  open = 0;

  constructor(
    readonly size: Size,
    readonly skeleton: Skeleton | null = null,
  ) {
    this.grid = new Grid(size);
  }

  get count(): number {
    return this.byKey.size;
  }

  fresh(): number {
    return this.next++;
  }

  get(key: number | null): Shape | undefined {
    return key === null ? undefined : this.byKey.get(key);
  }

  all(): Shape[] {
    return this.order.map((key) => this.byKey.get(key)!);
  }

  /** A page of the shapes in reading order. */
  rows(from: number, to: number): Shape[] {
    return this.order.slice(from, to).map((key) => this.byKey.get(key)!);
  }

  boundsOf(key: number): Rect {
    return this.bounds.get(key)!;
  }

  /** Put shapes in without a way back: what the image comes with. */
  lay(shapes: readonly Shape[]): void {
    for (const shape of shapes) this.set(shape);
    this.order.splice(0, Infinity, ...[...this.byKey.keys()].sort((a, b) => this.compare(a, b)));
  }

  do(act: ShapeAct): ShapeAct {
    this.apply(act);
    this.done.push(act);
    if (this.done.length > UNDO_DEPTH) this.done.shift();
    this.undone.length = 0;
    return act;
  }

  undo(): ShapeAct | null {
    const act = this.done.pop();
    if (!act) return null;
    this.undone.push(act);
    const back = { words: act.words, removed: act.added, added: act.removed };
    this.apply(back);
    return back;
  }

  /** Do an act as a part of the last one: both are taken back together. */
  amend(act: ShapeAct): ShapeAct {
    const last = this.done.pop();
    this.apply(act);
    this.done.push(last ? { words: act.words, removed: last.removed, added: act.added } : act);
    return act;
  }

  redo(): ShapeAct | null {
    const act = this.undone.pop();
    if (!act) return null;
    this.apply(act);
    this.done.push(act);
    return act;
  }

  within(rect: Rect): Shape[] {
    return [...this.grid.within(rect)].map((key) => this.byKey.get(key)!);
  }

  /** What lies at a point: edges before insides, small before large. */
  at([x, y]: Point, slack: number): { shape: Shape; what: 'edge' | 'inside' } | null {
    let best: { shape: Shape; what: 'edge' | 'inside'; rank: number } | null = null;
    for (const shape of this.within({ left: x - 2 * slack, right: x + 2 * slack, top: y - 2 * slack, bottom: y + 2 * slack })) {
      const what = hit(shape.form, [x, y], slack, this.skeleton);
      if (!what) continue;
      const rank = areaOf(this.boundsOf(shape.key)) + (what === 'inside' ? 1e13 : 0);
      if (!best || rank < best.rank) best = { shape, what, rank };
    }
    return best;
  }

  /** The shape after or before this one in reading order; without one, the first at or after a point, or the last before it. */
  beside(key: number | null, step: 1 | -1, from: Point = [0, -1]): Shape | null {
    const known = key !== null && this.byKey.has(key);
    const place = known ? this.placeOf(key) : this.placeFor({ left: from[0], top: from[1] }, 0);
    const found = known ? this.order[place + step] : this.order[step > 0 ? place : place - 1];
    return this.get(found ?? null) ?? null;
  }

  placeOf(key: number): number {
    const bounds = this.bounds.get(key);
    return bounds ? this.placeFor(bounds, key) : -1;
  }

  private compare(a: number, b: number): number {
    const [one, two] = [this.bounds.get(a)!, this.bounds.get(b)!];
    return one.top - two.top || one.left - two.left || a - b;
  }

  /** Where a shape with these bounds stands in the order, by halving. */
  private placeFor(bounds: { left: number; top: number }, key: number): number {
    let [low, high] = [0, this.order.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const here = this.bounds.get(this.order[middle]!)!;
      const before = here.top - bounds.top || here.left - bounds.left || this.order[middle]! - key;
      if (before < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private set(shape: Shape): void {
    const bounds = boundsOf(shape.form);
    if (shape.state === 'suggested') this.open += 1;
    this.byKey.set(shape.key, shape);
    this.bounds.set(shape.key, bounds);
    this.grid.put(shape.key, bounds);
  }

  private apply({ removed, added }: ShapeAct): void {
    for (const { key, state } of removed) {
      if (state === 'suggested') this.open -= 1;
      this.order.splice(this.placeOf(key), 1);
      this.byKey.delete(key);
      this.bounds.delete(key);
      this.grid.drop(key);
    }
    for (const shape of added) {
      this.set(shape);
      this.order.splice(this.placeFor(this.boundsOf(shape.key), shape.key), 0, shape.key);
    }
  }
}
