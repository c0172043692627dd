/**
 * The written rules: versions, proposals, and the words of their page.
 *
 * In: a project. Out: typed calls, phrases, the rules with a proposal put in. Never: a version changed.
 */

import { at, call } from '../api';
import { catalog } from '../catalog';

export interface VersionLine {
  version: number;
  at: string;
  current: boolean;
}
export interface WorkedExample {
  text: string;
  label: string;
  why: string;
}
export interface Version extends VersionLine {
  text: string;
  html: string;
  worked_examples: WorkedExample[];
  review_by: string | null;
}
export interface Proposal {
  id: string;
  number: number;
  about: 'clause' | 'label' | 'worked_example';
  text: string;
  clause: string;
  label: string | null;
  item: string | null;
  why: string;
  mine: boolean;
  at: string;
  guideline_version: number;
  state: 'open' | 'accepted' | 'declined';
  decision: { reason: string; at: string; guideline_version: number } | null;
  edit: { keys: (string | number)[]; old: string; new: string; made: boolean; line: number | null } | null;
}
export interface Rules {
  text: string;
  worked_examples: WorkedExample[];
  review_by: string | null;
}

export const rules = {
  versions: (project: string, before?: number) =>
    call<VersionLine[]>(at(project, `/guideline/versions?limit=50${before ? `&before=${before}` : ''}`)),
  version: (project: string, number: number) => call<Version>(at(project, `/guideline/versions/${number}`)),
  publish: (project: string, body: Rules & { id: string; based_on: number }) =>
    call<{ version: number }>(at(project, '/guideline/versions'), { method: 'POST', body }),
  preview: (text: string) => call<{ html: string }>('/api/guideline', { method: 'POST', body: { text } }),
  proposals: (project: string, before?: number) =>
    call<Proposal[]>(at(project, `/proposals?limit=50${before ? `&before=${before}` : ''}`)),
  decide: (project: string, proposal: string, body: { id: string; state: string; reason: string }) =>
    call<Proposal>(at(project, `/proposals/${encodeURIComponent(proposal)}/decision`), { method: 'POST', body }),
};

/** The rules as a proposal wants them; null where it is about something that is no part of them. */
export function amended(now: Rules, { about, text, clause, label, why }: Proposal): Rules | null {
  switch (about) {
    case 'clause': {
      if (!clause) return { ...now, text: now.text.trim() ? `${now.text.trimEnd()}\n\n${text}\n` : `${text}\n` };
      const place = now.text.indexOf(clause);
      return place < 0 ? null : { ...now, text: now.text.slice(0, place) + text + now.text.slice(place + clause.length) };
    }
    case 'worked_example':
      return { ...now, worked_examples: [...now.worked_examples, { text, label: label ?? '', why }] };
    case 'label':
      return null;
    default:
      return about satisfies never;
  }
}

/** All that a version says, as one text, so that two versions can be compared. */
export const asText = ({ text, worked_examples, review_by }: Rules): string =>
  [
    text.trimEnd(),
    ...worked_examples.map((one) => `“${one.text}”\n→ ${one.label}${one.why ? `: ${one.why}` : ''}\n`),
    ...(review_by ? [t('review', { day: review_by })] : []),
  ]
    .filter(Boolean)
    .join('\n\n');

export const t = catalog({
  title: 'Guideline',
  lede: 'Version {n}. Every answer carries the version that its author had in view.',
  parts: 'Parts of the guideline',
  read: 'Read',
  changes: 'Changes',
  proposals: 'Proposals',
  write: 'Write',
  none: 'No rules are written yet. The labels still have their definitions; a few sentences about the hard cases save more time than anything else.',
  none_manage: 'Write the first version.',
  review: 'To be looked at again by {day}.',
  examples: { one: '{n} worked example', other: '{n} worked examples' },
  advised: 'About twenty are advised: they settle more arguments than rules do.',
  first: 'There is one version so far. What changes is shown here once there are two.',
  from: 'From',
  to: 'to',
  version: 'Version {v}, {at}',
  now: 'Version {v}, {at} (in force)',
  compared: 'What changed from version {a} to version {b}',
  no_proposals: 'Nobody has proposed a change yet. Whoever labels can propose one from the guideline beside an item: press G there.',
  no_proposals_own: 'You have proposed nothing yet. Press G beside an item to read the rules, and propose there what should change.',
  open: 'Waiting for a decision',
  decided: 'Decided',
  about_clause: 'A clause',
  about_new_clause: 'A new clause',
  about_label: 'The definition of {label}',
  about_worked_example: 'A worked example of {label}',
  yours: 'yours',
  made_on: 'made on version {v}, {at}',
  because: 'Because: {why}',
  reason: 'Reason, which its author reads',
  accept: 'Accept',
  decline: 'Decline',
  accepted_now: 'Accepted. It is not in the rules yet: put it in, look it over, and publish.',
  declined_now: 'Declined. Its author reads why.',
  state_accepted: 'accepted',
  state_declined: 'declined',
  stands: 'It stands in the guideline now.',
  not_in: 'It is not in the guideline yet.',
  put_in: 'Put it into the guideline',
  schema_only: 'A label’s definition is part of the schema: an owner changes it under Settings.',
  schema_line: 'It stands in line {line} of the project file.',
  gone: 'What it was about is not there any more.',
  proposed: 'What is proposed',
  text_label: 'Rules, in Markdown',
  preview: 'As people will read it',
  preview_empty: 'Nothing yet.',
  example_text: 'Text',
  example_label: 'Label',
  example_why: 'Why',
  example_add: 'Add a worked example',
  example_remove: 'Remove example {n}',
  review_by: 'Look at the rules again by',
  changed: 'What changes for people',
  publish: 'Publish version {n}',
  publish_note: 'People see what changed when they open the next item. Answers given before keep their version, and the ledger keeps the act.',
  unchanged: 'This is what version {n} says already.',
  published: 'Version {n} is in force.',
  draft: 'Kept in this browser since {at}.',
  discard: 'Discard the draft',
  conflict: 'Your text is kept. Below is how it differs from what is in force now; publish again to replace that.',
  examples_title: 'Worked examples',
});
