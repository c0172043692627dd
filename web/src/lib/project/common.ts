/**
 * What the project's pages say alike.
 *
 * In: nothing. Out: words. Never: a sentence that only one page needs.
 */

import { catalog } from '../catalog';
import { Refusal } from '../api';

export const common = catalog({
  title: '{page} of {project} · Goldseam',
  not_yours: 'This page is for those who {act} in this project. If that should be you, ask whoever manages its people.',
  back: 'To the overview',
  view: 'take part',
  annotate: 'label',
  claim: 'label',
  capture: 'send items',
  adjudicate: 'rule on disagreements',
  measure: 'look after its quality',
  manage: 'manage',
  govern: 'own',
  loading: 'Loading',
  again: 'Try again',
  more: 'Show more',
  cancel: 'Cancel',
  close: 'Close',
  copied: 'Copied.',
  copy: 'Copy',
});

/** What went wrong, as the server says it. */
export const wrong = (problem: unknown): string => (problem instanceof Error ? problem.message : String(problem));
export const isConflict = (problem: unknown): problem is Refusal => problem instanceof Refusal && problem.status === 409;
