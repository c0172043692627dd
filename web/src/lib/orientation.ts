/**
 * How a photo is turned: the orientation that a camera wrote into a JPEG.
 *
 * In: the first bytes of a file. Out: 1 to 8, as EXIF counts. Never: a pixel.
 */

/** The orientation in a JPEG's EXIF block; 1 (upright) where there is none. */
export function orientationOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return 1;
  for (let at = 2; at + 10 <= view.byteLength; ) {
    const marker = view.getUint16(at);
    const length = view.getUint16(at + 2);
    if (marker === 0xffe1 && view.getUint32(at + 4) === 0x45786966) return orientationIn(view, at + 10);
    if (marker < 0xffc0 || marker === 0xffda || length < 2) return 1;
    at += 2 + length;
  }
  return 1;
}

function orientationIn(view: DataView, start: number): number {
  if (start + 8 > view.byteLength) return 1;
  const little = view.getUint16(start) === 0x4949;
  const first = start + view.getUint32(start + 4, little);
  if (first + 2 > view.byteLength) return 1;
  const count = view.getUint16(first, little);
  for (let nth = 0, at = first + 2; nth < count && at + 12 <= view.byteLength; nth++, at += 12) {
    if (view.getUint16(at, little) !== 0x0112) continue;
    const found = view.getUint16(at + 8, little);
    return found >= 1 && found <= 8 ? found : 1;
  }
  return 1;
}
