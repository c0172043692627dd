import { expect, test } from 'vitest';
import type { Answer } from '../src/lib/answers';
import { diffSpans } from '../src/lib/editors/spans-diff';
import { lanes, linesOf, stretches } from '../src/lib/editors/spans-layout';
import { answerOf, layAnswer, type Mark, Marks } from '../src/lib/editors/spans-model';
import { levels, pathOf } from '../src/lib/editors/relations';
import { Offsets } from '../src/lib/editors/text-offsets';

const offsets = new Offsets('😀 Ada met Ben in Rome.');
const mark = (key: number, from: number, to: number, label = 'A', state: Mark['state'] = 'given'): Mark => ({ key, from, to, label, state });
const act = (added: Mark[], removed: Mark[] = []) => ({ words: '', added, removed, cut: [], tied: [] });

function dice(seed: number) {
  return (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

test('an answer laid down and read again is the same answer, ids and relations included', () => {
  const answer: Answer = {
    kind: 'span',
    spans: [
      { id: 'x', start: 2, end: 5, label: 'PER' },
      { id: 's1', start: 10, end: 13, label: 'PER' },
      { start: 17, end: 21, label: 'LOC' },
    ],
    relations: [{ head: 's1', tail: 'x', label: 'knows' }],
  };
  const marks = new Marks();
  layAnswer(marks, answer, offsets, 'given');
  expect(marks.all[0]).toMatchObject({ from: 3, to: 6 });
  expect(answerOf(marks, offsets)).toEqual(answer);
});

test('suggestions are no part of an answer, and one that was given already is not suggested', () => {
  const marks = new Marks();
  layAnswer(marks, { kind: 'span', spans: [{ start: 2, end: 5, label: 'PER' }] }, offsets, 'given');
  layAnswer(marks, { kind: 'span', spans: [{ start: 2, end: 5, label: 'PER' }, { start: 17, end: 21, label: 'LOC' }] }, offsets, 'suggested');
  expect([marks.count('given'), marks.count('suggested')]).toEqual([1, 1]);
  expect(answerOf(marks, offsets).spans).toHaveLength(1);
});

test('a new relation gives ids to its ends that no span has', () => {
  const marks = new Marks();
  marks.lay([{ ...mark(1, 0, 1), id: 's1' }, mark(2, 2, 3), mark(3, 4, 5)]);
  marks.do({ words: '', added: [], removed: [], cut: [], tied: [{ key: 9, head: 2, tail: 3, label: 'r' }] });
  const { spans, relations } = answerOf(marks, new Offsets('abcdefgh'));
  const ids = spans.map((span) => span.id).filter(Boolean);
  expect(ids).toHaveLength(2);
  expect(ids).not.toContain('s1');
  expect(relations).toEqual([{ head: ids[0], tail: ids[1], label: 'r' }]);
});

test('any acts, taken back and done again, leave what was there', () => {
  const roll = dice(7);
  const marks = new Marks();
  const states = [JSON.stringify(marks.all)];
  for (let turn = 0; turn < 120; turn++) {
    const added = Array.from({ length: 1 + roll(turn % 10 ? 3 : 50) }, () => {
      const from = roll(500);
      return mark(marks.fresh(), from, from + 1 + roll(30));
    });
    const removed = marks.all.filter(() => roll(5) === 0);
    marks.do(act(added, removed));
    states.push(JSON.stringify(marks.all));
  }
  for (let turn = states.length - 2; turn >= 0; turn--) {
    marks.undo();
    expect(JSON.stringify(marks.all)).toBe(states[turn]);
  }
  expect(marks.undo()).toBeNull();
  for (const state of states.slice(1)) {
    marks.redo();
    expect(JSON.stringify(marks.all)).toBe(state);
  }
});

test('the marks of a stretch are those that a look at each finds', () => {
  const roll = dice(11);
  const marks = new Marks();
  marks.lay(Array.from({ length: 300 }, (_, key) => {
    const from = roll(1_000);
    return mark(key, from, from + 1 + roll(key % 20 ? 12 : 400));
  }));
  for (let turn = 0; turn < 200; turn++) {
    const from = roll(1_000);
    const to = from + 1 + roll(60);
    const slow = marks.all.filter((one) => one.from < to && one.to > from);
    expect(marks.within({ from, to })).toEqual(slow);
  }
});

test('rules on overlap: never, only one inside the other, or any', () => {
  const marks = new Marks();
  marks.lay([mark(1, 10, 20), mark(2, 40, 50, 'A', 'suggested')]);
  const clash = (from: number, to: number, rule: 'none' | 'nested' | 'any') => marks.clash({ from, to }, rule)?.key ?? null;
  expect([clash(12, 15, 'none'), clash(12, 15, 'nested'), clash(15, 25, 'nested'), clash(15, 25, 'any')]).toEqual([1, null, 1, null]);
  expect([clash(20, 30, 'none'), clash(5, 30, 'nested'), clash(41, 45, 'none')]).toEqual([null, null, null]);
});

test('no two spans of one lane touch, their tags neither, and what holds another lies below it', () => {
  const roll = dice(3);
  for (let turn = 0; turn < 40; turn++) {
    const marks = Array.from({ length: 25 }, (_, key) => {
      const from = roll(150);
      return mark(key, from, from + 1 + roll(40));
    });
    const room = () => 8;
    const laid = lanes(marks, room);
    for (const a of laid) {
      for (const b of laid) {
        if (a === b || a.mark.from > b.mark.from) continue;
        if (a.lane === b.lane) expect(Math.max(a.mark.to, a.mark.from + 8)).toBeLessThanOrEqual(b.mark.from);
        const holds = a.mark.from <= b.mark.from && a.mark.to >= b.mark.to && a.mark.to - a.mark.from > b.mark.to - b.mark.from;
        if (holds) expect(a.lane).toBeGreaterThan(b.lane);
      }
    }
  }
});

test('stretches join to the whole line, and each is covered by what covers it', () => {
  const laid = lanes([mark(1, 2, 9), mark(2, 4, 6), mark(3, 8, 30)], () => 0);
  const found = stretches({ from: 0, to: 12 }, laid);
  expect(found.map(({ from, to, covers }) => [from, to, covers.map((one) => one.mark.key)])).toEqual([
    [0, 2, []],
    [2, 4, [1]],
    [4, 6, [1, 2]],
    [6, 8, [1]],
    [8, 9, [1, 3]],
    [9, 12, [3]],
  ]);
});

test('lines join to the whole text; long ones are cut at spaces, and never inside a pair', () => {
  for (const text of ['', 'a\n\nb\n', 'word '.repeat(1_000), '😀'.repeat(2_001), `${'x'.repeat(1_199)}😀y`]) {
    const lines = linesOf(text);
    let joined = '';
    lines.forEach((line, place) => {
      const next = lines[place + 1];
      joined += text.slice(line.from, line.to) + (next && next.from > line.to ? '\n' : '');
      expect(line.to - line.from).toBeLessThanOrEqual(1_201);
      expect(/^[\udc00-\udfff]/.test(text.slice(line.from, line.to))).toBe(false);
    });
    expect(joined).toBe(text);
  }
});

test('a difference is a place or a label that one side has alone', () => {
  const a = { start: 0, end: 3, label: 'PER' };
  const b = { start: 5, end: 8, label: 'LOC' };
  const moved = { ...b, end: 9 };
  const renamed = { ...a, label: 'ORG' };
  expect(diffSpans([a, b], [a, b])).toEqual({ agreed: [a, b], here: [], there: [] });
  expect(diffSpans([a, b], [renamed, moved])).toEqual({ agreed: [], here: [a, b], there: [renamed, moved] });
});

test('arcs over one line that would cross have different heights; the name stands on the arc', () => {
  const box = (left: number) => ({ left, right: left + 10, top: 50, bottom: 60 });
  const arcs = [{ head: box(0), tail: box(100) }, { head: box(20), tail: box(60) }, { head: box(140), tail: box(180) }];
  expect(levels(arcs)).toEqual([1, 0, 0]);
  const path = pathOf(box(0), box(100), 1);
  expect(path.x).toBe(55);
  expect(path.y).toBeLessThan(50);
  expect(path.d).not.toContain('NaN');
});
