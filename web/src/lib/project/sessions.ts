/**
 * Calibration sessions: calls, phrases, and what an agreement means.
 *
 * In: a project. Out: typed calls and replies. Never: somebody else's answer while a session is blind (the server has none to give).
 */

import { at, call, type Answer, type Item } from '../api';
import { catalog } from '../catalog';
import { uuid7 } from '../ids';
import { decimal } from '../words';

/** Agreement on one question, by the distance of its kind. */
export interface Measured {
  question: string;
  kind: string;
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
  /** By all together; there are as many to give as items times people. */
  n_answers: number;
  guideline_version: number;
  at: string;
  discussed_at: string | null;
  finished_at: string | null;
  before: Measured[] | null;
  after: Measured[] | null;
}
export interface SessionItem {
  number: number;
  item: Item;
  disagreement: number | null;
  /** How far the answers to each question are apart, from 0 to 1. */
  apart: Record<string, number>;
  votes: { cover: string; mine: boolean; answers: Record<string, Answer>; reason: string; seconds: number }[];
  comments: { cover: string; mine: boolean; text: string; at: string }[];
  agreed: Agreed[];
}
export interface Agreed {
  question: string;
  answer: Answer;
  clause: string;
  in_guideline: boolean;
  reason: string;
  at: string;
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
  answer: (project: string, id: string, body: { number: number; answers: Record<string, Answer>; reason: string; seconds: number }) =>
    post(at(project, `/calibrations/${part(id)}/answers`), body),
  comment: (project: string, id: string, number: number, text: string) =>
    post(at(project, `/calibrations/${part(id)}/comments`), { number, text }),
  agree: (project: string, id: string, body: { number: number; question: string; answer: Answer; clause: string; reason: string }) =>
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
  agreement: 'Agreement beyond chance: Krippendorff’s alpha with its 95 % interval. 1 means that all say the same, 0 that they agree no more than by chance.',
  question: 'Question',
  interval: '{low} to {high}',
  from: { one: 'from {n} answer', other: 'from {n} answers' },
  by_equal: 'by equal answers',
  by_sets: 'by shared labels',
  by_branches: 'by shared branches',
  by_scale: 'by closeness on the scale',
  by_characters: 'by shared characters',
  by_spans: 'by spans marked alike',
  by_overlap: 'by overlap of shapes',
  by_nearness: 'by nearness of points',
  by_pairs: 'by pairs in the same order',
  by_grades: 'by closeness of grades',
  by_values: 'by equal values',
  not_measured: 'not measured yet',
  undefined: 'undefined',
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
  answers_in: '{done} of {all} answers',
  close: 'Close the blind part now',
  close_note: 'Nothing becomes blind again. Whoever has not answered everything cannot any more.',
  disagreements: 'Where you disagree',
  where: 'Items stand in the order of their disagreement. Take them one by one: what differs is marked.',
  agreements: { one: '{n} item on which all said the same', other: '{n} items on which all said the same' },
  apart: '{share} of pairs disagree',
  far: 'answers are {share} apart',
  one_mind: 'All said the same.',
  settled: 'agreed',
  all_one_mind: 'All said the same about every item. If the items were chosen at random, that is a good sign; harder ones may tell more.',
  nobody_asked: 'Nobody was asked this.',
  you: 'you',
  talk: 'Say something about it',
  say: 'Say',
  manager: 'whoever manages',
  agreed: 'Agreed',
  agree: 'Keep what was agreed',
  agree_more: 'Agree on an answer',
  agree_other: 'Agree on another answer',
  agree_how: 'Begin with one of the answers, or with none, and change what is wrong.',
  agree_now: 'Agreed is now: {words}',
  agree_not_yet: 'Give the answer first, as when labeling.',
  agree_clause: 'The clause that it follows from, as it should stand in the guideline',
  agree_why: 'Why',
  in_guideline: 'The clause stands in the guideline.',
  not_in_guideline: 'The clause is not in the guideline yet.',
  write: 'Write it there',
  finish: 'End the session',
  finish_note: 'What was said and agreed stays to be read.',
  saved: 'Kept.',
  started: 'The session has begun; those who take part find it under Rules.',
  answers_text: { one: '{n} answer', other: '{n} answers' },
  item_n: 'Item {n}',
  ready: 'Answered: {words}. Say why in a few words, then Enter; Escape goes back.',
  questions: 'Questions of this item',
  open: 'open',
  leave: 'Leave without an answer',
  guideline: 'Guideline',
  image: 'Image',
});

/** Kinds whose answers are equal or not; of the others it is told how far they are apart. */
export const WHOLE: ReadonlySet<string> = new Set(['choice', 'date', 'best', 'preference']);

const BY: Record<string, Parameters<typeof t>[0]> = {
  choices: 'by_sets',
  taxonomy: 'by_branches',
  rating: 'by_scale',
  number: 'by_scale',
  text: 'by_characters',
  span: 'by_spans',
  box: 'by_overlap',
  ellipse: 'by_overlap',
  polygon: 'by_overlap',
  mask: 'by_overlap',
  polyline: 'by_nearness',
  keypoints: 'by_nearness',
  ranking: 'by_pairs',
  rubric: 'by_grades',
  key_values: 'by_values',
};
/** What agreement on a kind of answer goes by. */
export const byOf = (kind: string): string => t(BY[kind] ?? 'by_equal');

export const alphaOf = (found: Measured): string => (found.value === null ? t('undefined') : decimal(found.value));

/** The figures of a list in a line: of one question its value, of several each with its name. */
export function briefly(found: readonly Measured[] | null): string {
  if (!found) return t('not_measured');
  return found.length === 1 ? alphaOf(found[0]!) : found.map((one) => `${one.question} ${alphaOf(one)}`).join(', ');
}
