/**
 * A map as pixels: a mark for each point where there is room, and where there is none, one for all in a small square.
 *
 * In: points in sight, how labels are marked, where the unit square lies. Out: marks on a canvas. Never: a point that is out of sight.
 */

import { FORMS, markOf, type Mark, type Points, type Rectangle, type Spot } from './map';
import type { MapGrid } from './map-grid';
import { inSight, type Frame, type Room } from './map-view';

export interface Colors {
  ink: string;
  aside: string;
  rim: string;
  line: string;
  wash: string;
}
export interface Scene {
  grid: MapGrid;
  points: Points;
  marks: ReadonlyMap<number, Mark>;
  hidden: ReadonlySet<number>;
  chosen: ReadonlySet<number>;
}
export interface Over {
  points: Points;
  hover: number | null;
  line: readonly Spot[];
  box: Rectangle | null;
}
export interface Drawn {
  n: number;
  how: 'marks' | 'squares';
}

/** Pixels from mark to mark, on the whole, below which they would cover each other. */
const CROWDED = 8;
const SQUARE = 8;
const FAINT = 0.35;
/** Sizes that a square's mark may have. */
const STEPS = 8;

/** Pixels that one mark has for itself, on the whole, if so many lie in this part of the map. */
const spacing = (n: number, seen: Rectangle, { side }: Frame) => Math.sqrt((seen.width * seen.height * side * side) / Math.max(1, n));
/** In steps, so that marks are made anew only now and then while the zoom moves. */
const radiusOf = (space: number) => Math.max(3, Math.min(6, Math.round(space) / 4));

/** Draw all points in sight, once. */
export function draw(pen: CanvasRenderingContext2D, scene: Scene, room: Room, frame: Frame, ratio: number, colors: Colors): Drawn {
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
  const seen = inSight(room, frame);
  const found = scene.grid.within(seen, scene.hidden);
  const space = spacing(found.length, seen, frame);
  if (space < CROWDED) {
    squares(pen, scene, found, frame, ratio, colors);
    return { n: found.length, how: 'squares' };
  }
  marks(pen, scene, found, radiusOf(space), frame, ratio, colors);
  return { n: found.length, how: 'marks' };
}

function marks(pen: CanvasRenderingContext2D, scene: Scene, found: Uint32Array, radius: number, frame: Frame, ratio: number, colors: Colors): void {
  const { chosen } = scene;
  const { x, y, label: labels } = scene.grid;
  const flags = chosen.size ? flagsOf(chosen, x.length) : null;
  const stamps = [new Map<number, Stamp>(), new Map<number, Stamp>()];
  // Those without a label lie below, those that are chosen above.
  for (let layer = 0; layer < (flags ? 3 : 2); layer++) {
    pen.globalAlpha = flags && layer < 2 ? 0.4 : 1;
    for (let i = 0; i < found.length; i++) {
      const nth = found[i]!;
      const label = labels[nth]!;
      if ((flags?.[nth] ? 2 : label < 0 ? 0 : 1) !== layer) continue;
      const held = stamps[layer === 2 ? 1 : 0]!;
      let stamp = held.get(label);
      if (!stamp) held.set(label, (stamp = stampOf(scene.marks.get(label) ?? markOf(label), radius * ratio, layer === 2 ? 'chosen' : 'plain', ratio, colors)));
      // On whole pixels a picture is copied, not drawn anew.
      pen.drawImage(stamp.picture, Math.round(ratio * (frame.left + frame.side * x[nth]!) - stamp.half), Math.round(ratio * (frame.top + frame.side * y[nth]!) - stamp.half));
    }
  }
  pen.globalAlpha = 1;
}

interface Stamp {
  picture: HTMLCanvasElement;
  half: number;
}
const stampsMade = new Map<string, Stamp>();
const MOST_STAMPS = 500;

