/**
 * Calibration sessions: calls, phrases, and what an agreement means.
 *
 * In: a project. Out: typed calls and replies. Never: somebody else's answer while a session is blind (the server has none to give).
 */

import { at, call, type Answer, type Item } from '../api';
import { catalog } from '../catalog';
import { uuid7 } from '../ids';

export interface Measured {
  value: number | null;
  low: number | null;
  high: number | null;
  reason: string;
  n_items: number;
  n_votes: number;
}
export interface SessionLine {
  id: string;
  title: string;
  choosing: string;
  state: 'blind' | 'discussed' | 'finished';
  n_items: number;
  n_people: number;
  guideline_version: number;
  at: string;
  discussed_at: string | null;
  finished_at: string | null;
  before: Measured | null;
  after: Measured | null;
}
export interface SessionItem {
  number: number;
  item: Item;
  disagreement: number | null;
  votes: { cover: string; mine: boolean; answer: Answer; reason: string; seconds: number }[];
  comments: { cover: string; mine: boolean; text: string; at: string }[];
  agreed: { label: string; clause: string; in_guideline: boolean; reason: string; at: string } | null;
}
export interface Session {
  session: SessionLine;
  takes_part: boolean;
  people: { cover: string; mine: boolean; name: string | null; n_answers: number }[];
  items: SessionItem[];
}

const part = encodeURIComponent;
const post = (path: string, body: Record<string, unknown>, id = uuid7()) => call<{ done: true }>(path, { method: 'POST', body: { id, ...body } });

export const sessions = {
  list: (project: string, before?: string) =>
    call<SessionLine[]>(at(project, `/calibrations?limit=20${before ? `&before_id=${part(before)}` : ''}`)),
  look: (project: string, id: string) => call<Session>(at(project, `/calibrations/${part(id)}`)),
  start: (project: string, id: string, body: { title: string; choosing: string; n_items?: number; items?: string[]; people: string[] }) =>
    post(at(project, '/calibrations'), body, id),
  answer: (project: string, id: string, body: { number: number; answer: Answer; reason: string; seconds: number }) =>
    post(at(project, `/calibrations/${part(id)}/answers`), body),
  comment: (project: string, id: string, number: number, text: string) =>
    post(at(project, `/calibrations/${part(id)}/comments`), { number, text }),
  agree: (project: string, id: string, body: { number: number; label: string; clause: string; reason: string }) =>
    post(at(project, `/calibrations/${part(id)}/agreed`), body),
  move: (project: string, id: string, act: 'close' | 'finish' | 'measure') => post(at(project, `/calibrations/${part(id)}/${act}`), {}),
};

export const t = catalog({
  title: 'Calibration sessions',
  lede: 'Several people answer the same items without seeing each other’s answers, and then talk about those they disagree on.',
  all: 'All sessions',
  none: 'No session yet. One of ten items that people disagree on, with the two or three who label most, takes about half an hour and makes the rules clearer for all.',
  none_own: 'You take part in no session. Whoever manages the project starts one and names who takes part.',
  start: 'Start a session',
  name: 'What it is about',
  name_hint: 'Irony',
  choosing: 'Items',
  by_disagreement: 'those that people disagree on most',
  by_random: 'drawn at random',
  by_given: 'these',
  n_items: 'How many',
  given: 'Ids of items, one a line',
  given_hint: 'From the page of an item',
  who: 'Who takes part',
  who_n: { one: '{n} person chosen; two are needed', other: '{n} people chosen' },
  nobody: 'A session takes two people, and the project has fewer. Invite somebody first.',
  to_people: 'To the people',
  begin: 'Start the session',
  session: 'Session',
  state: 'State',
  blind: 'being answered',
  discussed: 'being talked about',
  finished: 'ended',
  items: { one: '{n} item', other: '{n} items' },
  people: { one: '{n} person', other: '{n} people' },
  before: 'Before',
  after: 'After',
  alpha: 'Krippendorff’s alpha {value}',
  interval: 'interval {low} to {high}, from {n} answers',
  not_measured: 'not measured yet',
  undefined: 'undefined: {why}',
  caution: 'Before and after are about different items, and before is about the hardest ones where they were chosen by disagreement. To compare like with like, start the next session at random.',
  measure: 'Measure after',
  measure_note: 'How much the same people agree on ordinary items since the session ended. It takes some days of work before it says much.',
  your_turn: 'Answer without talking to anybody about it. Nobody sees your answer until all have answered.',
  item_of: 'Item {n} of {all}',
  reason: 'Why, in a few words',
  unsure: 'Cannot decide',
  give: 'Answer and go on',
  done_own: 'You have answered every item.',
  wait: 'The others see your answers once all have answered. Come back then: this page shows what you disagree on.',
  wait_manager: 'Once all have answered, the disagreements are shown here.',
  progress: '{done} of {all}',
  close: 'Close the blind part now',
  close_note: 'Nothing becomes blind again. Whoever has not answered everything cannot any more.',
  disagreements: 'Where you disagree',
  agreements: { one: '{n} item on which all said the same', other: '{n} items on which all said the same' },
  apart: '{share} of pairs disagree',
  one_mind: 'All said the same.',
  all_one_mind: 'All said the same about every item. If the items were chosen at random, that is a good sign; harder ones may tell more.',
  said_by: '{who}, {seconds} s',
  you: 'you',
  no_reason: 'gave no reason',
  talk: 'Say something about it',
  say: 'Say',
  manager: 'whoever manages',
  agreed: 'Agreed: {label}',
  agree: 'Keep what was agreed',
  agree_label: 'Answer',
  agree_clause: 'The clause that it follows from, as it should stand in the guideline',
  agree_why: 'Why',
  in_guideline: 'The clause stands in the guideline.',
  not_in_guideline: 'The clause is not in the guideline yet.',
  write: 'Write it there',
  finish: 'End the session',
  finish_note: 'What was said and agreed stays to be read.',
  saved: 'Kept.',
  started: 'The session has begun; those who take part find it under Rules.',
  other_kind: 'The first question is of a kind that is not answered in a session on the page yet; use the Python client or the API.',
  answers_text: { one: '{n} answer', other: '{n} answers' },
  item_n: 'Item {n}',
  text_of: 'Text of item {n}',
  open_item: 'Open the item',
});

/** Alpha in words, or why there is none. */
export function alphaOf(found: Measured | null): string {
  if (!found) return t('not_measured');
  if (found.value === null) return t('undefined', { why: found.reason });
  const two = (value: number | null) => (value === null ? '?' : value.toFixed(2));
  return `${t('alpha', { value: two(found.value) })} (${t('interval', { low: two(found.low), high: two(found.high), n: found.n_votes })})`;
}
