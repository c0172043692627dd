/**
 * The forms that can be drawn on an image, and what can be asked of any of them.
 *
 * In: forms and points, in pixels of the image as stored. Out: new forms; none is changed in place. Never: the document,
 * a label, or a pixel of the screen.
 */

import type { Answer, Keypoint, Point, Skeleton } from '../answers';
import { maskBounds, maskHas, runsOf, textOfRuns } from './mask-runs';

export const SHAPE_KINDS = ['box', 'ellipse', 'polygon', 'polyline', 'keypoints', 'mask'] as const;
export type ShapeKind = (typeof SHAPE_KINDS)[number];

export type BoxForm = { kind: 'box'; x: number; y: number; width: number; height: number; rotation: number };
export type EllipseForm = { kind: 'ellipse'; cx: number; cy: number; rx: number; ry: number; rotation: number };
export type PolygonForm = { kind: 'polygon'; points: Point[]; holes: Point[][] };
export type PolylineForm = { kind: 'polyline'; points: Point[] };
export type KeypointsForm = { kind: 'keypoints'; points: Keypoint[] };
export type MaskForm = { kind: 'mask'; width: number; height: number; runs: readonly number[] };
export type Form = BoxForm | EllipseForm | PolygonForm | PolylineForm | KeypointsForm | MaskForm;

export interface Rect {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export interface Size {
  width: number;
  height: number;
}
/** A form with its label, as an answer holds it. */
export interface Labeled {
  form: Form;
  label: string;
  confidence?: number;
}

/** Two decimals: what a hand can mean, and what comes back from the server as it was sent. */
export const neat = (value: number) => Math.round(value * 100) / 100 + 0;
export const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

export function turned([x, y]: Point, degrees: number, [cx, cy]: Point = [0, 0]): Point {
  if (degrees === 0) return [x, y];
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos];
}

// ---- answers ---------------------------------------------------------------------------------------------------------
/** The shapes of an answer; none if it is of another kind. */
export function shapesOf(answer: Answer | null, skeleton: Skeleton | null = null): Labeled[] {
  const sure = (one: object) => ('confidence' in one && typeof one.confidence === 'number' ? { confidence: one.confidence } : {});
  switch (answer?.kind) {
    case 'box':
      return answer.boxes.map((one) => {
        const { x, y, width, height, label, rotation = 0 } = one;
        return { form: { kind: 'box', x, y, width, height, rotation }, label, ...sure(one) };
      });
    case 'ellipse':
      return answer.ellipses.map((one) => {
        const { cx, cy, rx, ry, label, rotation = 0 } = one;
        return { form: { kind: 'ellipse', cx, cy, rx, ry, rotation }, label, ...sure(one) };
      });
    case 'polygon':
      return answer.polygons.map((one) => ({ form: { kind: 'polygon', points: one.points, holes: one.holes ?? [] }, label: one.label, ...sure(one) }));
    case 'polyline':
      return answer.polylines.map((one) => ({ form: { kind: 'polyline', points: one.points }, label: one.label, ...sure(one) }));
    case 'keypoints':
      return answer.poses.map((one) => ({ form: { kind: 'keypoints', points: inOrder(one.points, skeleton) }, label: one.label, ...sure(one) }));
    case 'mask':
      return answer.masks.map((one) => {
        const { width, height, counts, label } = one;
        return { form: { kind: 'mask', width, height, runs: typeof counts === 'string' ? runsOf(counts) : counts }, label, ...sure(one) };
      });
    default:
      return [];
  }
}

/** Keypoints as their skeleton lists them: the server keeps them by name. */
function inOrder(points: readonly Keypoint[], skeleton: Skeleton | null): Keypoint[] {
  const places = new Map(skeleton?.points.map((name, place) => [name, place]));
  return [...points].sort((a, b) => (places.get(a.name) ?? 0) - (places.get(b.name) ?? 0));
}

/** An answer of this kind with these shapes, without what is left out where it is nothing. */
export function answerOf(kind: ShapeKind, shapes: Iterable<Labeled>): Answer {
  const found: Record<string, unknown>[] = [];
  for (const { form, label } of shapes) {
    if (form.kind !== kind) continue;
    const { kind: _, ...rest } = form;
    if ('rotation' in rest && rest.rotation === 0) found.push({ ...rest, rotation: undefined, label });
    else if ('holes' in rest && rest.holes.length === 0) found.push({ points: rest.points, label });
    else if (form.kind === 'mask') found.push({ width: form.width, height: form.height, counts: textOfRuns(form.runs), label });
    else found.push({ ...rest, label });
  }
  for (const one of found) if (one.rotation === undefined) delete one.rotation;
  const name = { box: 'boxes', ellipse: 'ellipses', polygon: 'polygons', polyline: 'polylines', keypoints: 'poses', mask: 'masks' }[kind];
  return { kind, [name]: found } as unknown as Answer;
}

