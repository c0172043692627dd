import { expect, test } from 'vitest';
import { filtered, rowsOf, waysOf, type Diff } from '../src/lib/project/changed';

const of = (item: string) => ({ item, question: 'mood', why: '', words: item });
const DIFF: Diff = {
  added: [{ ...of('a'), label: 'pos', confidence: 1 }],
  removed: [{ ...of('r'), label: 'neg', confidence: 0.5 }],
  relabeled: ['neg', 'neg', 'pos'].map((old, nth) => ({ ...of(`c${nth}`), old, new: old === 'neg' ? 'pos' : 'neg', old_confidence: 0.6, new_confidence: 0.9 })),
  moved: [{ ...of('m'), label: 'pos', old_confidence: 0.9, new_confidence: 0.7 }],
  unchanged: 4,
};

test('every change is one row, and a release without the label has none on its side', () => {
  const rows = rowsOf(DIFF);
  expect(rows.map(({ item }) => item)).toEqual(['c0', 'c1', 'c2', 'm', 'a', 'r']);
  expect(rows.filter((row) => row.old === null).map(({ item }) => item)).toEqual(['a']);
  expect(rows.filter((row) => row.new === null).map(({ item }) => item)).toEqual(['r']);
});

test('rows are filtered by kind and by the way from label to label', () => {
  const rows = rowsOf(DIFF);
  expect(waysOf(rows)).toEqual([['neg → pos', 2], ['pos → neg', 1]]);
  const items = (kinds: ('moved' | 'removed')[], way = '', question = '') => filtered(rows, { kinds: new Set(kinds), way, question }).map(({ item }) => item);
  expect(items([])).toHaveLength(rows.length);
  expect(items(['moved', 'removed'])).toEqual(['m', 'r']);
  expect(items([], 'pos → neg')).toEqual(['c2']);
  expect(items([], '', 'another')).toEqual([]);
});
