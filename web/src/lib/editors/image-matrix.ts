/**
 * The way between the pixels of an image as stored and what is seen of it: turned as its camera was held, zoomed, moved.
 *
 * In: an EXIF orientation, matrices. Out: matrices, points. Never: a pixel; answers stay in pixels of the image as stored.
 */

import type { Point } from '../answers';

/** `[a, b, c, d, e, f]`: x' = a x + c y + e, y' = b x + d y + f, as a canvas has it. */
export type Matrix = [a: number, b: number, c: number, d: number, e: number, f: number];

/** From a place in the stored image (of this size) to where it is seen. */
export function uprightOf(orientation: number, width: number, height: number): Matrix {
  const ways: Matrix[] = [
    [1, 0, 0, 1, 0, 0],
    [-1, 0, 0, 1, width, 0],
    [-1, 0, 0, -1, width, height],
    [1, 0, 0, -1, 0, height],
    [0, 1, 1, 0, 0, 0],
    [0, 1, -1, 0, height, 0],
    [0, -1, -1, 0, height, width],
    [0, -1, 1, 0, 0, width],
  ];
  return ways[orientation - 1] ?? ways[0]!;
}

export const through = ([a, b, c, d, e, f]: Matrix, [x, y]: Point): Point => [a * x + c * y + e, b * x + d * y + f];

export function inverse([a, b, c, d, e, f]: Matrix): Matrix {
  const det = a * d - b * c;
  return [d / det, -b / det, -c / det, a / det, (c * f - d * e) / det, (b * e - a * f) / det];
}

/** First one, then the other. */
export const followed = (one: Matrix, other: Matrix): Matrix => {
  const [a, b, c, d, e, f] = other;
  const on = (x: number, y: number): Point => [a * x + c * y, b * x + d * y];
  const [[na, nb], [nc, nd], [ne, nf]] = [on(one[0], one[1]), on(one[2], one[3]), on(one[4], one[5])];
  return [na, nb, nc, nd, ne + e, nf + f];
};
