/**
 * Findings: labels that are likely wrong, where the model errs, what labels are worth; and what is done about them.
 *
 * In: a project. Out: typed calls and replies, phrases. Never: people in an order of how good they are.
 */

import { at, call } from '../api';
import { catalog } from '../catalog';
import { uuid7 } from '../ids';
import type { Far } from '../manage/create';

export interface Kind {
  round: number;
  at: string;
  reason: string;
  n: number;
  n_found: number;
}
export interface Pattern {
  kind: string;
  name: string;
  n: number;
  wrong: number;
  low: number;
  high: number;
  advice: string;
  items: string[];
}
export interface Findings {
  issues: Kind | null;
  patterns: Kind | null;
  value: Kind | null;
  issue_list: { item: string; label: string; suggested: string; confidence: number; n_votes: number }[];
  pattern_list: Pattern[];
  worth_list: { item: string; label: string; value: number }[];
  items: { id: string; text: string; media_url: string | null }[];
  sent: string[];
}

export const findings = {
  newest: (project: string) => call<Findings>(at(project, '/findings')),
  look: (project: string) => call<Far>(at(project, '/findings/look'), { method: 'POST', body: {} }),
  far: (project: string) => call<Far>(at(project, '/findings/look')),
  relabel: (project: string, items: string[]) =>
    call<{ n_items: number }>(at(project, '/findings/relabel'), { method: 'POST', body: { id: uuid7(), items } }),
};

export const t = catalog({
  title: 'Findings',
  lede: 'Where the labels are likely wrong, by the model and by gold. Each is a reason to look, not a verdict.',
  look: 'Look the labels over',
  looking: 'Looking: {what}',
  look_note: 'It takes from seconds to minutes, in the background; people go on meanwhile.',
  doing_issues: 'labels that are likely wrong',
  doing_patterns: 'where the model errs',
  doing_value: 'what labels are worth',
  never: 'Nobody has had the labels looked over yet.',
  never_view: 'Whoever manages the project can have it done here.',
  of: 'round {round}, {at}',
  old: 'Looked over in round {then}; it is round {now} now.',
  issues: 'Labels that are likely wrong',
  issues_lede: { one: '{found} of {n} label is not what a model says that had not learned from the item. The surest come first.', other: '{found} of {n} labels are not what a model says that had not learned from the item. The surest come first.' },
  issues_none: 'The model says what people said, wherever it had not learned from the item.',
  patterns: 'Where the model errs',
  patterns_lede: { one: '{found} of {n} suggestion was not what the item was settled to.', other: '{found} of {n} suggestions were not what the item was settled to.' },
  patterns_none: 'No kind of error stands out from what chance explains.',
  wrong: '{wrong} of {n} wrong, {low} to {high}',
  such_as: 'Such as',
  write: 'Change the guideline',
  value: 'Labels that cost the model most',
  value_lede: { one: '{found} of {n} label makes the model worse on gold. Those that cost most come first.', other: '{found} of {n} labels make the model worse on gold. Those that cost most come first.' },
  value_none: 'No label makes the model worse on gold.',
  table: '{what}, as a table',
  choose: 'Choose',
  choose_all: 'Choose all that are shown',
  item: 'Item',
  label: 'Label',
  model_says: 'Model says',
  sure: 'Sure',
  votes: 'Answers',
  worth: 'Worth',
  sent: 'sent',
  send: { one: 'Send {n} item to be labeled again', other: 'Send {n} items to be labeled again' },
  send_none: 'Choose items to have them labeled again.',
  send_note: 'People who never answered them are asked, and see nothing of this.',
  sent_now: { one: '{n} item is asked about again.', other: '{n} items are asked about again.' },
  kind_label: 'Confused',
  kind_segment: 'Segment',
  kind_annotator: 'Labels by',
  kind_clause: 'Clause',
  shown: 'The first {n} are shown.',
});

const KINDS = new Set(['label', 'segment', 'annotator', 'clause']);
export const kindOf = (kind: string): string => (KINDS.has(kind) ? t(`kind_${kind}` as 'kind_clause') : kind);
