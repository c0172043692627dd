import { describe, expect, it } from 'vitest';
import { compare, partsOf } from '../src/lib/aside/parts';
import type { Answer, Question } from '../src/lib/api';

const question: Question = { name: 'q', kind: 'choices', labels: [{ name: 'a', title: 'Apple' }, { name: 'b' }] };

describe('answers of several parts', () => {
  it('differ where one says what another does not, and agree elsewhere', () => {
    const found = compare([{ kind: 'choices', labels: ['a'] }, { kind: 'choices', labels: ['a', 'b'] }], question);
    expect(found).toEqual({ differ: [{ name: 'b', says: ['', '✓'] }], agree: [{ name: 'Apple', says: ['✓', '✓'] }] });
  });

  it('lose no part: every part of every answer is in one row', () => {
    const answers: Answer[] = [
      { kind: 'ranking', order: [[1], [0, 2]] },
      { kind: 'ranking', order: [[0], [1], [2]] },
      { kind: 'abstain', reason: '' },
    ];
    const found = compare(answers, { name: 'q', kind: 'ranking' })!;
    expect([...found.differ, ...found.agree].map(({ name }) => name).sort()).toEqual(['A', 'B', 'C']);
    expect(found.differ.find(({ name }) => name === 'A')!.says).toEqual(['2', '1', '']);
  });

  it('name grades by their turn, and put several values of a key together', () => {
    const rubric: Question = { name: 'q', kind: 'rubric', criteria: [{ name: 'kind', title: 'Kindness', minimum: 1, maximum: 5 }] };
    expect([...partsOf({ kind: 'rubric', grades: [{ turn: 1, criterion: 'kind', value: 4 }] }, rubric)!]).toEqual([['Kindness, turn 2', '4']]);
    const card: Question = { name: 'q', kind: 'key_values', keys: [] };
    const pairs = [{ key: 'who', value: 'Ann' }, { key: 'who', value: 'Bo' }, { key: 'paid', value: true }];
    expect([...partsOf({ kind: 'key_values', pairs }, card)!]).toEqual([['who', 'Ann · Bo'], ['paid', 'yes']]);
  });

  it('are no table where an answer is one part', () => {
    expect(compare([{ kind: 'rating', value: 1 }, { kind: 'rating', value: 2 }], { name: 'q', kind: 'rating' })).toBeNull();
  });
});
