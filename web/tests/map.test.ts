import { describe, expect, test } from 'vitest';
import { boxed, lassoed, markOf, moved, nearest, tally, within, type Points, type Spot } from '../src/lib/manage/map';

const SQUARE: Spot[] = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]];
const NOTCHED: Spot[] = [[0, 0], [1, 0], [1, 1], [0.5, 0.2], [0, 1]];

function points(...rows: [x: number, y: number, label: number][]): Points {
  return {
    id: rows.map((_, nth) => `i${nth}`),
    x: rows.map(([x]) => x),
    y: rows.map(([, y]) => y),
    state: rows.map(() => 'settled'),
    label: rows.map(([, , label]) => label),
    confidence: rows.map(() => null),
    words: rows.map(() => ''),
  };
}

describe('what is taken in', () => {
  test('a lasso takes what lies within it, also where its line turns inward', () => {
    expect(within(SQUARE, 0.5, 0.5)).toBe(true);
    expect(within(SQUARE, 0.1, 0.5)).toBe(false);
    expect(within(NOTCHED, 0.5, 0.1)).toBe(true);
    expect(within(NOTCHED, 0.5, 0.9)).toBe(false);
  });

  test('what is hidden is neither taken nor hovered', () => {
    const some = points([0.5, 0.5, 0], [0.5, 0.5, 1], [0.9, 0.9, 0]);
    expect(lassoed(some, new Set(), SQUARE)).toEqual([0, 1]);
    expect(lassoed(some, new Set([1]), SQUARE)).toEqual([0]);
    expect(boxed(some, new Set([0]), { x: 0, y: 0, width: 1, height: 1 })).toEqual([1]);
    expect(nearest(some, new Set([0, 1]), [0.5, 0.5], 1)).toBeNull();
    expect(nearest(some, new Set(), [0.88, 0.9], 0.05)).toBe(2);
    expect(tally(some, [0, 1, 2])).toEqual([[0, 2], [1, 1]]);
  });

  test('arrows move a rectangle and stretch it with Shift, and it never leaves the map', () => {
    let box = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };
    for (let n = 0; n < 100; n++) box = moved(box, 'ArrowRight', false);
    expect(box.x + box.width).toBeCloseTo(1);
    for (let n = 0; n < 100; n++) box = moved(box, 'ArrowDown', true);
    expect(box.y + box.height).toBeCloseTo(1);
    for (let n = 0; n < 100; n++) box = moved(box, 'ArrowLeft', true);
    expect(box.width).toBeGreaterThan(0);
  });

  test('forty labels differ in hue or form', () => {
    const marks = Array.from({ length: 40 }, (_, nth) => markOf(nth));
    expect(new Set(marks.map(({ path, hue }) => path + hue)).size).toBe(40);
    expect(markOf(-1).hue).toBe('');
  });
});
