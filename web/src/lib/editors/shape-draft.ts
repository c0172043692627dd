/**
 * A shape that is being drawn: the points placed so far, and the form they make with the next one.
 *
 * In: a kind of shape, points. Out: a form when enough is there. Never: the screen.
 */

import type { Keypoint, Point, Skeleton } from '../answers';
import { boundsOfPoints, clamp, type Form, type ShapeKind, type Size } from './shape-forms';
import { onImage } from './shape-edits';

export type Way = 'corners' | 'extreme';

export class Draft {
  readonly points: Point[] = [];
  private readonly named: Keypoint[] = [];

  constructor(
    readonly kind: Exclude<ShapeKind, 'mask'>,
    readonly image: Size,
    private readonly way: Way = 'corners',
    private readonly skeleton: Skeleton | null = null,
    /** The polygon that this becomes a hole of. */
    readonly hole: number | null = null,
  ) {}

  /** How many points make the shape whole; null where the person says so. */
  get wanted(): number | null {
    if (this.kind === 'box') return this.way === 'extreme' ? 4 : 2;
    if (this.kind === 'ellipse') return 2;
    return this.kind === 'keypoints' ? this.names.length : null;
  }

  private get names(): readonly string[] {
    return this.skeleton?.points.length ? this.skeleton.points : ['point'];
  }

  get placed(): number {
    return this.kind === 'keypoints' ? this.named.length : this.points.length;
  }

  get isWhole(): boolean {
    return this.wanted !== null && this.placed >= this.wanted;
  }

  /** What is asked for next. */
  get ask(): string {
    if (this.kind === 'keypoints') return this.isWhole ? '' : `${this.names[this.placed]} (${this.placed + 1} of ${this.names.length})`;
    if (this.wanted === 4) return ['topmost', 'leftmost', 'lowest', 'rightmost'][this.placed] + ` point, or any other edge (${this.placed + 1} of 4)`;
    if (this.wanted === 2) return this.placed ? 'opposite corner' : 'first corner';
    return `point ${this.placed + 1}`;
  }

  add(point: Point, sight: Keypoint['sight'] = 'visible'): void {
    const at: Point = [clamp(Math.round(point[0]), 0, this.image.width), clamp(Math.round(point[1]), 0, this.image.height)];
    if (this.kind === 'keypoints') {
      const name = this.names[this.placed]!;
      this.named.push(sight === 'absent' ? { name, sight } : { name, sight, x: at[0], y: at[1] });
      if (sight !== 'absent') this.points.push(at);
      return;
    }
    const last = this.points.at(-1);
    if (this.wanted === null && last && last[0] === at[0] && last[1] === at[1]) return;
    this.points.push(at);
  }

  /** Take back the last point; false when there is none. */
  back(): boolean {
    if (this.kind === 'keypoints') {
      const last = this.named.pop();
      if (last && last.sight !== 'absent') this.points.pop();
      return last !== undefined;
    }
    return this.points.pop() !== undefined;
  }

  /** The form so far; with a cursor as if it were placed there. */
  form(cursor?: Point): Form | null {
    const points: Point[] = cursor && !this.isWhole ? [...this.points, [Math.round(cursor[0]), Math.round(cursor[1])]] : this.points;
    const { left, top, right, bottom } = boundsOfPoints(points);
    switch (this.kind) {
      case 'box':
        return points.length < 2 ? null : { kind: 'box', x: left, y: top, width: right - left, height: bottom - top, rotation: 0 };
      case 'ellipse':
        return points.length < 2 ? null : { kind: 'ellipse', cx: (left + right) / 2, cy: (top + bottom) / 2, rx: (right - left) / 2, ry: (bottom - top) / 2, rotation: 0 };
      case 'polygon':
        return { kind: 'polygon', points, holes: [] };
      case 'polyline':
        return { kind: 'polyline', points };
      case 'keypoints': {
        const rest = this.names.slice(this.named.length);
        const next: Keypoint[] = rest.map((name, nth) =>
          nth === 0 && cursor ? { name, sight: 'visible', x: Math.round(cursor[0]), y: Math.round(cursor[1]) } : { name, sight: 'absent' },
        );
        return { kind: 'keypoints', points: [...this.named, ...next] };
      }
    }
  }

  /** The form as it can be kept; null where it is none yet. */
  finished(): Form | null {
    const form = this.form();
    return form && onImage(form, this.image) ? form : null;
  }
}
