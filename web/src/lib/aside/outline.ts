/**
 * Help with a mask: the object within a box, found by the server.
 *
 * In: an item with an image, a box. Out: a mask. Never: an answer.
 */

import { call, type Item } from '../api';
import type { Bounds } from '../editors/contract';

export interface Found {
  width: number;
  height: number;
  counts: string;
}

export async function outline(item: Item, box: Bounds): Promise<Found> {
  const { left, top, right, bottom } = box;
  const whole = { left: Math.round(left), top: Math.round(top), right: Math.round(right), bottom: Math.round(bottom) };
  try {
    return await call<Found>(item.media_url!.replace(/media$/, 'outline'), { method: 'POST', body: whole });
  } catch (problem) {
    if ((problem as { status?: number }).status === 501) throw new Error('This server finds no objects: it lacks the package for it.');
    throw problem;
  }
}
