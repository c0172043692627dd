/**
 * The editor of a date or a time: written as it stands in the item, and told back in words before it is sent.
 *
 * In: which of the three forms is asked for, the earliest and the latest. Out: one of the forms that the server knows.
 * Never: a guess where day and month could be the other way round.
 */

import { say } from '../speech';
import type { Answer, Question } from '../api';
import { spelled } from '../words';
import type { Editor, EditorOptions, KeyRow } from './contract';
import { type Bench, type Body, type Form, Missing, mountForm } from './form';
import { button, make } from './form-parts';

export const KEYS: readonly KeyRow[] = [
  { key: '0-9', text: 'write the date: 2026-05-01, 1.5.2026, 1 May 2026' },
  { key: '↑ ↓', text: 'the day after, the day before' },
  { key: 'Enter', text: 'send it' },
];

export function wordsOf(answer: Answer): string {
  if (answer.kind === 'abstain') return 'Cannot decide';
  return answer.kind === 'date' ? answer.value : answer.kind;
}

type DateForm = NonNullable<Question['date_form']>;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const two = (n: number) => String(n).padStart(2, '0');

/** The time in a text, as the server writes it; null when it is none. */
export function timeOf(text: string): string | null {
  const found = /^(\d{1,2})[:.h](\d{2})(?:[:.](\d{2}))?\s*([ap]m)?$|^(\d{1,2})\s*([ap]m)$/i.exec(text.trim());
  if (!found) return null;
  const half = (found[4] ?? found[6])?.toLowerCase();
  let hour = Number(found[1] ?? found[5]);
  const [minute, second] = [Number(found[2] ?? 0), found[3]];
  if (half && (hour < 1 || hour > 12)) return null;
  if (half) hour = (hour % 12) + (half === 'pm' ? 12 : 0);
  if (hour > 23 || minute > 59 || Number(second ?? 0) > 59) return null;
  return `${two(hour)}:${two(minute)}${second ? `:${second}` : ''}`;
}

export type Day = { iso: string } | { either: [string, string] };

