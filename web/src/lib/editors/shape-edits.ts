/**
 * What a hand does to a form: moved, stretched, turned, a point added or taken away, a number typed.
 *
 * In: a form and the act. Out: the form after it, on the image, or nothing where that would be none. Never: a change in place.
 */

import type { Keypoint, Point } from '../answers';
import { countOf, maskBounds, movedRuns } from './mask-runs';
import { boundsOf, type BoxForm, centerOf, clamp, cornersOf, type EllipseForm, type Form, neat, outlineOf, type Size, turned } from './shape-forms';

/** Places on a form that can be dragged; of boxes and ellipses eight around and the one that turns, else each point. */
export interface Handle {
  at: Point;
  role: 'corner' | 'side' | 'point' | 'turn';
  index: number;
}

const PLACES: Point[] = [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]];
export const TURN = 8;

/** The upright frame that a box or ellipse is turned out of. */
function frame(form: BoxForm | EllipseForm): { x: number; y: number; width: number; height: number; about: Point } {
  if (form.kind === 'box') return { ...form, about: [form.x, form.y] };
  return { x: form.cx - form.rx, y: form.cy - form.ry, width: 2 * form.rx, height: 2 * form.ry, about: [form.cx, form.cy] };
}

export function handlesOf(form: Form, reach: number): Handle[] {
  if (form.kind === 'mask') return [];
  if (form.kind === 'box' || form.kind === 'ellipse') {
    const { x, y, width, height, about } = frame(form);
    const at = (u: number, v: number): Point => turned([x + u * width, y + v * height], form.rotation, about);
    const around = PLACES.map(([u, v], index): Handle => ({ at: at(u, v), role: index % 2 ? 'side' : 'corner', index }));
    return [...around, { at: turned([x + width / 2, y - reach], form.rotation, about), role: 'turn', index: TURN }];
  }
  if (form.kind === 'keypoints') {
    return form.points.flatMap((one, index) => (one.sight === 'absent' ? [] : [{ at: [one.x, one.y] as Point, role: 'point' as const, index }]));
  }
  const rings = form.kind === 'polygon' ? [form.points, ...form.holes] : [form.points];
  return rings.flat().map((at, index) => ({ at, role: 'point', index }));
}

const whole = (form: { rotation: number }, value: number) => (form.rotation === 0 ? Math.round(value) : neat(value));

/** A handle drawn to a point. */
export function dragged(form: Form, index: number, to: Point, image: Size): Form {
  const point: Point = [clamp(to[0], 0, image.width), clamp(to[1], 0, image.height)];
  if (form.kind === 'box' || form.kind === 'ellipse') {
    if (index === TURN) {
      const [cx, cy] = centerOf(form);
      return turnedTo(form, (Math.atan2(to[1] - cy, to[0] - cx) * 180) / Math.PI + 90);
    }
    const { x, y, width, height, about } = frame(form);
    const [px, py] = turned(form.rotation ? to : point, -form.rotation, about);
    const [u, v] = PLACES[index]!;
    const [left, right] = [u === 0 ? px : x, u === 1 ? px : x + width];
    const [top, bottom] = [v === 0 ? py : y, v === 1 ? py : y + height];
    return ofFrame(form, Math.min(left, right), Math.min(top, bottom), Math.abs(right - left), Math.abs(bottom - top), about);
  }
  return withPoint(form, index, [Math.round(point[0]), Math.round(point[1])]);
}

/** The form whose upright frame is this one, turned as it is about the point given. */
function ofFrame(form: BoxForm | EllipseForm, x: number, y: number, width: number, height: number, about: Point): Form {
  if (form.kind === 'ellipse') {
    const [cx, cy] = turned([x + width / 2, y + height / 2], form.rotation, about);
    return { ...form, cx: neat(cx), cy: neat(cy), rx: Math.max(0.5, neat(width / 2)), ry: Math.max(0.5, neat(height / 2)) };
  }
  const [left, top] = turned([x, y], form.rotation, about);
  const side = (value: number) => Math.max(1, whole(form, value));
  return { ...form, x: whole(form, left), y: whole(form, top), width: side(width), height: side(height) };
}

