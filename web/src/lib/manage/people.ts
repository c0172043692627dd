/**
 * People of a project as its managers see them, and as one sees oneself.
 *
 * In: a project. Out: typed calls and replies. Never: a secret kept, an order of people by how good they are.
 */

import { at, call, type Answer, type Item } from '../api';
import { uuid7 } from '../ids';
import { fixed } from '../words';
import { say } from '../speech';

export interface Member {
  id: string;
  name: string;
  kind: string;
  login: string | null;
  role: string;
  disabled: boolean;
  since: string;
}
export interface Invitation {
  id: string;
  role: string;
  made_by: string;
  at: string;
  expires_at: string;
  used_by: string | null;
  used_at: string | null;
  revoked_at: string | null;
}
export interface Skill {
  annotator: string;
  name: string;
  skill: string;
  level: number;
  granted_at: string;
  by: string;
  how: string;
}
export interface Promotion {
  id: string;
  number: number;
  annotator: string;
  name: string;
  figures: { n_answers: number; n_gold: number; gold_low: number | null; n_compared: number; agreement: number | null; weeks: number };
  at: string;
  state: string;
  decision: { reason: string; at: string } | null;
}
export interface Flagged {
  number: number;
  item: Item;
  reason: string;
  goes_to: string;
  at: string;
  state: string;
  note: string;
  decided_at: string | null;
  flags: { reason: string; act: string; name: string; note: string; at: string }[];
}
export interface Statement {
  id: string;
  number: number;
  person: string;
  name: string | null;
  amount: number;
  currency: string;
  minor_digits: number;
  n_answers: number;
  until: string;
  at: string;
  state: string;
  events: { event: string; reason: string; at: string }[];
}
export interface Cost {
  currency: string;
  amount: string;
  n_settled: number;
  per_label: string | null;
}
export interface Step {
  key: string;
  kind: string;
  state: string;
  since: string | null;
  n_questions: number;
  pass_mark: number | null;
  tries_left: number | null;
  opens_at: string | null;
}
export interface OwnFigures {
  at: string;
  n_answers: number;
  n_gold: number;
  gold: number | null;
  gold_low: number | null;
  gold_high: number | null;
  n_compared: number;
  agreement: number | null;
  seconds: number | null;
  seconds_all: number | null;
}
export interface MyPay {
  statements: Statement[];
  n_open: number;
  open_amount: number | null;
  currency: string;
  minor_digits: number;
  rates: { id: string; per: string; amount: number; currency: string; since: string; tier: number | null; person: string | null }[];
}
export interface Kept {
  id: string;
  item: string;
  question: string;
  answer: Answer;
  at: string;
  seconds: number;
  withdrawn: boolean;
}

const post = <T>(path: string, body: Record<string, unknown>) =>
  call<T>(path, { method: 'POST', body: { id: uuid7(), ...body } });
const part = encodeURIComponent;

export const people = {
  members: (project: string, after = '') =>
    call<{ people: Member[]; after: string | null }>(at(project, `/people?limit=100&after=${part(after)}`)),
  role: (project: string, person: string, role: string) => post(at(project, `/people/${part(person)}/role`), { role }),
  invitations: (project: string, after = '') =>
    call<{ invitations: Invitation[]; after: string | null }>(at(project, `/invitations?limit=100&after=${part(after)}`)),
  revoke: (project: string, invitation: string) =>
    call(at(project, `/invitations/${part(invitation)}/revoke`), { method: 'POST' }),
  skills: (project: string, after = '') =>
    call<{ skills: Skill[]; after: string | null }>(at(project, `/skills?limit=200&after=${part(after)}`)),
  grant: (project: string, annotator: string, skill: string, level: number) => post(at(project, '/skills'), { annotator, skill, level }),
  take: (project: string, annotator: string, skill: string) => post(at(project, '/skills/revoke'), { annotator, skill }),
  promotions: (project: string) => call<Promotion[]>(at(project, '/promotions?limit=100')),
  decide: (project: string, promotion: string, state: string, reason: string) =>
    post(at(project, `/promotions/${part(promotion)}/decision`), { state, reason }),
  flagged: (project: string, before?: number) =>
    call<Flagged[]>(at(project, `/flagged?state=open&limit=50${before ? `&before=${before}` : ''}`)),
  settle: (project: string, item: string, decision: string, note: string) =>
    post(at(project, `/flagged/${part(item)}/decision`), { decision, note }),
  reasons: (project: string) => call<{ name: string; title: string }[]>(at(project, '/reasons')),
  statements: (project: string, before?: number) =>
    call<Statement[]>(at(project, `/pay/statements?limit=50${before ? `&before=${before}` : ''}`)),
  cost: (project: string) => call<Cost[]>(at(project, '/pay/cost')),
  state: (project: string, person: string, until: string) => post<Statement>(at(project, '/pay/statements'), { person, until }),
  move: (project: string, statement: string, event: string, reason: string) =>
    post(at(project, `/pay/statements/${part(statement)}/events`), { event, reason }),
  onboarding: (project: string) => call<{ through: boolean; steps: Step[] }>(at(project, '/onboarding')),
  read: (project: string, guideline_version: number) => post(at(project, '/onboarding/guideline'), { guideline_version }),
  figures: (project: string) => call<{ figures: OwnFigures | null }>(at(project, '/own-figures')),
  pay: (project: string) => call<MyPay>(at(project, '/pay/mine')),
  history: (project: string, before?: string) =>
    call<Kept[]>(at(project, `/history?limit=50${before ? `&before=${part(before)}` : ''}`)),
  ownSkills: (project: string) => call<{ skills: Record<string, number> }>(at(project, '/skills/own')),
};

/** Where a statement stands, in words. */
export const paidAs = (state: string): string => ({ open: say('open'), approved: say('approved'), held: say('held'), paid: say('paid') })[state] ?? state;

/** Minor units as money: '12.50 EUR'. */
export function money(amount: number, digits: number, currency: string): string {
  const text = fixed(amount / 10 ** digits, digits);
  return `${text} ${currency}`;
}

export const words = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
