/**
 * The ledger in plain words: who did what, when, and about what.
 *
 * In: a project, entries as they are kept. Out: typed calls, sentences. Never: more said of an entry than stands in it.
 */

import { at, call } from '../api';
import { catalog } from '../catalog';

export interface Entry {
  position: number;
  leaf: string;
  kind: string;
  at: string;
  actor: string;
  name: string;
  about: string;
  body: Record<string, unknown>;
  canonical: string;
}
export interface Checkpoint {
  size: number;
  root: string | null;
  note: string | null;
  key: string;
}
export interface Proof {
  position: number;
  size: number;
  hashes: string[];
  note: string;
}

export const ledger = {
  page: (project: string, before?: number) =>
    call<{ size: number; entries: Entry[] }>(at(project, `/ledger/page?limit=50${before === undefined ? '' : `&before=${before}`}`)),
  checkpoint: (project: string) => call<Checkpoint>(at(project, '/ledger')),
  proof: (project: string, position: number) => call<Proof>(at(project, `/ledger/proof?position=${position}`)),
};

/** What each kind of entry says happened. */
const DID = {
  'project.applied': 'made the project what its file says',
  'source.taken_in': 'took in {n_accepted} items',
  'items.drawn': 'drew items for a round',
  'suggestions.made': 'had the model make suggestions',
  'items.routed': 'sent items to people',
  'annotation.given': 'answered an item',
  'annotation.withdrawn': 'took an answer back',
  'assignment.skipped': 'skipped an item',
  'gold.set': 'set gold',
  'items.settled': 'settled labels by the votes',
  'label.ruled': 'ruled on an item',
  'quality.measured': 'measured agreement and accuracy',
  'release.published': 'published release {number}',
  'model.trained': 'trained a model',
  'model.promoted': 'let a new model make the suggestions',
  'model.kept': 'kept the model that made the suggestions',
  'role.granted': 'gave a role',
  'account.made': 'made an account',
  'token.made': 'made an API token',
  'token.revoked': 'took an API token back',
  'password.changed': 'changed a password',
  'identity.linked': 'linked a sign-in',
  'identity.unlinked': 'unlinked a sign-in',
  'invitation.made': 'made an invitation',
  'invitation.revoked': 'took an invitation back',
  'invitation.accepted': 'took up an invitation',
  'key.made': 'made the signing key',
  'round.ended': 'ended a round',
  'certificate.made': 'certified a threshold',
  'tier.closed': 'closed automatic acceptance',
  'skill.granted': 'granted a skill',
  'skill.revoked': 'took a skill away',
  'batch.assigned': 'gave items to people by hand',
  'batch.released': 'gave items back to everybody',
  'priority.set': 'put items ahead',
  'items.asked': 'asked about {n_items} items once more',
  'sheet.closed': 'confirmed a sheet of items that the model calls the same',
  'sheet.undone': 'took back what was confirmed of a sheet',
  'comment.made': 'commented on an item',
  'change.proposed': 'proposed a change of the guideline',
  'proposal.decided': 'decided about a proposal: {state}',
  'label.disputed': 'contested a label',
  'dispute.decided': 'decided about a contested label',
  'item.escalated': 'handed an item to the next tier',
  'item.flagged': 'flagged an item',
  'item.held': 'held an item back',
  'hold.decided': 'decided about a flagged item',
  'webhook.made': 'made a webhook',
  'webhook.changed': 'changed a webhook',
  'questions.set': 'set questions with known answers',
  'onboarding.moved': 'moved somebody on in onboarding',
  'trial.begun': 'began a test',
  'trial.ended': 'ended a test',
  'promotion.proposed': 'had a promotion proposed by figures',
  'promotion.decided': 'decided about a promotion',
  'calibration.started': 'started a calibration session',
  'calibration.answered': 'answered in a calibration session',
  'calibration.moved': 'moved a calibration session on',
  'calibration.said': 'spoke in a calibration session',
  'calibration.agreed': 'kept what a session agreed on',
  'calibration.measured': 'measured agreement after a session',
  'pay.rate_set': 'set a rate of pay',
  'pay.stated': 'made a statement of pay',
  'suggestions.switched': 'switched suggestions on or off',
  'model.asked': 'asked a language model',
  'production.captured': 'took in what a model met in production',
  'drift.measured': 'measured drift',
  'stop.weighed': 'weighed whether more labels are worth asking for',
  'pay.moved': 'moved a statement of pay on',
} as const;

export const did = catalog(DID);

/** What an entry says was done; a kind that has no words here is named as it is. */
export function saidOf({ kind, body }: Entry): string {
  if (!(kind in DID)) return kind;
  const holes = Object.fromEntries(Object.entries(body).filter(([, value]) => typeof value === 'number' || typeof value === 'string')) as Record<string, string | number>;
  const text = did(kind as keyof typeof DID, holes);
  return /\{\w+\}/.test(text) ? text.replace(/\s*:?\s*\{\w+\}/g, '') : text;
}

export const t = catalog({
  title: 'Ledger',
  lede: 'Every act that decided something, in its order, sealed under a signed root. Nothing in it can be changed or left out without a proof failing.',
  none: 'Nothing is sealed yet. The first entries appear a moment after the first act.',
  loop: 'Goldseam',
  somebody: 'somebody',
  sealed: { one: '{n} entry is sealed', other: '{n} entries are sealed' },
  checkpoint: 'Save the checkpoint',
  key: 'Key',
  checkpoint_note: 'Keep it outside of this server: a later ledger that does not contain it was rewritten. The key should reach you another way than this page.',
  older: 'Older entries',
  go_to: 'Go to entry',
  go: 'Go',
  about: 'about {what}',
  body: 'What stands in it',
  check: 'Check it here',
  checking: 'Checking',
  check_note: 'Your browser hashes the entry, follows its path to the root, and checks the signature.',
  check_cannot: 'This browser hashes nothing on a page that came over plain HTTP. Open the page over TLS or on the server’s own machine, or run: goldseam verify',
  leaf: 'The entry’s bytes have the hash that the ledger gives',
  leaf_not: 'The entry’s bytes have another hash than the ledger gives',
  path: 'The path leads to the root over {n} entries',
  path_not: 'The path does not lead to the signed root',
  signature: 'The root is signed by the key named above',
  signature_not: 'The root is not signed by the key named above',
  signature_unknown: 'This browser cannot check Ed25519 signatures; goldseam verify does',
  holds: 'It holds.',
  fails: 'It does not hold. Keep a copy of this page, and compare with a checkpoint that was saved before.',
  proves: 'This shows that the entry is in the log that was signed. Whether it was true when it was made, no proof can show.',
  entry: 'Entry {n}',
});