/** Turned to so many degrees about its center. */
export function turnedTo(form: Form, degrees: number): Form {
  if (form.kind !== 'box' && form.kind !== 'ellipse') return form;
  const rotation = neat(((Math.round(degrees * 10) / 10) % 360) + 360) % 360;
  if (form.kind === 'ellipse') return { ...form, rotation };
  const [cx, cy] = centerOf(form);
  const [x, y] = turned([cx - form.width / 2, cy - form.height / 2], rotation, [cx, cy]);
  return { ...form, x: whole({ rotation }, x), y: whole({ rotation }, y), rotation };
}

export function turnedBy(form: Form, degrees: number): Form {
  return form.kind === 'box' || form.kind === 'ellipse' ? turnedTo(form, form.rotation + degrees) : form;
}

/** Moved as far as the image allows. */
export function moved(form: Form, dx: number, dy: number, image: Size): Form {
  const turning = (form.kind === 'box' || form.kind === 'ellipse') && (form.kind === 'ellipse' || form.rotation !== 0);
  const center = turning ? centerOf(form as BoxForm | EllipseForm) : null;
  const bounds = center ? { left: center[0], right: center[0], top: center[1], bottom: center[1] } : boundsOf(form);
  const x = clamp(dx, -bounds.left, Math.max(-bounds.left, image.width - bounds.right));
  const y = clamp(dy, -bounds.top, Math.max(-bounds.top, image.height - bounds.bottom));
  const shift = ([px, py]: Point): Point => [neat(px + x), neat(py + y)];
  switch (form.kind) {
    case 'box':
      return { ...form, x: neat(form.x + x), y: neat(form.y + y) };
    case 'ellipse':
      return { ...form, cx: neat(form.cx + x), cy: neat(form.cy + y) };
    case 'polygon':
      return { ...form, points: form.points.map(shift), holes: form.holes.map((hole) => hole.map(shift)) };
    case 'polyline':
      return { ...form, points: form.points.map(shift) };
    case 'keypoints':
      return { ...form, points: form.points.map((one) => (one.sight === 'absent' ? one : { ...one, x: neat(one.x + x), y: neat(one.y + y) })) };
    case 'mask':
      return { ...form, runs: movedRuns(form, Math.round(x), Math.round(y)) };
  }
}

/** Its right and lower edge moved: what Alt with an arrow does. */
export function resized(form: Form, dx: number, dy: number, image: Size): Form {
  if (form.kind === 'box') {
    const room = form.rotation ? image : { width: image.width - form.x, height: image.height - form.y };
    return { ...form, width: neat(clamp(form.width + dx, 1, room.width)), height: neat(clamp(form.height + dy, 1, room.height)) };
  }
  if (form.kind === 'ellipse') return { ...form, rx: neat(Math.max(0.5, form.rx + dx / 2)), ry: neat(Math.max(0.5, form.ry + dy / 2)) };
  return form;
}

// ---- points ----------------------------------------------------------------------------------------------------------
/** A point put elsewhere; those of holes are counted after those of the outline. */
export function withPoint(form: Form, index: number, to: Point): Form {
  const replace = (points: readonly Point[], from: number) => points.map((one, nth): Point => (nth + from === index ? to : one));
  if (form.kind === 'polyline') return { ...form, points: replace(form.points, 0) };
  if (form.kind === 'keypoints') return { ...form, points: form.points.map((one, nth) => (nth === index ? placed(one, to) : one)) };
  if (form.kind !== 'polygon') return form;
  let from = form.points.length;
  const holes = form.holes.map((hole) => {
    const next = replace(hole, from);
    from += hole.length;
    return next;
  });
  return { ...form, points: replace(form.points, 0), holes };
}

const placed = (one: Keypoint, [x, y]: Point): Keypoint => ({ name: one.name, sight: one.sight === 'absent' ? 'visible' : one.sight, x, y });

/** A point more on the edge after the one given; only on the outline. */
export function withPointAfter(form: Form, index: number, point: Point): Form {
  if (form.kind !== 'polygon' && form.kind !== 'polyline') return form;
  const points = [...form.points.slice(0, index + 1), point, ...form.points.slice(index + 1)];
  return { ...form, points };
}

