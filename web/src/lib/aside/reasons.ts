/**
 * The project's reasons to pass on an item or to flag it: asked for once, and kept for the time without a connection.
 *
 * In: a project. Out: its reasons, in its order. Never: a wait when a dialog is opened (they are asked for before).
 */

import { recall, remember } from '../taste';
import { type Reason, reasons } from './calls';

const known = new Map<string, Reason[]>();

const nameOf = (project: string) => `reasons.${project}`;

/** Ask for them now, so that a dialog has them later. */
export async function fetchReasons(project: string): Promise<void> {
  const found = await reasons(project).catch(() => null);
  if (!found) return;
  known.set(project, found);
  remember(nameOf(project), JSON.stringify(found));
}

/** What is known of them; nothing where the server was never asked. */
export function reasonsOf(project: string): Reason[] {
  try {
    return known.get(project) ?? (JSON.parse(recall(nameOf(project), '[]')) as Reason[]);
  } catch {
    return [];
  }
}
