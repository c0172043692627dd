// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Answer, Item, Question, QuestionKind } from '../src/lib/api';
import { looksLikeCode } from '../src/lib/code';
import { EDITORS } from '../src/lib/editors';
import type { Editor, Emit, Shown } from '../src/lib/editors/contract';
import { dayOf, momentOf, timeOf } from '../src/lib/editors/date';
import { valueOf } from '../src/lib/editors/fields';
import { Missing } from '../src/lib/editors/form';
import { codePoints, numberOf } from '../src/lib/editors/form-parts';
import { wanted, wrong } from '../src/lib/editors/number';
import { leans } from '../src/lib/editors/prefer';
import { move, place, ranks, tie } from '../src/lib/editors/rank-order';
import { choose, find, fit, rowsOf, treeOf } from '../src/lib/editors/taxonomy-tree';
import { piecesOf } from '../src/lib/editors/write';
import { asked, before, START, take } from '../src/lib/steps';

describe('numbers', () => {
  it('are read as people write them, and refused where they could be two', () => {
    expect([' 12 ', '1.5', '1,5', '−3', '1 234 567', '.5', '2e3'].map(numberOf)).toEqual([12, 1.5, 1.5, -3, 1234567, 0.5, 2000]);
    expect(['', 'x', '1,234', '1.2.3', 'Infinity', '0x10', '1e999'].map(numberOf)).toEqual(Array(7).fill(null));
  });

  it('keep to bounds and steps, which are told in words', () => {
    const bounds = { minimum: 0.1, maximum: 1, step: 0.1 };
    expect(wanted(bounds)).toBe('steps of 0.1, from 0.1 to 1');
    expect(wrong(0.3, bounds)).toBe('');
    expect(wrong(0.1 + 0.2, bounds)).toBe('');
    expect(wrong(0.35, bounds)).toContain('between the steps');
    expect(wrong(1.5, { integer: true })).toContain('whole number');
  });
});

describe('dates', () => {
  it('are read in the forms that items hold', () => {
    const may = ['2026-05-01', '2026/5/1', '20260501', '1.5.2026', '1 May 2026', 'May 1st, 2026', '01.05.2026', '1. May 2026'];
    expect(may.map((text) => dayOf(text))).toEqual(may.map(() => ({ iso: '2026-05-01' })));
    expect(dayOf('13/5/2026')).toEqual({ iso: '2026-05-13' });
  });

  it('that could be two days are asked about, and days that the calendar does not have are none', () => {
    expect(momentOf('5/6/2026', 'date')).toEqual(new Missing('Which one: 2026-05-06 or 2026-06-05?'));
    for (const text of ['2026-02-29', '31.4.2026', '1900-02-29', 'yesterday', '2026-13-01']) expect(dayOf(text)).toBe(null);
    expect(dayOf('2000-02-29')).toEqual({ iso: '2000-02-29' });
  });

  it('have times in twelve hours and in twenty-four', () => {
    expect(['9:30', '09.30', '9:30 pm', '12 am', '12:05:09', '7h15'].map(timeOf)).toEqual(['09:30', '09:30', '21:30', '00:00', '12:05:09', '07:15']);
    expect(['24:00', '9:60', '13 pm', '9'].map(timeOf)).toEqual([null, null, null, null]);
    expect(momentOf('1 May 2026 at 9:30 pm', 'datetime')).toBe('2026-05-01T21:30');
    expect(momentOf('2026-05-01T09:30:15', 'datetime')).toBe('2026-05-01T09:30:15');
    expect(valueOf('09:30', { kind: 'date' })).toBe('09:30');
  });
});

describe('a tree of labels', () => {
  const labels = ['animal/dog', 'animal/sea lion', 'animal', 'plant/dogwood'].map((name) => ({ name }));
  const tree = treeOf(labels, false);

  it('unfolds, and holds folders that are no labels', () => {
    expect(rowsOf(tree, new Set()).map((node) => node.path)).toEqual(['animal', 'plant']);
    expect(rowsOf(tree, new Set(['plant'])).map((node) => [node.path, node.open])).toEqual([['animal', true], ['plant', false], ['plant/dogwood', true]]);
    expect(treeOf(labels, true).all.get('animal')?.open).toBe(false);
  });

  it('is searched by whole words, beginnings and single letters, the best first', () => {
    expect(find(tree, 'dog').map((node) => node.path)).toEqual(['animal/dog', 'plant/dogwood']);
    expect(find(tree, 'lion').map((node) => node.path)).toEqual(['animal/sea lion']);
    expect(find(tree, 'slion')[0]?.path).toBe('animal/sea lion');
    expect(find(tree, 'animal dog')[0]?.path).toBe('animal/dog');
    expect(find(tree, 'zebra')).toEqual([]);
    expect(fit('dog', 'xyz')).toBe(0);
  });

  it('never has a label chosen together with one above it', () => {
    expect(choose(['animal'], 'animal/dog', null)).toEqual(['animal/dog']);
    expect(choose(['animal/dog', 'plant/dogwood'], 'animal', null)).toEqual(['animal', 'plant/dogwood']);
    expect(choose(['animal/dog'], 'animal/dog', null)).toEqual([]);
  });
});

