import { describe, expect, it } from 'vitest';
import type { Answer, Question } from '../src/lib/api';
import { askedOnly, nextAsked } from '../src/lib/asked';

const choice = (label: string): Answer => ({ kind: 'choice', label });
const tree: Question[] = [
  { name: 'person', kind: 'choice', labels: [] },
  { name: 'belt', kind: 'choice', labels: [], ask_if: { question: 'person', labels: ['yes'] } },
  { name: 'color', kind: 'choice', labels: [], ask_if: { question: 'belt', labels: ['on'] } },
  { name: 'sure', kind: 'choice', labels: [] },
];

describe('a question tree', () => {
  it('leads to the next question that is asked', () => {
    expect(nextAsked(tree, { person: choice('yes') }, 0)).toBe(1);
    expect(nextAsked(tree, { person: choice('no') }, 0)).toBe(3);
    expect(nextAsked(tree, { person: choice('yes'), belt: choice('on') }, 1)).toBe(2);
    expect(nextAsked(tree, { person: choice('yes'), belt: { kind: 'abstain', reason: '' } }, 1)).toBe(3);
    expect(nextAsked(tree, {}, 3)).toBe(null);
  });

  it('leaves out what is not asked any more, also further down the tree', () => {
    const answers = { person: choice('no'), belt: choice('on'), color: choice('red'), sure: choice('yes') };
    expect(Object.keys(askedOnly(tree, answers))).toEqual(['person', 'sure']);
  });
});
