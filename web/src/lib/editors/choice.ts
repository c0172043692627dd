/**
 * The editor of a choice question, without a framework.
 *
 * In: a host element, the question, the keys of its labels. Out: `answer` events, and `look` events when a label is
 * pointed at. Never: a call to the server, or a suggestion that looks like an answer.
 */

import type { Answer, Label, Question, Suggestion } from '../api';
import { formOf, hueOf, percent, titleOf } from '../labels';
import { say, told } from '../speech';
import type { Editor, EditorOptions } from './contract';
import { keyCap, make } from './elements';
import './choice.css';

/** More labels than this are found by name; the first ones still have their keys. */
export const SHOWN_LABELS = 20;

const MOVES: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

/** An answer in a few words. */
export function wordsOf(answer: Answer, question: Pick<Question, 'labels'>): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  if (answer.kind !== 'choice') return answer.kind;
  return titleOf(question.labels?.find((label) => label.name === answer.label) ?? { name: answer.label });
}

export function mount(host: HTMLElement, options: EditorOptions): Editor {
  const labels = options.question.labels ?? [];
  const { emit, keys } = options;
  let value: Answer | null = null;
  let suggestion: Suggestion | null = null;

  const root = make('div', 'gs-choice');
  root.setAttribute('role', 'group');
  root.setAttribute('aria-label', options.question.prompt || options.question.name);
  const proposal = make('div', 'gs-proposal');
  const list = make('div', 'gs-labels');
  const form = options.compact ? 'tiles' : formOf(labels);
  list.dataset.form = form;
  const longest = Math.max(0, ...labels.slice(0, SHOWN_LABELS).map((label) => titleOf(label).length));
  list.style.setProperty('--tile', `${Math.min(22, 5.6 + 0.58 * longest).toFixed(1)}rem`);
  const buttons = labels.slice(0, SHOWN_LABELS).map(button);
  list.append(...buttons);
  root.append(proposal, list);
  host.replaceChildren(root);

  function button(label: Label, index: number): HTMLButtonElement {
    const element = make('button', 'gs-label');
    element.type = 'button';
    element.dataset.index = String(index);
    element.style.setProperty('--hue', hueOf(label, index));
    const swatch = make('span', 'gs-swatch');
    swatch.setAttribute('aria-hidden', 'true');
    const words = make('span', 'gs-words');
    words.append(make('span', 'gs-title', titleOf(label)));
    if (label.definition && form !== 'tiles') words.append(make('span', 'gs-definition', label.definition));
    element.append(swatch, words, make('span', 'gs-mark'));
    const key = keys[index];
    if (key) {
      element.append(keyCap(key, 'gs-key'));
      element.setAttribute('aria-keyshortcuts', key.replace('⇧', 'Shift+'));
    }
    return element;
  }

  function choose(index: number): boolean {
    const label = labels[index];
    if (!label) return false;
    value = { kind: 'choice', label: label.name };
    emit({ type: 'answer', answer: value });
    return true;
  }

  function drawProposal(): void {
    const found = suggestion && labels.findIndex((label) => label.name === suggestion?.label);
    if (!suggestion || found === null || found < 0) return proposal.replaceChildren();
    const words = make('span', 'gs-proposal-words');
    words.append(make('span', 'gs-proposal-head', say('Suggested')), make('strong', '', titleOf(labels[found]!)));
    words.append(make('span', 'gs-proposal-source', say('{0} sure · {1}', percent(suggestion.confidence), told(suggestion.source))));
    const accept = make('button', 'gs-small gs-accept', say('Accept'));
    accept.append(keyCap('Enter'));
    const reject = make('button', 'gs-small gs-reject', 'Put aside');
    reject.append(keyCap('x'));
    for (const each of [accept, reject]) each.type = 'button';
    accept.addEventListener('click', () => choose(found));
    reject.addEventListener('click', () => setAside());
    proposal.replaceChildren(words, accept, reject);
    root.classList.add('gs-has-proposals');
  }

  function draw(): void {
    buttons.forEach((element, index) => {
      const chosen = value?.kind === 'choice' && value.label === labels[index]!.name;
      const proposed = suggestion?.label === labels[index]!.name;
      element.setAttribute('aria-pressed', String(chosen));
      element.dataset.state = chosen ? 'chosen' : proposed ? 'proposed' : 'plain';
      element.querySelector('.gs-mark')!.textContent = chosen ? 'your answer' : proposed ? say('suggested') : '';
    });
  }

  function setAside(): boolean {
    if (!suggestion) return false;
    suggestion = null;
    drawProposal();
    draw();
    focus();
    return true;
  }

  function accept(): boolean {
    if (value) {
      emit({ type: 'answer', answer: value });
      return true;
    }
    return suggestion ? choose(labels.findIndex((label) => label.name === suggestion?.label)) : false;
  }

  function focus(): void {
    buttons[0]?.focus();
  }

  const indexOf = (event: Event) => {
    const target = event.target instanceof Element ? event.target.closest<HTMLElement>('.gs-label') : null;
    return target?.dataset.index === undefined ? null : Number(target.dataset.index);
  };
  const look = (event: Event) => {
    const index = indexOf(event);
    emit({ type: 'look', label: index === null ? null : labels[index]! });
  };
  const lookAway = () => emit({ type: 'look', label: null });
  list.addEventListener('click', (event) => {
    const index = indexOf(event);
    if (index !== null) choose(index);
  });
  list.addEventListener('keydown', (event) => {
    const index = indexOf(event);
    const move = MOVES[event.key];
    if (index === null || move === undefined) return;
    event.preventDefault();
    buttons[(index + move + buttons.length) % buttons.length]?.focus();
  });
  list.addEventListener('focusin', look);
  list.addEventListener('pointerover', look);
  list.addEventListener('pointerleave', lookAway);
  list.addEventListener('focusout', lookAway);
  draw();

  return {
    setTask(task) {
      ({ value, suggestion } = task);
      drawProposal();
      draw();
    },
    setValue(next) {
      value = next;
      draw();
    },
    command(command) {
      switch (command.do) {
        case 'pick':
          return choose(command.index);
        case 'accept':
          return accept();
        case 'reject':
          return setAside();
        case 'unsure':
          emit({ type: 'answer', answer: { kind: 'abstain', reason: '' } });
          return true;
        case 'undo':
          return false;
        default:
          return command satisfies never;
      }
    },
    focus,
    destroy() {
      root.remove();
    },
  };
}