describe('a ranking', () => {
  it('is moved step by step, tied and parted, and always holds everybody', () => {
    const start = [[0], [1], [2]];
    expect(move(start, 2, -1)).toEqual([[0], [2], [1]]);
    expect(move(start, 0, 1)).toEqual([[1], [0], [2]]);
    expect(move(start, 0, -1)).toEqual(start);
    expect(move(start, 2, 1)).toEqual(start);
    expect(tie(start, 1)).toEqual([[0, 1], [2]]);
    expect(tie([[0, 1], [2]], 1)).toEqual(start);
    expect(tie(start, 0)).toEqual(start);
    expect(move([[0, 1], [2]], 0, 1)).toEqual([[1], [0], [2]]);
    expect(place(start, 2, 0)).toEqual([[2], [0], [1]]);
    expect(place(start, 0, 2)).toEqual([[1], [2], [0]]);
    expect(ranks([[2], [0, 1]]).map(({ rank }) => rank)).toEqual(['1', '2=', '2=']);
    let order: number[][] = [[0], [1], [2], [3]];
    for (let n = 0; n < 200; n += 1) {
      const who = (n * 7) % 4;
      order = n % 3 ? move(order, who, n % 2 ? 1 : -1) : n % 2 ? tie(order, who) : place(order, who, n % 4);
      expect(order.flat().sort()).toEqual([0, 1, 2, 3]);
      expect(order.every((step) => step.length > 0)).toBe(true);
    }
  });
});

it('a preference has its steps from left to right', () => {
  expect(leans({ ties: true, strengths: 0 })).toEqual([-1, 0, 1]);
  expect(leans({ ties: false, strengths: 2 })).toEqual([-2, -1, 1, 2]);
});

it('a comparison of texts puts both together again', () => {
  const [before, after] = ['one two  three\nfour', 'one 2  three four five'];
  const pieces = piecesOf(before, after);
  expect(pieces.filter(({ is }) => is !== 'new').map(({ text }) => text).join('')).toBe(before);
  expect(pieces.filter(({ is }) => is !== 'gone').map(({ text }) => text).join('')).toBe(after);
  expect(piecesOf('same', 'same')).toEqual([{ text: 'same', is: 'same' }]);
});

it('characters are counted as the server counts them', () => {
  expect(['naïve', '👩‍👩‍👧', '𝐀𝐁'].map(codePoints)).toEqual([5, 5, 2]);
});

it('code is told from prose', () => {
  expect(looksLikeCode('def f(x):\n    y = x + 1\n    return (y)\n')).toBe(true);
  expect(looksLikeCode('Dear all,\n\nthe ferry is late; please wait.\nIt will come.\nYours')).toBe(false);
});

describe('the questions of an item', () => {
  const questions: Question[] = [
    { name: 'kind', kind: 'choice', labels: [] },
    { name: 'tone', kind: 'rating', ask_if: { question: 'kind', labels: ['letter'] } },
    { name: 'why', kind: 'text', ask_if: { question: 'tone', at_most: 2 } },
    { name: 'note', kind: 'text', required: false },
  ];
  const choice = (label: string): Answer => ({ kind: 'choice', label });
  const rating = (value: number): Answer => ({ kind: 'rating', value });

  it('lead on to what is asked, and an earlier answer changed drops what is asked no more', () => {
    let walk = take(questions, START, 0, choice('letter'), 'letter').walk;
    expect(walk.at).toBe(1);
    walk = take(questions, walk, 1, rating(1), '1').walk;
    walk = take(questions, walk, 2, { kind: 'text', text: 'cold' }, 'cold').walk;
    expect([walk.at, before(questions, walk)]).toEqual([3, 2]);
    const back = take(questions, walk, 1, rating(5), '5');
    expect([back.dropped, back.walk.at, back.done]).toEqual([['why'], 3, false]);
    const other = take(questions, walk, 0, choice('list'), 'list');
    expect([other.dropped, asked(questions, other.walk.answers)]).toEqual([['tone', 'why'], [0, 3]]);
    expect(Object.keys(walk.answers)).toEqual(['kind', 'tone', 'why']);
  });

  it('go back to the one that is open, and are done when all that is asked is answered or left', () => {
    const walk = take(questions, START, 3, null).walk;
    expect(walk.at).toBe(0);
    const list = take(questions, walk, 0, choice('list'));
    expect([list.done, list.walk.answers]).toEqual([true, { kind: choice('list') }]);
    expect(take(questions, list.walk, 0, choice('letter'))).toMatchObject({ done: false, walk: { at: 1 } });
  });
});