/** The day in a text; both days where it could mean two; null when it is none. */
export function dayOf(text: string): Day | null {
  const plain = text.trim().replace(/,/g, ' ').replace(/\s+/g, ' ');
  const iso = /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(plain);
  if (iso) return real(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const compact = /^(\d{4})(\d{2})(\d{2})$/.exec(plain);
  if (compact) return real(Number(compact[1]), Number(compact[2]), Number(compact[3]));
  const dotted = /^(\d{1,2})\. ?(\d{1,2})\. ?(\d{4})$/.exec(plain);
  if (dotted) return real(Number(dotted[3]), Number(dotted[2]), Number(dotted[1]));
  const numbers = /^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$/.exec(plain);
  if (numbers) return sides(Number(numbers[3]), Number(numbers[1]), Number(numbers[2]));
  const dayFirst = /^(\d{1,2})(?:st|nd|rd|th)?\.? ([a-z]{3})[a-z]*\.? (\d{4})$/i.exec(plain);
  if (dayFirst) return real(Number(dayFirst[3]), MONTHS.indexOf(dayFirst[2]!.toLowerCase()) + 1, Number(dayFirst[1]));
  const monthFirst = /^([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)? (\d{4})$/i.exec(plain);
  if (monthFirst) return real(Number(monthFirst[3]), MONTHS.indexOf(monthFirst[1]!.toLowerCase()) + 1, Number(monthFirst[2]));
  return null;
}

function sides(year: number, a: number, b: number): Day | null {
  const [monthFirst, dayFirst] = [real(year, a, b), real(year, b, a)];
  if (!monthFirst || !dayFirst || a === b) return monthFirst ?? dayFirst;
  return { either: [monthFirst.iso, dayFirst.iso] };
}

/** A day that the calendar has. */
function real(year: number, month: number, day: number): { iso: string } | null {
  if (year < 1 || month < 1 || month > 12) return null;
  const last = new Date(Date.UTC(2000, month, 0)).getUTCDate();
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  if (day < 1 || day > (month === 2 ? (leap ? 29 : 28) : last)) return null;
  return { iso: `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}` };
}

/** What a text says in the form that is asked for, or why it says nothing. */
export function momentOf(text: string, form: DateForm): string | Missing {
  const example = { date: '2026-05-01', time: '09:30', datetime: '2026-05-01 09:30' }[form];
  const nothing = new Missing(text.trim() ? `“${text.trim()}” is not understood. Write it like ${example}.` : `Write it like ${example}.`);
  if (form === 'time') return timeOf(text) ?? nothing;
  const cut = form === 'datetime' ? /^(.*\d)(?:T|,? +(?:at )?)(\d{1,2}(?:[:.h]\d{2}(?:[:.]\d{2})?)?\s*(?:[ap]m)?)$/i.exec(text.trim()) : null;
  const time = cut ? timeOf(cut[2]!) : null;
  if (form === 'datetime' && !time) return nothing;
  const day = dayOf(cut ? cut[1]! : text);
  if (!day) return nothing;
  if ('either' in day) return new Missing(`Which one: ${day.either[0]} or ${day.either[1]}?`);
  return time ? `${day.iso}T${time}` : day.iso;
}

/** A date as people say it. */
export function said(value: string): string {
  const [day, time] = value.includes('T') ? value.split('T') : value.includes('-') ? [value, ''] : ['', value];
  if (!day) return time!;
  return time ? `${spelled(day)}, ${time}` : spelled(day);
}

const form: Form<string> = {
  empty: () => '',
  read: (answer) => (answer.kind === 'date' ? answer.value.replace('T', ' ') : null),
  write(text, question) {
    const value = momentOf(text, question.date_form ?? 'date');
    if (value instanceof Missing) return value;
    if (question.earliest && value < question.earliest) return new Missing(`${said(value)} is before ${said(question.earliest)}.`);
    if (question.latest && value > question.latest) return new Missing(`${said(value)} is after ${said(question.latest)}.`);
    return { kind: 'date', value };
  },
  words: wordsOf,
  editable: true,
  make: body,
};

const TYPES = { date: 'date', time: 'time', datetime: 'datetime-local' } as const;

function body(desk: Bench<string>): Body<string> {
  const { question } = desk;
  const kind = question.date_form ?? 'date';
  const field = make('input', 'gf-field gf-big');
  field.autocomplete = 'off';
  field.placeholder = { date: 'year-month-day', time: 'hours:minutes', datetime: 'year-month-day hours:minutes' }[kind];
  field.setAttribute('aria-label', question.prompt || question.name);
  // The browser's own calendar, for those who would rather point.
  const calendar = make('input', 'gf-calendar');
  calendar.type = TYPES[kind];
  calendar.tabIndex = -1;
  calendar.setAttribute('aria-hidden', 'true');
  calendar.style.cssText = 'position:absolute;inset:auto 0 0 auto;width:44px;height:1px;opacity:0;pointer-events:none';
  const open = button('gf-small', kind === 'time' ? 'Clock' : say('Calendar'));
  open.addEventListener('click', () => calendar.showPicker?.());
  const row = make('div', 'gf-line');
  row.style.position = 'relative';
  row.append(field, open, calendar);
  const heard = make('p', 'gf-heard');
  heard.setAttribute('aria-live', 'polite');
  const element = make('div', 'gf');
  element.append(row, heard);

  function nudge(days: number): boolean {
    const from = momentOf(desk.value || desk.suggested || '', kind);
    if (from instanceof Missing || kind === 'time') return false;
    const at = new Date(`${from.slice(0, 10)}T00:00:00Z`);
    at.setUTCDate(at.getUTCDate() + days);
    if (Number.isNaN(at.getTime()) || at.getUTCFullYear() < 1 || at.getUTCFullYear() > 9999) return true;
    desk.set(at.toISOString().slice(0, 10) + from.slice(10).replace('T', ' '), '', 'nudge');
    return true;
  }

  calendar.addEventListener('input', () => calendar.value && desk.set(calendar.value.replace('T', ' '), '', 'calendar'));
  field.addEventListener('input', () => desk.set(field.value, '', 'type'));
  field.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (event.key === 'Enter') desk.submit();
    else if (!step || !nudge(step)) return;
    event.preventDefault();
  });
  return {
    element,
    draw() {
      if (field.value !== desk.value) field.value = desk.value;
      field.readOnly = desk.fixed;
      open.hidden = desk.fixed;
      field.toggleAttribute('data-proposed', desk.suggested !== null && !desk.value);
      const value = momentOf(desk.value, kind);
      const found = value instanceof Missing ? null : value;
      field.setAttribute('aria-invalid', String(desk.value.trim().length > 9 && found === null));
      heard.textContent = found ? said(found) : '';
      if (found) calendar.value = found;
    },
    focus: () => field.focus(),
    key(press) {
      const step = { ArrowUp: 1, ArrowDown: -1 }[press.key];
      if (step) return nudge(step);
      if (!/^[0-9]$/.test(press.key)) return false;
      field.focus();
      desk.set(press.key, '', 'type');
      return true;
    },
  };
}

export const mount = (host: HTMLElement, options: EditorOptions): Editor => mountForm(host, options, form);