/** One mark as a picture, made once: thousands of copies cost less than as many outlines. */
function stampOf(mark: Mark, radius: number, how: 'plain' | 'chosen', ratio: number, colors: Colors): Stamp {
  const fill = mark.hue || colors.aside;
  const rim = how === 'chosen' ? colors.ink : mark.hue ? colors.rim : '';
  const size = radius * (how === 'chosen' ? Math.max(0.8, mark.size) : mark.size);
  const key = [mark.path, fill, rim, size, ratio].join('|');
  const known = stampsMade.get(key);
  if (known) return known;
  if (stampsMade.size >= MOST_STAMPS) stampsMade.clear();
  const half = Math.ceil(1.3 * size + 2 * ratio);
  const picture = document.createElement('canvas');
  picture.width = picture.height = 2 * half;
  const pen = picture.getContext('2d')!;
  pen.setTransform(size, 0, 0, size, half, half);
  const path = new Path2D(mark.path);
  pen.fillStyle = fill;
  pen.fill(path);
  if (rim) {
    pen.lineWidth = ((how === 'chosen' ? 1.6 : 0.7) * ratio) / size;
    pen.strokeStyle = rim;
    pen.stroke(path);
  }
  const made = { picture, half };
  stampsMade.set(key, made);
  return made;
}

/** How many points lie in each square of the screen, and how most of them are marked. */
export interface Squares {
  across: number;
  /** Per square, row by row. */
  n: Uint32Array;
  n_chosen: Uint32Array;
  /** A place in `kinds`: the mark that most labeled points of a square have. */
  most: Uint8Array;
  kinds: Mark[];
  /** The first square, counted from the map's own corner: squares stay on their points while the map moves. */
  column: number;
  row: number;
}

/** Marks that differ, the one without a label first, and the place of each label's among them. */
function kindsOf(marks: ReadonlyMap<number, Mark>): [kinds: Mark[], placeOf: Map<number, number>] {
  const [kinds, places, placeOf] = [[markOf(-1)], new Map<string, number>(), new Map<number, number>()];
  for (const [label, mark] of marks) {
    const name = mark.path + mark.hue;
    let place = label < 0 ? 0 : places.get(name);
    if (place === undefined) {
      place = kinds.length < 256 ? kinds.push(mark) - 1 : 0;
      places.set(name, place);
    }
    placeOf.set(label, place);
  }
  return [kinds, placeOf];
}

const flagged = new WeakMap<ReadonlySet<number>, Uint8Array>();

/** Which points are chosen, one byte each; made once for a choice, not once a frame. */
function flagsOf(chosen: ReadonlySet<number>, n: number): Uint8Array {
  const known = flagged.get(chosen);
  if (known?.length === n) return known;
  const made = new Uint8Array(n);
  for (const nth of chosen) made[nth] = 1;
  flagged.set(chosen, made);
  return made;
}

export function countSquares(scene: Scene, found: Uint32Array, frame: Frame, cell = SQUARE): Squares {
  const { x, y, label } = scene.grid;
  const scale = frame.side / cell;
  let [left, top, right, under] = [Infinity, Infinity, 0, 0];
  for (let i = 0; i < found.length; i++) {
    const px = x[found[i]!]!;
    const py = y[found[i]!]!;
    if (px < left) left = px;
    if (px > right) right = px;
    if (py < top) top = py;
    if (py > under) under = py;
  }
  const [column, row, last, bottom] = [left, top, right, under].map((at) => Math.floor(at * scale)) as [number, number, number, number];
  const across = found.length ? last - column + 1 : 0;
  const size = found.length ? across * (bottom - row + 1) : 0;
  const [kinds, placeOf] = kindsOf(scene.marks);
  const [n, n_chosen, most] = [new Uint32Array(size), new Uint32Array(size), new Uint8Array(size)];
  const n_kinds = kinds.length;
  const byKind = new Uint32Array(size * n_kinds);
  const kindOf = new Uint8Array(Math.max(0, ...placeOf.keys()) + 2);
  for (const [one, place] of placeOf) kindOf[one + 1] = place;
  const flags = scene.chosen.size ? flagsOf(scene.chosen, x.length) : null;
  for (let i = 0; i < found.length; i++) {
    const nth = found[i]!;
    const square = (Math.floor(y[nth]! * scale) - row) * across + Math.floor(x[nth]! * scale) - column;
    const kind = kindOf[label[nth]! + 1] ?? 0;
    n[square]!++;
    if (flags?.[nth]) n_chosen[square]!++;
    // A square counts as without a label only if all of its points are.
    const here = square * n_kinds;
    const now = ++byKind[here + kind]!;
    if (kind && (!most[square] || now > byKind[here + most[square]!]!)) most[square] = kind;
  }
  return { across, n, n_chosen, most, kinds, column, row };
}

