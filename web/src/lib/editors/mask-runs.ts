/**
 * Masks as run lengths in the way of COCO, and as pixels while they are painted.
 *
 * In: runs, text or pixels; pixels are counted down the columns, from the left one on. Out: the same in another form, exactly.
 * Never: a canvas.
 */

import type { Point } from '../answers';

export interface Runs {
  width: number;
  height: number;
  runs: readonly number[];
}

const FIRST = 48;

/** Run lengths as COCO's compressed text: groups of five bits, each less the run two places before it from the fourth on. */
export function textOfRuns(runs: readonly number[]): string {
  let text = '';
  for (let place = 0; place < runs.length; place++) {
    let left = place > 2 ? runs[place]! - runs[place - 2]! : runs[place]!;
    for (;;) {
      const group = left & 0x1f;
      left >>= 5;
      const more = left !== (group & 0x10 ? -1 : 0);
      text += String.fromCharCode(FIRST + (more ? group | 0x20 : group));
      if (!more) break;
    }
  }
  return text;
}

export function runsOf(text: string): number[] {
  const runs: number[] = [];
  let [value, shift] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) - FIRST;
    value |= (code & 0x1f) << shift;
    shift += 5;
    if (code & 0x20) continue;
    if (code & 0x10 && shift < 32) value |= -1 << shift;
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
    [value, shift] = [0, 0];
  }
  return runs;
}

/** One byte a pixel, down the columns. */
export function pixelsOf({ width, height, runs }: Runs): Uint8Array {
  const pixels = new Uint8Array(width * height);
  let at = 0;
  runs.forEach((run, place) => {
    if (place % 2) pixels.fill(1, at, at + run);
    at += run;
  });
  return pixels;
}

export function runsOfPixels(pixels: Uint8Array): number[] {
  const runs: number[] = [];
  let [from, held] = [0, 0];
  for (let at = 0; at < pixels.length; at++) {
    if (pixels[at] === held) continue;
    runs.push(at - from);
    [from, held] = [at, pixels[at]!];
  }
  runs.push(pixels.length - from);
  return runs;
}

export function countOf(runs: readonly number[]): number {
  let count = 0;
  for (let place = 1; place < runs.length; place += 2) count += runs[place]!;
  return count;
}

export function maskHas({ width, height, runs }: Runs, x: number, y: number): boolean {
  if (x < 0 || y < 0 || x >= width || y >= height) return false;
  const wanted = x * height + y;
  let at = 0;
  for (let place = 0; place < runs.length; place++) {
    at += runs[place]!;
    if (wanted < at) return place % 2 === 1;
  }
  return false;
}

/** The smallest rectangle of whole pixels around a mask. */
export function maskBounds({ height, runs }: Runs) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  let at = 0;
  runs.forEach((run, place) => {
    if (place % 2 && run > 0) {
      const [first, last] = [Math.floor(at / height), Math.floor((at + run - 1) / height)];
      left = Math.min(left, first);
      right = Math.max(right, last + 1);
      // A run over the foot of a column goes on at the head of the next.
      top = first === last ? Math.min(top, at % height) : 0;
      bottom = first === last ? Math.max(bottom, ((at + run - 1) % height) + 1) : height;
    }
    at += run;
  });
  return left === Infinity ? { left: 0, top: 0, right: 0, bottom: 0 } : { left, top, right, bottom };
}

/** The runs moved by whole pixels; what leaves the image is gone. */
export function movedRuns(mask: Runs, dx: number, dy: number): number[] {
  const { width, height } = mask;
  const [from, to] = [pixelsOf(mask), new Uint8Array(width * height)];
  const { left, top, right, bottom } = maskBounds(mask);
  for (let x = Math.max(left, -dx); x < Math.min(right, width - dx); x++) {
    for (let y = Math.max(top, -dy); y < Math.min(bottom, height - dy); y++) to[(x + dx) * height + y + dy] = from[x * height + y]!;
  }
  return runsOfPixels(to);
}

/** Paint a round brush along a line; a pixel counts when its center is within reach. Returns what was touched. */
export function stroke(pixels: Uint8Array, { width, height }: { width: number; height: number }, from: Point, to: Point, radius: number, value: 0 | 1) {
  const touched = {
    left: Math.max(0, Math.floor(Math.min(from[0], to[0]) - radius)),
    top: Math.max(0, Math.floor(Math.min(from[1], to[1]) - radius)),
    right: Math.min(width, Math.ceil(Math.max(from[0], to[0]) + radius)),
    bottom: Math.min(height, Math.ceil(Math.max(from[1], to[1]) + radius)),
  };
  const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
  const length = dx * dx + dy * dy;
  for (let x = touched.left; x < touched.right; x++) {
    for (let y = touched.top; y < touched.bottom; y++) {
      const [px, py] = [x + 0.5 - from[0], y + 0.5 - from[1]];
      const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
      if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= radius * radius) pixels[x * height + y] = value;
    }
  }
  return touched;
}

/** Fill a polygon; a pixel counts when its center is inside. */
export function fillRing(pixels: Uint8Array, { width, height }: { width: number; height: number }, ring: readonly Point[], value: 0 | 1): void {
  for (let x = 0; x < width; x++) {
    const crossings: number[] = [];
    for (let here = 0, before = ring.length - 1; here < ring.length; before = here++) {
      const [[ax, ay], [bx, by]] = [ring[here]!, ring[before]!];
      if (ax > x + 0.5 !== bx > x + 0.5) crossings.push(ay + ((by - ay) * (x + 0.5 - ax)) / (bx - ax));
    }
    crossings.sort((a, b) => a - b);
    for (let nth = 0; nth + 1 < crossings.length; nth += 2) {
      const [top, bottom] = [Math.max(0, Math.ceil(crossings[nth]! - 0.5)), Math.min(height, Math.ceil(crossings[nth + 1]! - 0.5))];
      if (bottom > top) pixels.fill(value, x * height + top, x * height + bottom);
    }
  }
}
