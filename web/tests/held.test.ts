import { beforeEach, expect, test } from 'vitest';
import { heldElsewhere, hold } from '../src/lib/held';

const kept = new Map<string, string>();
Object.assign(globalThis, {
  localStorage: {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => void kept.set(name, value),
  },
});

beforeEach(() => kept.clear());

test('a tab hears what the others hold, not what it held itself before it was loaded again', () => {
  hold('one', ['a', 'b'], 1_000);
  hold('two', ['c'], 1_000);
  expect(heldElsewhere('one', 2_000)).toEqual(['c']);
  expect(heldElsewhere('three', 2_000).sort()).toEqual(['a', 'b', 'c']);
});

test('a tab that was closed, or has been silent for long, holds nothing', () => {
  hold('one', ['a'], 1_000);
  hold('two', ['b'], 500_000);
  hold('two', [], 600_000);
  expect(heldElsewhere('three', 899_000)).toEqual(['a']);
  expect(heldElsewhere('three', 902_000)).toEqual([]);
});

test('what cannot be read is as nothing', () => {
  kept.set('goldseam.held', 'not json');
  expect(heldElsewhere('one')).toEqual([]);
  hold('one', ['a'], 1_000);
  expect(heldElsewhere('two', 1_000)).toEqual(['a']);
});
