/**
 * Images, fetched and decoded before they are needed.
 *
 * In: an address on this server. Out: an image element ready to be shown at once. Never: a picture from elsewhere.
 */

import { api } from './api';
import type { Media } from './queue';

export async function loadMedia(url: string): Promise<Media> {
  const address = URL.createObjectURL(await api.media(url));
  const image = new Image();
  image.src = address;
  try {
    await image.decode();
  } catch {
    URL.revokeObjectURL(address);
    throw new Error('The image could not be decoded by this browser.');
  }
  return { image, width: image.naturalWidth, height: image.naturalHeight, release: () => URL.revokeObjectURL(address) };
}