// ---- outlines --------------------------------------------------------------------------------------------------------
export const centerOf = (form: BoxForm | EllipseForm): Point =>
  form.kind === 'ellipse' ? [form.cx, form.cy] : turned([form.x + form.width / 2, form.y + form.height / 2], form.rotation, [form.x, form.y]);

export const cornersOf = ({ x, y, width, height, rotation }: BoxForm): Point[] =>
  ([[x, y], [x + width, y], [x + width, y + height], [x, y + height]] as Point[]).map((point) => turned(point, rotation, [x, y]));

const AROUND = 48;
/** The points that a line through a form's edge joins; of keypoints all that have a place. */
export function outlineOf(form: Form): Point[] {
  switch (form.kind) {
    case 'box':
      return cornersOf(form);
    case 'ellipse':
      return Array.from({ length: AROUND }, (_, nth) => {
        const angle = (nth / AROUND) * 2 * Math.PI;
        return turned([form.cx + form.rx * Math.cos(angle), form.cy + form.ry * Math.sin(angle)], form.rotation, [form.cx, form.cy]);
      });
    case 'polygon':
    case 'polyline':
      return form.points;
    case 'keypoints':
      return form.points.flatMap((one) => (one.sight === 'absent' ? [] : [[one.x, one.y] as Point]));
    case 'mask': {
      const { left, top, right, bottom } = maskBounds(form);
      return [[left, top], [right, top], [right, bottom], [left, bottom]];
    }
  }
}

export function boundsOf(form: Form): Rect {
  if (form.kind === 'box' && form.rotation === 0) return { left: form.x, top: form.y, right: form.x + form.width, bottom: form.y + form.height };
  if (form.kind === 'ellipse') {
    const angle = (form.rotation * Math.PI) / 180;
    const dx = Math.hypot(form.rx * Math.cos(angle), form.ry * Math.sin(angle));
    const dy = Math.hypot(form.rx * Math.sin(angle), form.ry * Math.cos(angle));
    return { left: form.cx - dx, top: form.cy - dy, right: form.cx + dx, bottom: form.cy + dy };
  }
  return boundsOfPoints(outlineOf(form));
}

export function boundsOfPoints(points: readonly Point[]): Rect {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return points.length ? { left, top, right, bottom } : { left: 0, top: 0, right: 0, bottom: 0 };
}

export const areaOf = ({ left, top, right, bottom }: Rect) => (right - left) * (bottom - top);
export const overlap = (a: Rect, b: Rect) =>
  Math.max(0, Math.min(a.right, b.right) - Math.max(a.left, b.left)) * Math.max(0, Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top));
export const likeness = (a: Rect, b: Rect) => {
  const both = overlap(a, b);
  return both === 0 ? 0 : both / (areaOf(a) + areaOf(b) - both);
};

// ---- hits ------------------------------------------------------------------------------------------------------------
export function distance([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2;
  const along = length === 0 ? 0 : clamp(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length, 0, 1);
  return Math.hypot(x - ax - along * (bx - ax), y - ay - along * (by - ay));
}

export function inRing([x, y]: Point, ring: readonly Point[]): boolean {
  let inside = false;
  for (let here = 0, before = ring.length - 1; here < ring.length; before = here++) {
    const [[ax, ay], [bx, by]] = [ring[here]!, ring[before]!];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** The lines of a form: each a ring, or an open line. */
export function linesOf(form: Form, skeleton: Skeleton | null = null): { points: readonly Point[]; closed: boolean }[] {
  if (form.kind === 'polygon') return [form.points, ...form.holes].map((points) => ({ points, closed: true }));
  if (form.kind === 'polyline') return [{ points: form.points, closed: false }];
  if (form.kind === 'keypoints') {
    const at = new Map(form.points.flatMap((one) => (one.sight === 'absent' ? [] : [[one.name, [one.x, one.y] as Point]])));
    return (skeleton?.edges ?? []).flatMap(([from, to]) => (at.has(from) && at.has(to) ? [{ points: [at.get(from)!, at.get(to)!], closed: false }] : []));
  }
  return [{ points: outlineOf(form), closed: true }];
}

/** What of a form lies at this point: its edge, its inside, or nothing. */
export function hit(form: Form, point: Point, slack: number, skeleton: Skeleton | null = null): 'edge' | 'inside' | null {
  if (form.kind === 'mask') return maskHas(form, Math.floor(point[0]), Math.floor(point[1])) ? 'inside' : null;
  if (form.kind === 'keypoints' && outlineOf(form).some((one) => Math.hypot(one[0] - point[0], one[1] - point[1]) <= 2 * slack)) return 'edge';
  for (const { points, closed } of linesOf(form, skeleton)) {
    for (let nth = closed ? 0 : 1; nth < points.length; nth++) {
      if (distance(point, points.at(nth - 1)!, points[nth]!) <= slack) return 'edge';
    }
  }
  if (form.kind === 'polyline' || form.kind === 'keypoints') return null;
  if (form.kind === 'polygon' && form.holes.some((hole) => inRing(point, hole))) return null;
  return inRing(point, outlineOf(form)) ? 'inside' : null;
}
