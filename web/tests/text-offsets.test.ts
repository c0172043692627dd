import { expect, test } from 'vitest';
import { byGrapheme, byWord, likeThis, Offsets, snap, wordAt } from '../src/lib/editors/text-offsets';

const FAMILY = '👨‍👩‍👧';
const TEXTS = {
  plain: 'Ada met Ben.',
  emoji: '😀 Ada 👍🏽 Ben',
  combining: 'Rene\u0301 naïve',
  family: `with ${FAMILY} home`,
  hebrew: 'דוד בן גוריון, Haifa',
  empty: '',
};

test.each(Object.entries(TEXTS))('every place of a text is counted as Python counts it, and back: %s', (_, text) => {
  const offsets = new Offsets(text);
  expect(offsets.length).toBe([...text].length);
  let unit = 0;
  [...text, ''].forEach((char, point) => {
    expect([offsets.toPoint(unit), offsets.toUnit(point)]).toEqual([point, unit]);
    unit += char.length;
  });
});

test('places beyond many pairs, and on both sides of every stride of the table, are right', () => {
  const text = 'a😀bc'.repeat(2_000);
  const offsets = new Offsets(text);
  const units: number[] = [];
  let unit = 0;
  for (const char of text) {
    units.push(unit);
    unit += char.length;
  }
  expect(units.map((one) => offsets.toPoint(one))).toEqual(units.map((_, point) => point));
  expect(units.map((_, point) => offsets.toUnit(point))).toEqual(units);
});

test('a place inside a pair is the place before it, and places beyond the ends are the ends', () => {
  const offsets = new Offsets('a😀b');
  expect(offsets.toPoint(2)).toBe(1);
  expect([offsets.toPoint(-3), offsets.toPoint(99), offsets.toUnit(99)]).toEqual([0, 3, 4]);
});

test('a caret goes over a family, an accent and a skin tone in one step, both ways', () => {
  for (const [text, cluster] of [[TEXTS.family, FAMILY], [TEXTS.combining, 'e\u0301'], [TEXTS.emoji, '👍🏽']] as const) {
    const from = text.indexOf(cluster);
    expect(byGrapheme(text, from, 1)).toBe(from + cluster.length);
    expect(byGrapheme(text, from + cluster.length, -1)).toBe(from);
  }
  expect([byGrapheme('ab', 2, 1), byGrapheme('ab', 0, -1)]).toEqual([2, 0]);
});

test('a caret goes from word to word, over what lies between', () => {
  const text = 'One, two — three.';
  const starts = [0];
  while (starts.at(-1)! < text.length) starts.push(byWord(text, starts.at(-1)!, 1, 'start'));
  expect(starts).toEqual([0, 5, 11, text.length]);
  expect(byWord(text, 0, 1, 'end')).toBe(3);
  expect([byWord(text, 11, -1, 'start'), byWord(text, 5, -1, 'start'), byWord(text, 0, -1, 'start')]).toEqual([5, 0, 0]);
  expect(wordAt(text, 4)).toBeNull();
});

test('a sloppy selection becomes the words it touches; without snapping it only loses its spaces', () => {
  const text = 'Ada Lovelace wrote';
  expect(snap(text, { from: 2, to: 7 }, 'words')).toEqual({ from: 0, to: 12 });
  expect(snap(text, { from: 7, to: 2 }, 'graphemes')).toEqual({ from: 2, to: 7 });
  expect(snap(text, { from: 3, to: 13 }, 'graphemes')).toEqual({ from: 4, to: 12 });
  expect(snap(text, { from: 3, to: 4 }, 'words')).toBeNull();
  expect(snap(TEXTS.family, { from: 6, to: 7 }, 'graphemes')).toEqual({ from: 5, to: 5 + FAMILY.length });
});

test('what is like a word is a word; what is like a part is any part', () => {
  const text = 'Rom, Rome, Rom';
  expect(likeThis(text, { from: 0, to: 3 })).toEqual([{ from: 0, to: 3 }, { from: 11, to: 14 }]);
  expect(likeThis('aba aba', { from: 1, to: 2 }).map((one) => one.from)).toEqual([1, 5]);
});

test('a million characters are counted in one go and asked about in a short walk', () => {
  const text = 'x😀'.repeat(333_334);
  const offsets = new Offsets(text);
  expect(offsets.toPoint(text.length)).toBe(666_668);
  expect(offsets.toUnit(600_001)).toBe(900_001);
});
