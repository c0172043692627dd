import { afterEach, describe, expect, it } from 'vitest';
import { catalog } from '../src/lib/catalog';
import { hex, leafHash, readNote, rootOf, sha256 } from '../src/lib/project/proof';
import { compare, tally, type Kind } from '../src/lib/project/wording';
import { speak } from '../src/lib/speech';

const side = (before: string, after: string, left: Kind) =>
  compare(before, after)
    .flatMap(({ pieces }) => pieces)
    .filter(({ kind }) => kind === 'same' || kind === left)
    .map(({ text }) => text)
    .join('');

/** A small generator with a seed: texts of few words, so that they share many. */
function texts(seed: number): [string, string] {
  let state = seed;
  const next = (n: number) => ((state = (state * 1103515245 + 12345) % 2 ** 31) >> 8) % n;
  const one = () => Array.from({ length: next(40) }, () => ['praise', 'blame', ' ', '\n', '- ', 'is', '🙂', 'é'][next(8)]!).join('');
  return [one(), one()];
}

describe('what changed between two texts', () => {
  it('holds every sign of both texts, in order', () => {
    for (let seed = 1; seed <= 300; seed++) {
      const [before, after] = texts(seed);
      expect(side(before, after, 'gone')).toBe(before);
      expect(side(before, after, 'new')).toBe(after);
    }
  });
  it('marks words, not letters or lines', () => {
    const changed = compare('# Rules\n\nIrony counts as praise.\nEnd', '# Rules\n\nIrony counts as blame.\nEnd').filter(({ same }) => !same);
    expect(changed).toHaveLength(1);
    expect(changed[0]!.pieces.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'gone', text: 'praise' },
      { kind: 'new', text: 'blame' },
    ]);
  });
  it('takes two texts that have nothing in common, as long as may be', () => {
    const before = Array.from({ length: 9_000 }, (_, n) => `a${n} b`).join('\n');
    const after = Array.from({ length: 9_000 }, (_, n) => `c${n} d`).join('\n');
    expect(side(before, after, 'new')).toBe(after);
    expect(tally(compare('', 'one two'))).toEqual({ gone: 0, added: 2 });
  });
});

describe('words', () => {
  afterEach(() => speak('en'));
  const t = catalog({ items: { one: '{n} item', other: '{n} items' }, of: 'Items of {name}', left: 'Only in English' });

  it('counts by the rule of the language and fills holes', () => {
    expect([t('items', { n: 1 }), t('items', { n: 1200 }), t('of', { name: '{n}' })]).toEqual(['1 item', '1,200 items', 'Items of {n}']);
  });
  it('speaks German, and English where it has no word', async () => {
    await speak('de');
    expect([1, 12_000].map((n) => t('items', { n }))).toEqual(['1 Element', '12.000 Elemente']);
    expect(t('left')).toBe('Only in English');
  });
});

describe('a proof is checked by the browser', () => {
  const node = async (left: Uint8Array, right: Uint8Array) => sha256(Uint8Array.from([1, ...left, ...right]));
  const half = (n: number) => 2 ** Math.ceil(Math.log2(n) - 1);
  /** RFC 6962, 2.1: written down once more, from the text. */
  const mth = async (leaves: Uint8Array[]): Promise<Uint8Array> =>
    leaves.length === 1 ? leaves[0]! : node(await mth(leaves.slice(0, half(leaves.length))), await mth(leaves.slice(half(leaves.length))));
  const path = async (m: number, leaves: Uint8Array[]): Promise<Uint8Array[]> => {
    if (leaves.length === 1) return [];
    const k = half(leaves.length);
    return m < k ? [...(await path(m, leaves.slice(0, k))), await mth(leaves.slice(k))] : [...(await path(m - k, leaves.slice(k))), await mth(leaves.slice(0, k))];
  };

  it('for every entry of every small log, and for no other place, size or path', async () => {
    for (const size of [1, 2, 3, 4, 5, 6, 7, 8, 13, 16, 21]) {
      const leaves = await Promise.all(Array.from({ length: size }, (_, n) => leafHash(`entry ${n}`)));
      const root = hex(await mth(leaves));
      for (let m = 0; m < size; m++) {
        const way = await path(m, leaves);
        expect(hex((await rootOf(leaves[m]!, m, size, way))!)).toBe(root);
        expect(await rootOf(leaves[m]!, size, size, way)).toBeNull();
        expect(await rootOf(leaves[m]!, m, size, [...way, leaves[0]!])).toBeNull();
        if (size > 1) {
          const other = await rootOf(leaves[m]!, m, size, way.slice(1));
          expect(other === null || hex(other) !== root).toBe(true);
          expect(hex((await rootOf(await leafHash('another'), m, size, way))!)).not.toBe(root);
        }
      }
    }
  });
  it('reads a signed note, and nothing that is not one', () => {
    const body = `goldseam/p\n3\n${btoa('r'.repeat(32))}\n`;
    expect(readNote(`${body}\n— key ${btoa('idid' + 's'.repeat(64))}\n`)).toMatchObject({ origin: 'goldseam/p', size: 3, body, signatures: [{ name: 'key', id: '69646964' }] });
    expect([readNote(''), readNote(body), readNote('a\nb\n\n— k x')]).toEqual([null, null, null]);
  });
});
