import { describe, expect, test } from 'vitest';
import { lasso, markOf, moved, tally, within, type Points, type Spot } from '../src/lib/manage/map';
import { countSquares } from '../src/lib/manage/map-draw';
import { MapGrid } from '../src/lib/manage/map-grid';
import { between, frameOf, inSight, panned, revealing, WHOLE, zoomed, type View } from '../src/lib/manage/map-view';

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

  test('a lasso laid into bands takes the very points that a look at every edge does', () => {
    const wild: Spot[] = Array.from({ length: 90 }, (_, n) => [0.5 + 0.45 * Math.cos(n * 0.9) * ((n % 7) / 7), 0.5 + 0.45 * Math.sin(n * 0.7)]);
    const level: Spot[] = [[0.1, 0.5], [0.9, 0.5], [0.5, 0.5]];
    for (const line of [SQUARE, NOTCHED, wild, level]) {
      const takes = lasso(line);
      for (let x = -0.1; x < 1.1; x += 0.013) for (let y = -0.1; y < 1.1; y += 0.017) expect(takes(x, y)).toBe(within(line, x, y));
      for (const [x, y] of line) expect(takes(x, y)).toBe(within(line, x, y));
    }
  });

  test('what is hidden is neither taken nor hovered', () => {
    const some = points([0.5, 0.5, 0], [0.5, 0.5, 1], [0.9, 0.9, 0]);
    const grid = new MapGrid(some);
    expect(grid.lassoed(SQUARE, new Set())).toEqual([0, 1]);
    expect(grid.lassoed(SQUARE, new Set([1]))).toEqual([0]);
    expect([...grid.within({ x: 0, y: 0, width: 1, height: 1 }, new Set([0]))]).toEqual([1]);
    expect(grid.nearest([0.5, 0.5], 1, new Set([0, 1]))).toBeNull();
    expect(grid.nearest([0.88, 0.9], 0.05, new Set())).toBe(2);
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

/** As many points as this, the same each time. */
function scattered(n: number): Points {
  let seed = 7;
  const next = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  return points(...Array.from({ length: n }, (_, nth): [number, number, number] => [next() ** 2, next(), (nth % 4) - 1]));
}

describe('points by where they lie', () => {
  test('what is found in a rectangle is what a look at every point finds', () => {
    const some = scattered(3000);
    const grid = new MapGrid(some);
    for (const [x, y, width, height] of [[0, 0, 1, 1], [0.1, 0.2, 0.05, 0.3], [0.9, 0.9, 0.5, 0.5], [-1, -1, 0.5, 0.5], [0.3, 0.3, 0, 0]] as const) {
      const expected = some.id.map((_, nth) => nth).filter((nth) => some.label[nth] !== 2 && some.x[nth]! >= x && some.x[nth]! <= x + width && some.y[nth]! >= y && some.y[nth]! <= y + height);
      expect([...grid.within({ x, y, width, height }, new Set([2]))].sort((a, b) => a - b)).toEqual(expected);
    }
  });

  test('every point in sight is counted in one square, chosen ones too', () => {
    const some = scattered(3000);
    const grid = new MapGrid(some);
    const marks = new Map([-1, 0, 1, 2].map((label) => [label, markOf(label)]));
    const counted = countSquares({ grid, points: some, marks, hidden: new Set(), chosen: new Set([0, 1, 2]) }, grid.within({ x: 0, y: 0, width: 1, height: 1 }, new Set()), { left: 0, top: 0, side: 300 });
    const sum = (all: Uint32Array) => all.reduce((one, other) => one + other, 0);
    expect([sum(counted.n), sum(counted.n_chosen)]).toEqual([3000, 3]);
    const alone = points([0.5, 0.5, -1], [0.5, 0.5, -1], [0.5, 0.5, 1]);
    const one = countSquares({ grid: new MapGrid(alone), points: alone, marks, hidden: new Set(), chosen: new Set() }, Uint32Array.of(0, 1, 2), { left: 0, top: 0, side: 300 });
    expect([[...one.n], one.kinds[one.most[0]!]]).toEqual([[3], markOf(1)]);
  });
});

describe('what is in sight', () => {
  const room = { width: 800, height: 600 };
  const placeAt = (view: View, x: number, y: number) => {
    const { left, top, side } = frameOf(room, view);
    return [(x - left) / side, (y - top) / side];
  };

  test('the place under the pointer stays there while the zoom grows, and all of it comes back', () => {
    const [x, y] = [500, 320];
    const near = zoomed(WHOLE, room, 3, [x, y]);
    for (const [at, place] of placeAt(near, x, y).entries()) expect(place).toBeCloseTo(placeAt(WHOLE, x, y)[at]!);
    expect(zoomed(near, room, 1e-6)).toEqual(WHOLE);
    expect(zoomed(near, room, 1e9).zoom).toBeLessThan(1000);
  });

  test('the map is never drawn out of the plane, and a rectangle is brought into sight', () => {
    const near = zoomed(WHOLE, room, 8);
    const far = panned(near, room, 1e6, -1e6);
    const seen = inSight(room, frameOf(room, far));
    expect([seen.x, seen.y + seen.height]).toEqual([0, 1]);
    expect(seen.width * seen.height).toBeGreaterThan(0);
    const corner = { x: 0.98, y: 0.01, width: 0.02, height: 0.02 };
    const { x, width } = inSight(room, frameOf(room, revealing(far, room, corner)));
    expect(x + width).toBeCloseTo(1);
    expect(revealing(near, room, { x: 0.5, y: 0.5, width: 0.01, height: 0.01 })).toBe(near);
  });

  test('on the way from view to view the place that both hold still holds still', () => {
    const end = zoomed(WHOLE, room, 5, [450, 250]);
    const [before, half] = [placeAt(WHOLE, 450, 250), placeAt(between(WHOLE, end, 0.5), 450, 250)];
    expect(half[0]).toBeCloseTo(before[0]!);
    expect(half[1]).toBeCloseTo(before[1]!);
    expect(between(WHOLE, end, 1)).toEqual(end);
  });
});
