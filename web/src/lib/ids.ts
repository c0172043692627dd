/**
 * Ids that the page makes itself, so that any write can be sent twice.
 *
 * In: the time, and random bytes. Out: UUID version 7 (RFC 9562): sortable by time. Never: `crypto.randomUUID`, which
 * browsers withhold over plain HTTP on a local network.
 */

/** Return a UUIDv7: 48 bits of milliseconds, then the version, the variant and 74 random bits. */
export function uuid7(now: number = Date.now(), random: Uint8Array = crypto.getRandomValues(new Uint8Array(10))): string {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes.set(random, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
