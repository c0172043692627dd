/**
 * The map of a project's items: its points, what a lasso or a rectangle takes in, and how a label is marked.
 *
 * In: the server's map; shapes from 0 to 1. Out: numbers of points, outlines of marks. Never: the document.
 */

import { at, call } from '../api';
import { uuid7 } from '../ids';
import { HUES } from '../labels';

export interface Points {
  id: string[];
  x: number[];
  y: number[];
  state: string[];
  /** A place in the map's labels, -1 where there is none. */
  label: number[];
  confidence: (number | null)[];
  words: string[];
}
export interface ItemMap {
  at: string | null;
  how: string;
  round: number | null;
  method: string | null;
  seed: string | null;
  n_items: number;
  labels: string[];
  points: Points;
}
export type Spot = readonly [x: number, y: number];
export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** So many items travel in one call. */
const AT_ONCE = 1000;

async function each(project: string, path: string, items: readonly string[], body: object): Promise<number> {
  let done = 0;
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const chosen = { items: items.slice(from, from + AT_ONCE) };
    done += (await call<{ n_items: number }>(at(project, path), { method: 'POST', body: { id: uuid7(), chosen, ...body } })).n_items;
  }
  return done;
}

export const maps = {
  newest: (project: string) => call<ItemMap>(at(project, '/map')),
  ahead: (project: string, items: readonly string[], priority: number) => each(project, '/priorities', items, { priority }),
  again: (project: string, items: readonly string[], purpose: string) => each(project, '/again', items, { purpose }),
};

/** What stands for an item in a line: its first words, or the beginning of its id. */
export const nameOf = (points: Points, nth: number): string => points.words[nth] || points.id[nth]!.slice(0, 8);
export const mediaOf = (project: string, points: Points, nth: number): string => at(project, `/items/${points.id[nth]}/media`);

/** Whether a spot lies within a closed line, by how often a ray from it crosses the line. */
export function within(line: readonly Spot[], x: number, y: number): boolean {
  let inside = false;
  for (let at = 0, before = line.length - 1; at < line.length; before = at++) {
    const [ax, ay] = line[at]!;
    const [bx, by] = line[before]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

/** Bands that a closed line's edges are laid into, so that a point meets those alone that pass its height. */
const BANDS = 256;

/** `within` for very many points: what a line takes in, without a look at all of its edges for each. */
export function lasso(line: readonly Spot[]): (x: number, y: number) => boolean {
  let [top, bottom] = [Infinity, -Infinity];
  for (const [, y] of line) [top, bottom] = [Math.min(top, y), Math.max(bottom, y)];
  const bands: number[][] = Array.from({ length: BANDS }, () => []);
  const bandOf = (y: number) => Math.min(BANDS - 1, Math.floor(((y - top) / (bottom - top || 1)) * BANDS));
  for (let at = 0, before = line.length - 1; at < line.length; before = at++) {
    const [a, b] = [bandOf(line[at]![1]), bandOf(line[before]![1])];
    for (let band = Math.min(a, b); band <= Math.max(a, b); band++) bands[band]!.push(at);
  }
  return (x, y) => {
    if (!(y >= top && y <= bottom)) return false;
    let inside = false;
    for (const at of bands[bandOf(y)]!) {
      const [ax, ay] = line[at]!;
      const [bx, by] = line[at === 0 ? line.length - 1 : at - 1]!;
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
    return inside;
  };
}

/** A rectangle after a key: arrows move it, with Shift they stretch it; it stays on the map. */
export function moved(box: Rectangle, key: string, stretch: boolean, by = 0.02): Rectangle {
  const [dx, dy] = ({ ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] } as Record<string, [number, number]>)[key] ?? [0, 0];
  const kept = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));
  if (stretch) return { ...box, width: kept(box.width + dx, by, 1 - box.x), height: kept(box.height + dy, by, 1 - box.y) };
  return { ...box, x: kept(box.x + dx, 0, 1 - box.width), y: kept(box.y + dy, 0, 1 - box.height) };
}

/** How many of these points have each label, most first. */
export function tally(points: Points, chosen: Iterable<number>): [label: number, n: number][] {
  const found = new Map<number, number>();
  for (const nth of chosen) found.set(points.label[nth]!, (found.get(points.label[nth]!) ?? 0) + 1);
  return [...found].sort((a, b) => b[1] - a[1]);
}

/** Outlines around 0, about 1 in reach: eight hues and five forms tell forty labels apart, and nothing rests on hue alone. */
export const FORMS = ['M-1,0a1,1,0,1,0,2,0a1,1,0,1,0,-2,0z', 'M-.88,-.88h1.76v1.76h-1.76z', 'M0,-1.15L1.1,.85H-1.1z', 'M0,-1.25L1.25,0L0,1.25L-1.25,0z', 'M-.42,-1.15h.84v.73h.73v.84h-.73v.73h-.84v-.73h-.73v-.84h.73z'] as const;
const NONE = 0.55;

export interface Mark {
  path: string;
  /** Empty where there is no label: the color of what is aside. */
  hue: string;
  size: number;
}
export function markOf(label: number, color = ''): Mark {
  if (label < 0) return { path: FORMS[0], hue: '', size: NONE };
  return { path: FORMS[label % FORMS.length]!, hue: color || HUES[label % HUES.length]!, size: 1 };
}
