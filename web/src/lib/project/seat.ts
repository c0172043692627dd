/**
 * An item of a session as editors want it: a task like those of the queue, with its media, leased from nobody.
 *
 * In: an item, a name. Out: a task. Never: one picture in two places of the page; each place takes a copy.
 */

import type { Item } from '../api';
import { loadMedia } from '../media';
import type { Media, Task } from '../queue';

/** A task about this item; drafts of it are kept under `name`. */
export async function seat(item: Item, name: string): Promise<Task> {
  const assignment = { id: name, token: '', item, expires_at: '', seconds: 0, suggestion: null };
  const plain: Task = { assignment, media: null, broken: null, leaseEnds: Infinity };
  if (!item.media_url) return plain;
  try {
    return { ...plain, media: await loadMedia(item.media_url) };
  } catch (problem) {
    return { ...plain, broken: problem instanceof Error ? problem.message : String(problem) };
  }
}

/** The same picture for another place. */
export const copied = (media: Media | null): Media | null => media && { ...media, image: media.image.cloneNode() as HTMLImageElement };
