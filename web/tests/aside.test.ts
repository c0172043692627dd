import { expect, test } from 'vitest';
import type { Answer, Vote } from '../src/lib/api';
import { dueFor } from '../src/lib/aside/longer';
import { byHarm, grouped, harm, reasonOf, sinceRead } from '../src/lib/aside/rulings';
import type { Task } from '../src/lib/queue';

const choice = (label: string): Answer => ({ kind: 'choice', label });
const vote = (annotator: string, answer: Answer): Vote => ({ annotator, answer, seconds: 1 });
const task = (id: string, leaseEnds: number, seconds = 600) => ({ assignment: { id, seconds }, leaseEnds }) as unknown as Task;

test('equal answers stand together, however their keys are ordered, and the most given comes first', () => {
  const other = { label: 'a', kind: 'choice' } as Answer;
  const found = grouped([vote('A1', choice('b')), vote('A2', choice('a')), vote('A3', other)]);
  expect(found.map((one) => one.votes.map((each) => each.annotator))).toEqual([['A2', 'A3'], ['A1']]);
});

test('the most harmful item comes first; without a chance the split of the votes says how harmful it is', () => {
  const sure = { confidence: 0.9, votes: [] };
  const tied = { confidence: null, votes: [vote('A1', choice('a')), vote('A2', choice('b'))] };
  expect(byHarm([sure, tied])).toEqual([tied, sure]);
  expect(harm(tied)).toBe(0.5);
});

test('a reason begins with its clause and stays within what the server takes', () => {
  expect(reasonOf({ text: 'Irony.', kind: 'cited' }, ' so ')).toBe('By the clause “Irony.”. so');
  expect(reasonOf(null, ' so ')).toBe('so');
  expect(reasonOf({ text: 'x', kind: 'new' }, 'y'.repeat(3000)).length).toBe(2000);
});

test('what changed since the last reading is said, and nothing at the first', () => {
  expect(sinceRead(null, ['a']).added).toEqual([]);
  expect(sinceRead({ version: 1, clauses: ['a', 'b'] }, ['b', 'c'])).toEqual({ added: ['c'], gone: ['a'], from: 1 });
});

test('leases are held longer when one runs out and somebody is at work, and only those that last', () => {
  const now = 1_000_000;
  const tasks = [task('soon', now + 60_000), task('later', now + 500_000), task('over', now - 1)];
  expect(dueFor(tasks, now, now).map((one) => one.assignment.id)).toEqual(['soon', 'later']);
  expect(dueFor(tasks, now - 6 * 60_000, now)).toEqual([]);
  expect(dueFor([task('later', now + 500_000)], now, now)).toEqual([]);
});
