// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from 'vitest';
import type { Label, Question } from '../src/lib/api';
import { mount, SHOWN_LABELS } from '../src/lib/editors/choice';
import type { Editor, Emit } from '../src/lib/editors/contract';
import { labelKeys } from '../src/lib/keys';
import { HUES } from '../src/lib/labels';

const question: Question = {
  name: 'q',
  kind: 'choice',
  prompt: 'Which?',
  labels: [{ name: 'yes', title: 'Yes', definition: 'It does.', color: '#123456' }, { name: 'no' }, { name: 'maybe' }],
};
const suggestion = { label: 'no', confidence: 0.874, source: 'linear model' };

let host: HTMLElement;
let emit: ReturnType<typeof vi.fn<Emit>>;
let editor: Editor;

const buttons = () => [...host.querySelectorAll<HTMLButtonElement>('.gs-label')];
const answers = () => emit.mock.calls.map(([event]) => event).filter((event) => event.type === 'answer').map((event) => event.answer);

beforeEach(() => {
  host = document.createElement('div');
  document.body.replaceChildren(host);
  emit = vi.fn<Emit>();
  editor = mount(host, { question, keys: labelKeys(question.labels!), emit });
});

test('each label is a button with its title, definition and key', () => {
  expect(buttons().map((button) => button.querySelector('.gs-title')?.textContent)).toEqual(['Yes', 'no', 'maybe']);
  expect(buttons()[0]?.textContent).toContain('It does.');
  expect(buttons().map((button) => button.querySelector('kbd')?.textContent)).toEqual(['1', '2', '3']);
});

test("a label without its own color gets the hue of its place, and its own color stays", () => {
  expect(buttons().map((button) => button.style.getPropertyValue('--hue'))).toEqual(['#123456', HUES[1], HUES[2]]);
});

test('a click, a pick and an arrow key with a click answer', () => {
  buttons()[2]!.click();
  editor.command({ do: 'pick', index: 0 });
  expect(answers()).toEqual([
    { kind: 'choice', label: 'maybe' },
    { kind: 'choice', label: 'yes' },
  ]);
  expect(editor.command({ do: 'pick', index: 9 })).toBe(false);
});

test('a suggestion is told in words, with its share and its source, and is not marked as an answer', () => {
  editor.setTask({ value: null, suggestion });
  expect(host.querySelector('.gs-proposal')?.textContent).toContain('87 % sure · linear model');
  expect(buttons()[1]).toMatchObject({ dataset: expect.objectContaining({ state: 'proposed' }) });
  expect(buttons()[1]!.getAttribute('aria-pressed')).toBe('false');
  expect(buttons()[1]!.textContent).toContain('suggested');
});

test('accept takes the suggestion; after it was put aside there is nothing to accept', () => {
  editor.setTask({ value: null, suggestion });
  expect(editor.command({ do: 'accept' })).toBe(true);
  editor.setTask({ value: null, suggestion });
  expect(editor.command({ do: 'reject' })).toBe(true);
  expect(document.activeElement).toBe(buttons()[0]);
  expect(editor.command({ do: 'accept' })).toBe(false);
  expect(answers()).toEqual([{ kind: 'choice', label: 'no' }]);
});

test('an undone answer is marked, wins over the suggestion, and is sent again by accept', () => {
  editor.setTask({ value: { kind: 'choice', label: 'yes' }, suggestion });
  expect(buttons()[0]!.getAttribute('aria-pressed')).toBe('true');
  editor.command({ do: 'accept' });
  expect(answers()).toEqual([{ kind: 'choice', label: 'yes' }]);
});

test('a suggestion of a label that the schema does not have is not shown', () => {
  editor.setTask({ value: null, suggestion: { ...suggestion, label: 'gone' } });
  expect(host.querySelector('.gs-proposal')?.textContent).toBe('');
  expect(editor.command({ do: 'accept' })).toBe(false);
});

test('unsure is an answer', () => {
  editor.command({ do: 'unsure' });
  expect(answers()).toEqual([{ kind: 'abstain', reason: '' }]);
});

test('arrow keys move between labels, around the ends', () => {
  buttons()[0]!.focus();
  buttons()[0]!.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }));
  expect(document.activeElement).toBe(buttons()[2]);
});

test('three thousand labels draw a bounded number of buttons, and any of them can be picked', () => {
  const many: Label[] = Array.from({ length: 3_000 }, (_, n) => ({ name: `label ${n}` }));
  editor = mount(host, { question: { ...question, labels: many }, keys: labelKeys(many), emit });
  expect(buttons()).toHaveLength(SHOWN_LABELS);
  editor.command({ do: 'pick', index: 2_999 });
  expect(answers()).toEqual([{ kind: 'choice', label: 'label 2999' }]);
});

test('a label with markup in its name is text', () => {
  editor = mount(host, { question: { ...question, labels: [{ name: '<img src=x onerror=alert(1)>' }] }, keys: ['1'], emit });
  expect(host.querySelector('img')).toBeNull();
  editor.destroy();
  expect(host.childElementCount).toBe(0);
});