function squares(pen: CanvasRenderingContext2D, scene: Scene, found: Uint32Array, frame: Frame, ratio: number, colors: Colors): void {
  const { across, n, n_chosen, most, kinds, column, row } = countSquares(scene, found, frame);
  let fullest = 2;
  for (let square = 0; square < n.length; square++) if (n[square]! > fullest) fullest = n[square]!;
  const steps = STEPS / Math.log(fullest);
  // By its logarithm: one point stays visible beside a thousand. In steps, so that a few marks serve all squares.
  const held: (Stamp | undefined)[] = [];
  const stampFor = (kind: number, count: number, how: 'plain' | 'chosen'): Stamp => {
    const step = Math.round(steps * Math.log(count));
    const key = (kind * (STEPS + 1) + step) * 2 + (how === 'plain' ? 0 : 1);
    return (held[key] ??= stampOf({ ...kinds[kind]!, size: 1 }, (SQUARE / 2) * (0.35 + (0.65 * step) / STEPS) * ratio, how, ratio, colors));
  };
  for (let square = 0; square < n.length; square++) {
    if (!n[square]) continue;
    const x = ratio * (frame.left + (column + (square % across) + 0.5) * SQUARE);
    const y = ratio * (frame.top + (row + Math.floor(square / across) + 0.5) * SQUARE);
    const plain = stampFor(most[square]!, n[square]!, 'plain');
    if (scene.chosen.size) pen.globalAlpha = FAINT;
    pen.drawImage(plain.picture, Math.round(x - plain.half), Math.round(y - plain.half));
    if (!n_chosen[square]) continue;
    const chosen = stampFor(most[square]!, n_chosen[square]!, 'chosen');
    pen.globalAlpha = 1;
    pen.drawImage(chosen.picture, Math.round(x - chosen.half), Math.round(y - chosen.half));
  }
  pen.globalAlpha = 1;
}

/** Draw what changes with every move: the point under the pointer, the lasso, the rectangle. */
export function drawOver(pen: CanvasRenderingContext2D, { points, hover, line, box }: Over, frame: Frame, ratio: number, colors: Colors): void {
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.clearRect(0, 0, pen.canvas.width, pen.canvas.height);
  pen.lineWidth = 2;
  if (hover !== null) {
    const size = 9;
    pen.setTransform(ratio * size, 0, 0, ratio * size, ratio * (frame.left + frame.side * points.x[hover]!), ratio * (frame.top + frame.side * points.y[hover]!));
    pen.lineWidth = 2 / size;
    pen.strokeStyle = colors.ink;
    pen.stroke(new Path2D(FORMS[0]));
  }
  pen.setTransform(ratio, 0, 0, ratio, ratio * frame.left, ratio * frame.top);
  pen.lineWidth = 2;
  pen.strokeStyle = colors.line;
  pen.fillStyle = colors.wash;
  const outline = new Path2D();
  for (const [nth, [x, y]] of line.entries()) outline[nth ? 'lineTo' : 'moveTo'](x * frame.side, y * frame.side);
  if (line.length > 1) outline.closePath();
  if (box) outline.rect(box.x * frame.side, box.y * frame.side, box.width * frame.side, box.height * frame.side);
  pen.globalAlpha = 0.2;
  pen.fill(outline);
  pen.globalAlpha = 1;
  pen.stroke(outline);
}