/** Without a point; nothing where too few would be left. A hole of two points is none. */
export function withoutPoint(form: Form, index: number): Form | null {
  if (form.kind === 'keypoints') {
    const points = form.points.map((one, nth): Keypoint => (nth === index ? { name: one.name, sight: 'absent' } : one));
    return points.some((one) => one.sight !== 'absent') ? { ...form, points } : null;
  }
  if (form.kind === 'polyline') return form.points.length > 2 ? { ...form, points: form.points.filter((_, nth) => nth !== index) } : null;
  if (form.kind !== 'polygon') return null;
  if (index < form.points.length) return form.points.length > 3 ? { ...form, points: form.points.filter((_, nth) => nth !== index) } : null;
  let from = form.points.length;
  const holes = form.holes.map((hole) => {
    const next = hole.filter((_, nth) => nth + from !== index);
    from += hole.length;
    return next;
  });
  return { ...form, holes: holes.filter((hole) => hole.length > 2) };
}

// ---- numbers ---------------------------------------------------------------------------------------------------------
/** What a row of the table says of a form, and takes: names with numbers, or its points as text. */
export function fieldsOf(form: Form): { name: string; value: number | string; fixed?: true }[] {
  switch (form.kind) {
    case 'box':
      return (['x', 'y', 'width', 'height', 'rotation'] as const).map((name) => ({ name, value: form[name] }));
    case 'ellipse':
      return (['cx', 'cy', 'rx', 'ry', 'rotation'] as const).map((name) => ({ name, value: form[name] }));
    case 'polygon':
    case 'polyline':
      return [{ name: 'points', value: form.points.map((one) => one.join(',')).join(' ') }];
    case 'keypoints':
      return [{ name: 'points', value: form.points.map((one) => (one.sight === 'absent' ? '-' : `${one.x},${one.y}${one.sight === 'occluded' ? '?' : ''}`)).join(' ') }];
    case 'mask': {
      const { left, top, right, bottom } = maskBounds(form);
      return [{ name: 'pixels', value: countOf(form.runs), fixed: true }, { name: 'within', value: `${left},${top} ${right},${bottom}`, fixed: true }];
    }
  }
}

/** The form with a field typed anew; null where that cannot be. */
export function withField(form: Form, name: string, typed: string, image: Size): Form | null {
  if (name === 'points') return withPoints(form, typed, image);
  const value = Number(typed);
  if (typed.trim() === '' || !Number.isFinite(value)) return null;
  if (name === 'rotation') return turnedTo(form, value);
  const next = { ...form, [name]: neat(value) } as Form;
  return onImage(next, image) ? next : null;
}

function withPoints(form: Form, typed: string, image: Size): Form | null {
  const words = typed.trim().split(/\s+/);
  const points = words.map((word) => /^(-?[\d.]+),(-?[\d.]+)\??$/.exec(word)?.slice(1).map(Number) as Point | undefined);
  if (form.kind === 'keypoints') {
    if (words.length !== form.points.length || words.some((word, nth) => word !== '-' && !points[nth])) return null;
    const placed = form.points.map(({ name }, nth): Keypoint => {
      const at = points[nth];
      return at ? { name, sight: words[nth]!.endsWith('?') ? 'occluded' : 'visible', x: at[0], y: at[1] } : { name, sight: 'absent' };
    });
    const next: Form = { ...form, points: placed };
    return onImage(next, image) ? next : null;
  }
  if ((form.kind !== 'polygon' && form.kind !== 'polyline') || points.some((one) => !one)) return null;
  const next: Form = { ...form, points: points as Point[] };
  return onImage(next, image) ? next : null;
}

/** Whether the server takes this form on an image of this size. */
export function onImage(form: Form, image: Size): boolean {
  const within = ([x, y]: Point) => x >= 0 && y >= 0 && x <= image.width && y <= image.height;
  const different = (points: readonly Point[]) => new Set(points.map(String)).size;
  switch (form.kind) {
    case 'box':
      if (!(form.width > 0 && form.height > 0)) return false;
      return form.rotation ? within(centerOf(form)) : cornersOf(form).every(within);
    case 'ellipse':
      return form.rx > 0 && form.ry > 0 && within(centerOf(form));
    case 'polygon':
      return different(form.points) >= 3 && form.points.every(within) && form.holes.every((hole) => different(hole) >= 3);
    case 'polyline':
      return different(form.points) >= 2 && form.points.every(within);
    case 'keypoints':
      return outlineOf(form).length > 0 && outlineOf(form).every(within);
    case 'mask':
      return form.width === image.width && form.height === image.height && countOf(form.runs) > 0;
  }
}