// ---- every editor ----------------------------------------------------------------------------------------------------
const candidates: Item = {
  id: 'i', modality: 'candidates', media_url: null, metadata: {}, text: JSON.stringify({ prompt: 'Q', candidates: ['x', 'y', 'z'] }),
};
const chat: Item = {
  id: 'c', modality: 'chat', media_url: null, metadata: {},
  text: JSON.stringify([{ role: 'user', text: 'a' }, { role: 'assistant', text: 'b' }]),
};
const cases: [QuestionKind, Partial<Question>, Answer, Item?][] = [
  ['choices', { labels: [{ name: 'a' }, { name: 'b' }, { name: 'c' }] }, { kind: 'choices', labels: ['a', 'c'] }],
  ['taxonomy', { labels: [{ name: 'a/b' }, { name: 'a/c' }], at_most: 2 }, { kind: 'taxonomy', labels: ['a/b', 'a/c'] }],
  ['rating', { minimum: 1, maximum: 5 }, { kind: 'rating', value: 4 }],
  ['number', { minimum: 0, unit: 'kg' }, { kind: 'number', value: 2.5 }],
  ['date', { date_form: 'datetime' }, { kind: 'date', value: '2026-05-01T09:30' }],
  ['text', { lines: 3 }, { kind: 'text', text: '  naïve\n👩‍👩‍👧 שלום ' }],
  ['preference', { strengths: 3 }, { kind: 'preference', chosen: 1, strength: 2 }, candidates],
  ['ranking', {}, { kind: 'ranking', order: [[2], [0, 1]] }, candidates],
  ['best', {}, { kind: 'best', chosen: 2 }, candidates],
  ['rubric', { turns: 'assistant', criteria: [{ name: 'k', minimum: 1, maximum: 5 }] }, { kind: 'rubric', grades: [{ turn: 1, criterion: 'k', value: 5 }] }, chat],
  [
    'key_values',
    { keys: [{ name: 'n', kind: 'number' }, { name: 'f', kind: 'flag' }, { name: 't', kind: 'text', several: true }, { name: 'd', kind: 'date' }] },
    { kind: 'key_values', pairs: [{ key: 'n', value: 12.5 }, { key: 'f', value: false }, { key: 't', value: 'Ann' }, { key: 't', value: ' Bo' }, { key: 'd', value: '2026-05-01T09:30' }] },
  ],
];

describe.each(cases)('the editor of %s', (kind, options, answer, item) => {
  let host: HTMLElement;
  let emit: ReturnType<typeof vi.fn<Emit>>;
  let editor: Editor;
  const task = { item: item ?? { ...candidates, modality: 'text' as const, text: 'T' }, media: null };
  const shown = (more: Partial<Shown>): Shown => ({ task, value: null, suggestion: null, ...more });
  const answers = () => emit.mock.calls.flatMap(([event]) => (event.type === 'answer' ? [event.answer] : []));

  beforeEach(async () => {
    host = document.createElement('div');
    document.body.replaceChildren(host);
    emit = vi.fn<Emit>();
    const module = await EDITORS[kind]!.load();
    editor = module.mount(host, { question: { name: 'q', kind, prompt: 'Which?', ...options }, keys: ['1', '2', '3'], emit });
    expect(module.wordsOf(answer, { name: 'q', kind, ...options })).not.toBe('');
  });

  it('sends back what it was given, to the character', () => {
    editor.setTask(shown({ value: answer }));
    expect(editor.command({ do: 'accept' })).toBe(true);
    expect(answers()).toEqual([answer]);
  });

  it('shows a suggestion that is no answer, takes it by Enter, and puts it aside', () => {
    const suggestion = { label: '', confidence: 0.874, source: 'model', answer };
    editor.setTask(shown({ suggestion }));
    expect(host.querySelector('.gf-proposal')?.textContent).toContain('87 % sure · model');
    expect(host.querySelector('[aria-checked="true"], [aria-pressed="true"]:not([data-value=""])')).toBe(null);
    editor.command({ do: 'reject' });
    expect(host.querySelector<HTMLElement>('.gf-proposal')?.hidden).toBe(true);
    expect(editor.command({ do: 'reject' })).toBe(false);
    editor.setTask(shown({ suggestion }));
    editor.command({ do: 'accept' });
    expect(answers()).toEqual([answer]);
  });

  it('compares with another answer, and changes nothing that is only shown', () => {
    editor.setTask(shown({ value: answer, compareTo: answer, readonly: true }));
    expect(host.querySelector('.gf-was')?.textContent).toBe('The other answer is the same.');
    editor.command({ do: 'accept' });
    editor.command({ do: 'pick', index: 0 });
    for (const one of host.querySelectorAll<HTMLButtonElement>('button:not(:disabled):not([hidden])')) one.click();
    expect(answers()).toEqual([]);
  });

  it('answers that it cannot be decided, and has nothing to undo at first', () => {
    editor.setTask(shown({}));
    expect(editor.command({ do: 'undo' })).toBe(false);
    editor.command({ do: 'unsure' });
    expect(answers()).toEqual([{ kind: 'abstain', reason: '' }]);
  });
});
