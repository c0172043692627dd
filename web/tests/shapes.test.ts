import { expect, test } from 'vitest';
import type { Answer, Point } from '../src/lib/answers';
import { followed, inverse, through, uprightOf } from '../src/lib/editors/image-matrix';
import { countOf, fillRing, maskBounds, maskHas, movedRuns, pixelsOf, runsOf, runsOfPixels, stroke, textOfRuns } from '../src/lib/editors/mask-runs';
import { Draft } from '../src/lib/editors/shape-draft';
import { dragged, fieldsOf, handlesOf, moved, onImage, resized, TURN, turnedBy, withField, withoutPoint, withPointAfter } from '../src/lib/editors/shape-edits';
import { answerOf, boundsOf, type BoxForm, centerOf, type Form, hit, likeness, type MaskForm, shapesOf, turned } from '../src/lib/editors/shape-forms';
import { Grid } from '../src/lib/editors/shape-grid';
import { type Shape, Stack } from '../src/lib/editors/shape-stack';
import { orientationOf } from '../src/lib/orientation';

const image = { width: 100, height: 80 };
const box = (x: number, y: number, width: number, height: number, rotation = 0): BoxForm => ({ kind: 'box', x, y, width, height, rotation });
const square: Form = { kind: 'polygon', points: [[10, 10], [50, 10], [50, 50], [10, 50]], holes: [[[20, 20], [30, 20], [30, 30], [20, 30]]] };

