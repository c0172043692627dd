/**
 * Checks by the reader's own browser: hashes of files, an entry's place under a signed root, the signature itself.
 *
 * In: bytes and what the server says of them. Out: whether they hold, or null where this browser cannot tell. Never: a check
 * passed because it could not be made. RFC 6962 hashing; C2SP signed notes, Ed25519.
 */

/** Browsers hash only on pages that came over TLS or from this machine. */
export const canHash = (): boolean => globalThis.isSecureContext !== false && !!globalThis.crypto?.subtle;

type Bytes = Uint8Array<ArrayBuffer>;

export async function sha256(data: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', data));
}

export const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
export const fromHex = (text: string): Bytes => Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
const fromBase64 = (text: string): Bytes => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));

function joined(...parts: readonly Uint8Array[]): Bytes {
  const made = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    made.set(part, at);
    at += part.length;
  }
  return made;
}

export const leafHash = (data: string): Promise<Bytes> => sha256(joined(Uint8Array.of(0), new TextEncoder().encode(data)));
const nodeHash = (left: Uint8Array, right: Uint8Array): Promise<Bytes> => sha256(joined(Uint8Array.of(1), left, right));

/** The root that a leaf and its path lead to (RFC 9162, 2.1.3.2); null where the path has the wrong length. */
export async function rootOf(leaf: Uint8Array, position: number, size: number, path: readonly Uint8Array[]): Promise<Uint8Array | null> {
  if (position < 0 || position >= size) return null;
  let [fn, sn] = [BigInt(position), BigInt(size - 1)];
  let root = leaf;
  for (const step of path) {
    if (sn === 0n) return null;
    if (fn & 1n || fn === sn) {
      root = await nodeHash(step, root);
      while (!(fn & 1n) && fn !== 0n) [fn, sn] = [fn >> 1n, sn >> 1n];
    } else root = await nodeHash(root, step);
    [fn, sn] = [fn >> 1n, sn >> 1n];
  }
  return sn === 0n ? root : null;
}

export interface Note {
  origin: string;
  size: number;
  root: Bytes;
  body: string;
  signatures: { name: string; id: string; signature: Bytes }[];
}

/** A signed note, none of its signatures checked; null if it is of another form. */
export function readNote(note: string): Note | null {
  try {
    const gap = note.lastIndexOf('\n\n');
    const lines = note.slice(0, gap).split('\n');
    if (gap < 0 || lines.length !== 3) return null;
    const signatures = note
      .slice(gap + 2)
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [, name = '', data = ''] = line.split(' ');
        const bytes = fromBase64(data);
        return { name, id: hex(bytes.slice(0, 4)), signature: bytes.slice(4) };
      });
    return { origin: lines[0]!, size: Number(lines[1]), root: fromBase64(lines[2]!), body: `${lines.join('\n')}\n`, signatures };
  } catch {
    return null;
  }
}

/** Whether the key of this line signed the note; null where this browser does not know Ed25519. */
export async function isSigned(note: Note, keyLine: string): Promise<boolean | null> {
  const [name = '', id = '', encoded = ''] = keyLine.trim().split('+', 2).concat(keyLine.trim().split('+').slice(2).join('+'));
  const own = note.signatures.find((one) => one.name === name && one.id === id);
  if (!own) return false;
  try {
    const key = await crypto.subtle.importKey('raw', fromBase64(encoded).slice(1), { name: 'Ed25519' }, false, ['verify']);
    return await crypto.subtle.verify({ name: 'Ed25519' }, key, own.signature, new TextEncoder().encode(note.body));
  } catch {
    return null;
  }
}

export interface Checked {
  /** The entry's bytes hash to the leaf that the log has of it. */
  leaf: boolean;
  /** The leaf and its path lead to the root that was signed. */
  path: boolean;
  /** The signature is the key's; null where this browser cannot say. */
  signature: boolean | null;
}

/** Check one entry of a log from its bytes up. */
export async function checkEntry(
  entry: { canonical: string; leaf: string; position: number },
  proof: { size: number; hashes: readonly string[]; note: string },
  keyLine: string,
): Promise<Checked> {
  const leaf = await leafHash(entry.canonical);
  const note = readNote(proof.note);
  const root = await rootOf(leaf, entry.position, proof.size, proof.hashes.map(fromHex));
  return {
    leaf: hex(leaf) === entry.leaf,
    path: !!note && !!root && note.size === proof.size && hex(root) === hex(note.root),
    signature: note ? await isSigned(note, keyLine) : false,
  };
}
