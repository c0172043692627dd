/**
 * Which shapes are near a place: a grid over the image, each cell with the shapes whose bounds reach into it.
 *
 * In: bounds by key. Out: keys near a point or within a rectangle. Never: a look at every shape.
 */

import type { Rect, Size } from './shape-forms';

const CELLS = 64;
/** A shape over more cells than this is kept aside: the few large ones are looked at each time. */
const WIDE = 256;

export class Grid {
  private readonly side: number;
  private readonly cells = new Map<number, Set<number>>();
  private readonly wide = new Set<number>();
  private readonly bounds = new Map<number, Rect>();

  constructor(size: Size) {
    this.side = Math.max(1, Math.max(size.width, size.height) / CELLS);
  }

  put(key: number, bounds: Rect): void {
    this.drop(key);
    this.bounds.set(key, bounds);
    this.each(key, bounds, (cell) => {
      const held = this.cells.get(cell);
      if (held) held.add(key);
      else this.cells.set(cell, new Set([key]));
    });
  }

  drop(key: number): void {
    const bounds = this.bounds.get(key);
    if (!bounds) return;
    this.bounds.delete(key);
    this.wide.delete(key);
    this.each(key, bounds, (cell) => this.cells.get(cell)?.delete(key), 'gone');
  }

  /** The keys whose bounds share a place with this rectangle. */
  within(rect: Rect): Set<number> {
    const found = new Set<number>();
    const look = (key: number) => {
      const one = this.bounds.get(key)!;
      if (one.left <= rect.right && one.right >= rect.left && one.top <= rect.bottom && one.bottom >= rect.top) found.add(key);
    };
    this.wide.forEach(look);
    const { left, top, right, bottom } = this.span(rect);
    if ((right - left + 1) * (bottom - top + 1) > this.cells.size) for (const key of this.bounds.keys()) look(key);
    else for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) this.cells.get(y * 4096 + x)?.forEach(look);
    return found;
  }

  private span({ left, top, right, bottom }: Rect) {
    const cell = (value: number) => Math.min(2047, Math.max(-2047, Math.floor(value / this.side)));
    return { left: cell(left), top: cell(top), right: cell(right), bottom: cell(bottom) };
  }

  private each(key: number, bounds: Rect, act: (cell: number) => void, how: 'held' | 'gone' = 'held'): void {
    const { left, top, right, bottom } = this.span(bounds);
    if ((right - left + 1) * (bottom - top + 1) > WIDE) {
      if (how === 'held') this.wide.add(key);
      return;
    }
    for (let y = top; y <= bottom; y++) for (let x = left; x <= right; x++) act(y * 4096 + x);
  }
}