/** Numbers that look like chance and are the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

test('what an answer holds comes back as it was', () => {
  const answers: Answer[] = [
    { kind: 'box', boxes: [{ x: 1, y: 2, width: 30, height: 40.5, label: 'a' }, { x: 1, y: 2, width: 3, height: 4, label: 'a', rotation: 12.5 }] },
    { kind: 'ellipse', ellipses: [{ cx: 9, cy: 9, rx: 4, ry: 2.5, label: 'a', rotation: 30 }] },
    { kind: 'polygon', polygons: [{ points: [[0, 0], [9, 0], [9, 9]], holes: [[[6, 1], [8, 1], [8, 3]]], label: 'a' }, { points: [[0, 0], [9, 0], [9, 9]], label: 'b' }] },
    { kind: 'polyline', polylines: [{ points: [[0, 0], [9, 4]], label: 'a' }] },
    { kind: 'keypoints', poses: [{ label: 'a', points: [{ name: 'n', sight: 'visible', x: 3, y: 4 }, { name: 't', sight: 'absent' }] }] },
    { kind: 'mask', masks: [{ width: 1000, height: 1, counts: '53Po0', label: 'a' }] },
  ];
  for (const answer of answers) expect(answerOf(answer.kind as 'box', shapesOf(answer))).toEqual(answer);
});

test('keypoints stand in the order of their skeleton, whatever the order they come in', () => {
  const points = [{ name: 'foot', sight: 'absent' as const }, { name: 'top', sight: 'visible' as const, x: 1, y: 2 }];
  const [shape] = shapesOf({ kind: 'keypoints', poses: [{ label: 'a', points }] }, { points: ['top', 'foot'], edges: [] });
  expect(fieldsOf(shape!.form)).toEqual([{ name: 'points', value: '1,2 -' }]);
});

test('run lengths are the text that COCO writes, and come back', () => {
  expect(textOfRuns([5, 3, 992])).toBe('53Po0');
  const next = chance(5);
  for (let round = 0; round < 200; round++) {
    const runs = Array.from({ length: 2 + Math.floor(next() * 30) }, () => 1 + Math.floor(next() ** 4 * 50_000_000));
    expect(runsOf(textOfRuns(runs))).toEqual(runs);
  }
});

test('pixels, runs and bounds of a mask say the same', () => {
  const next = chance(9);
  const pixels = Uint8Array.from({ length: 8000 }, () => (next() < 0.02 ? 1 : 0));
  const mask: MaskForm = { kind: 'mask', ...image, runs: runsOfPixels(pixels) };
  expect(pixelsOf(mask)).toEqual(pixels);
  expect(countOf(mask.runs)).toBe(pixels.reduce((sum, one) => sum + one, 0));
  const xs = [...pixels.keys()].filter((at) => pixels[at]).map((at) => [Math.floor(at / 80), at % 80] as const);
  expect(xs.every(([x, y]) => maskHas(mask, x, y))).toBe(true);
  expect(maskBounds(mask)).toEqual({
    left: Math.min(...xs.map(([x]) => x)),
    right: Math.max(...xs.map(([x]) => x)) + 1,
    top: Math.min(...xs.map(([, y]) => y)),
    bottom: Math.max(...xs.map(([, y]) => y)) + 1,
  });
  const there = { ...mask, runs: movedRuns(mask, 3, -2) };
  expect(xs.every(([x, y]) => maskHas(there, x + 3, y - 2) === (x + 3 < 100 && y - 2 >= 0))).toBe(true);
});

test('a run over the foot of a column has the height of the image', () => {
  const pixels = new Uint8Array(8000).fill(1, 75, 90);
  expect(maskBounds({ ...image, runs: runsOfPixels(pixels) })).toEqual({ left: 0, top: 0, right: 2, bottom: 80 });
});

test('a brush and an outline take the pixels whose centers they hold', () => {
  const pixels = new Uint8Array(8000);
  stroke(pixels, image, [10.5, 10.5], [10.5, 10.5], 2, 1);
  expect(countOf(runsOfPixels(pixels))).toBe(13);
  stroke(pixels, image, [10.5, 10.5], [10.5, 10.5], 2, 0);
  expect(runsOfPixels(pixels)).toEqual([8000]);
  fillRing(pixels, image, [[5, 5], [9, 5], [9, 8], [5, 8]], 1);
  expect(countOf(runsOfPixels(pixels))).toBe(12);
  expect(maskBounds({ ...image, runs: runsOfPixels(pixels) })).toEqual({ left: 5, top: 5, right: 9, bottom: 8 });
});

test('a corner drawn past the other makes a box all the same, on the image and of whole pixels', () => {
  expect(dragged(box(10, 10, 20, 20), 4, [2.4, 5], image)).toEqual(box(2, 5, 8, 5));
  expect(dragged(box(10, 10, 20, 20), 4, [500, 500], image)).toEqual(box(10, 10, 90, 70));
  expect(dragged(box(10, 10, 20, 20), 1, [0, 15], image)).toEqual(box(10, 15, 20, 15));
});

test('a box turns about its center and back, and its handles turn with it', () => {
  const start = box(10, 20, 30, 10);
  const around = turnedBy(start, 30) as BoxForm;
  const [cx, cy] = centerOf(around);
  expect(Math.hypot(cx - 25, cy - 25)).toBeLessThan(0.01);
  expect(turnedBy(around, -30)).toEqual(start);
  const [topLeft] = handlesOf(around, 5);
  expect(topLeft!.at).toEqual(turned([around.x, around.y], 0));
  const wider = dragged(around, 3, turned([around.x + 40, around.y + 5], 30, [around.x, around.y]), image) as BoxForm;
  expect(wider).toEqual({ ...around, width: 40 });
  expect((dragged(start, TURN, [60, 25], image) as BoxForm).rotation).toBe(90);
});

test('nothing leaves the image, however far it is moved', () => {
  expect(moved(box(10, 10, 20, 20), -50, 500, image)).toEqual(box(0, 60, 20, 20));
  expect(resized(box(90, 70, 5, 5), 50, 50, image)).toEqual(box(90, 70, 10, 10));
  const shape = moved(square, 1000, 1000, image);
  expect(boundsOf(shape)).toEqual({ left: 60, top: 40, right: 100, bottom: 80 });
  expect(onImage(shape, image)).toBe(true);
});

test('points come and go, but an outline keeps three', () => {
  const more = withPointAfter(square, 0, [30, 5]) as Form & { kind: 'polygon' };
  expect(more.points[1]).toEqual([30, 5]);
  expect(withoutPoint(more, 1)).toEqual(square);
  expect(withoutPoint({ kind: 'polygon', points: [[0, 0], [1, 0], [1, 1]], holes: [] }, 0)).toBeNull();
  expect(withoutPoint(square, 4)).toMatchObject({ holes: [[[30, 20], [30, 30], [20, 30]]] });
});

test('what is typed into the table is taken when the image can hold it', () => {
  expect(withField(box(10, 10, 20, 20), 'width', '30', image)).toEqual(box(10, 10, 30, 20));
  expect(withField(box(10, 10, 20, 20), 'width', '300', image)).toBeNull();
  expect(withField(box(10, 10, 20, 20), 'x', '', image)).toBeNull();
  expect(withField({ kind: 'polyline', points: [[0, 0], [1, 1]] }, 'points', '5,6 7,8 9,10', image)).toEqual({ kind: 'polyline', points: [[5, 6], [7, 8], [9, 10]] });
  expect(withField({ kind: 'polyline', points: [[0, 0], [1, 1]] }, 'points', '5,6 x', image)).toBeNull();
});

test('edges are hit before insides, holes are outside', () => {
  expect(hit(square, [10.5, 30], 1)).toBe('edge');
  expect(hit(square, [40, 40], 1)).toBe('inside');
  expect(hit(square, [25, 25], 1)).toBeNull();
  expect(hit(box(10, 10, 20, 10, 90), [5, 20], 1)).toBe('inside');
  expect(likeness(boundsOf(box(0, 0, 10, 10)), boundsOf(box(5, 0, 10, 10)))).toBeCloseTo(1 / 3);
});

test('the grid finds what a look at every shape finds', () => {
  const next = chance(3);
  const size = { width: 4000, height: 3000 };
  const grid = new Grid(size);
  const all = Array.from({ length: 2000 }, () => {
    const [left, top, w] = [next() * 4000, next() * 3000, next() ** 6 * 4000];
    return { left, top, right: left + w, bottom: top + w };
  });
  all.forEach((bounds, key) => grid.put(key, bounds));
  for (let key = 0; key < 500; key += 5) grid.drop(key);
  for (let round = 0; round < 60; round++) {
    const [left, top, w] = [next() * 4000, next() * 3000, next() ** 2 * 900];
    const want = all.flatMap((one, key) =>
      (key >= 500 || key % 5 !== 0) && one.left <= left + w && one.right >= left && one.top <= top + w && one.bottom >= top ? [key] : [],
    );
    expect([...grid.within({ left, top, right: left + w, bottom: top + w })].sort((a, b) => a - b)).toEqual(want);
  }
});

test('acts are taken back and done again, in reading order all the while', () => {
  const stack = new Stack(image);
  const next = chance(11);
  const some = (): Shape => ({ key: stack.fresh(), form: box(Math.floor(next() * 80), Math.floor(next() * 60), 5, 5), label: 'a', state: next() < 0.5 ? 'given' : 'suggested' });
  stack.lay(Array.from({ length: 30 }, some));
  const seen = [JSON.stringify(stack.all())];
  for (let round = 0; round < 60; round++) {
    const one = stack.all()[Math.floor(next() * stack.count)]!;
    const way = next();
    if (way < 0.4) stack.do({ words: '', removed: [], added: [some()] });
    else if (way < 0.6) stack.do({ words: '', removed: [one], added: [] });
    else stack.do({ words: '', removed: [one], added: [{ ...one, state: 'given', form: moved(one.form, 10, 3, image) }] });
    seen.push(JSON.stringify(stack.all()));
    const tops = stack.all().map(({ key }) => stack.boundsOf(key).top);
    expect(tops).toEqual([...tops].sort((a, b) => a - b));
    expect(stack.all().map(({ key }) => stack.placeOf(key))).toEqual([...tops.keys()]);
    expect(stack.open).toBe(stack.all().filter((shape) => shape.state === 'suggested').length);
  }
  for (let back = 59; back >= 0; back--) {
    stack.undo();
    expect(JSON.stringify(stack.all())).toBe(seen[back]);
  }
  expect(stack.undo()).toBeNull();
  for (let on = 1; on <= 60; on++) {
    stack.redo();
    expect(JSON.stringify(stack.all())).toBe(seen[on]);
  }
});

test('at a place the smallest shape is found, and an edge before any inside', () => {
  const stack = new Stack(image);
  const lay = [box(0, 0, 90, 70), box(20, 20, 30, 30), box(25, 25, 5, 5)].map((form): Shape => ({ key: stack.fresh(), form, label: 'a', state: 'given' }));
  stack.lay(lay);
  expect(stack.at([27, 27], 0.5)?.shape).toBe(lay[2]);
  expect(stack.at([40, 40], 0.5)?.shape).toBe(lay[1]);
  expect(stack.at([0, 27], 0.5)).toMatchObject({ shape: lay[0], what: 'edge' });
  expect(stack.at([95, 75], 0.5)).toBeNull();
});

test('four clicks on its edges make the box around them', () => {
  const draft = new Draft('box', image, 'extreme');
  for (const point of [[30, 10], [10, 30], [40, 60], [70, 25]] as Point[]) draft.add(point);
  expect(draft.isWhole).toBe(true);
  expect(draft.finished()).toEqual(box(10, 10, 60, 50));
});

test('what is seen of a turned photo and its stored pixels map onto each other', () => {
  for (let orientation = 1; orientation <= 8; orientation++) {
    const way = uprightOf(orientation, 640, 427);
    const swapped = orientation > 4;
    const corners = ([[0, 0], [640, 0], [640, 427], [0, 427]] as Point[]).map((point) => through(way, point));
    expect(Math.min(...corners.flat())).toBe(0);
    expect([Math.max(...corners.map(([x]) => x)), Math.max(...corners.map(([, y]) => y))]).toEqual(swapped ? [427, 640] : [640, 427]);
    const whole = followed(way, [2, 0, 0, 2, 30, 40]);
    const [x, y] = through(inverse(whole), through(whole, [12, 34]));
    expect([Math.round(x * 1e6) / 1e6, Math.round(y * 1e6) / 1e6]).toEqual([12, 34]);
  }
  // A camera held on its right side: what is stored at the left is seen at the top.
  expect(through(uprightOf(6, 640, 427), [100, 50])).toEqual([377, 100]);
});

test('the orientation of a JPEG is read in both byte orders, and is upright wherever it cannot be read', () => {
  const note = (little: boolean) => {
    const bytes = new Uint8Array(64);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0xffd8ffe1);
    view.setUint16(4, 58);
    view.setUint32(6, 0x45786966);
    view.setUint16(12, little ? 0x4949 : 0x4d4d);
    view.setUint32(16, 8, little);
    view.setUint16(20, 1, little);
    view.setUint16(22, 0x0112, little);
    view.setUint16(30, 6, little);
    return bytes;
  };
  expect([note(true), note(false)].map(orientationOf)).toEqual([6, 6]);
  for (let cut = 0; cut < 64; cut++) expect([1, 6]).toContain(orientationOf(note(true).subarray(0, cut)));
  expect(orientationOf(new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 0, 0, 0]))).toBe(1);
});
