import { expect, test } from 'vitest';
import { quarantine, read, releases } from '../src/lib/quality';
import { decimal, plural, seconds, share } from '../src/lib/words';

test('no report is null, and a report keeps what is undefined', () => {
  expect(read(null)).toBeNull();
  expect(read({})).toBeNull();
  const found = read({ agreement: { value: null, reason: 'One annotator.' }, accuracy: { n: 0, value: null }, band: 'undefined' });
  expect(found).toMatchObject({ agreement: { value: null }, annotators: [], pairs: [], warnings: [] });
});

test('releases and quarantine are read from a list or from an object that holds one', () => {
  const line = { number: 1, n_items: 96, at: '2026-11-11T09:02:00Z', checkpoint_size: 611 };
  expect(releases([line])).toEqual([line]);
  expect(releases({ releases: [line] })).toEqual([line]);
  expect(releases('nonsense')).toEqual([]);
  expect(quarantine([{ source: 'a.csv', line: 3, reason: 'empty', text: ',,' }])).toHaveLength(1);
});

test('what is undefined is said in words', () => {
  expect([share(null), decimal(null), seconds(null)]).toEqual(['not measured', 'undefined', 'none yet']);
});

test('numbers read as people write them', () => {
  expect([share(0.9024), decimal(0.5678), seconds(3.42), seconds(125), plural(1, 'item'), plural(2_000, 'entry', 'entries')]).toEqual([
    '90.2 %', '0.57', '3.4 s', '2 min 5 s', '1 item', '2,000 entries',
  ]);
});
