/**
 * Sheets of items that the model calls the same: asked for, closed, taken back.
 *
 * In: a project, a label. Out: what the server says. Never: an answer (those go through the outbox, as everywhere).
 */

import { type Api, api, type Assignment, type Waiting } from '../api';
import { uuid7 } from '../ids';

export interface SheetReply {
  label: string;
  assignments: Assignment[];
  /** Where to go on for this label; null at the end. */
  after: string | null;
  waiting: Waiting | null;
}

export interface Receipt {
  id: string;
  label: string;
  at: string;
  state: 'closed' | 'undone';
  n_shown: number;
  n_confirmed: number;
  /** Of those that somebody else is asked about: how many agree, how many do not, how many wait. */
  same: number;
  other: number;
  waiting: number;
}

export interface Precision {
  label: string;
  n: number;
  right: number;
  low: number;
  high: number;
  n_planted: number;
  n_caught: number;
}

export interface Laid extends SheetReply {
  id: string;
}

const note = async <T>(project: string, path: string, body: { id: string }) => (await (api as Api).note(project, path, body)) as T;

export async function lay(project: string, label: string | null, after: string | null, holding: readonly string[]): Promise<Laid> {
  const id = uuid7();
  const body = { id, label, after, holding };
  return { id, ...(await note<SheetReply>(project, '/sheets', body)) };
}

export const close = (project: string, sheet: string) => note<Receipt>(project, `/sheets/${sheet}/close`, { id: uuid7() });

export const takeBack = (project: string, sheet: string) => note<Receipt>(project, `/sheets/${sheet}/undo`, { id: uuid7() });

export const receipts = (project: string) => api.read<{ receipts: Receipt[]; precision: Precision[] }>(project, '/sheets');
