/**
 * Images, fetched and decoded before they are needed.
 *
 * In: an address on this server. Out: an image element ready to be shown at once. Never: a picture from elsewhere.
 */

import { api } from './api';
import { orientationOf } from './orientation';
import type { Media } from './queue';

export async function loadMedia(url: string): Promise<Media> {
  const blob = await api.media(url);
  const address = URL.createObjectURL(blob);
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(address);
    throw new Error('The image could not be decoded by this browser.');
  }
  // Answers are in pixels as stored; the browser shows them turned.
  const orientation = blob.type === 'image/jpeg' ? orientationOf(new Uint8Array(await blob.slice(0, 131_072).arrayBuffer())) : 1;
  return { image, width: image.naturalWidth, height: image.naturalHeight, orientation, release: () => URL.revokeObjectURL(address) };
}
