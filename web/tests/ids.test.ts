import { expect, test } from 'vitest';
import { uuid7 } from '../src/lib/ids';

test('an id is a UUID of version 7 with the time in front, as RFC 9562 shows in its example', () => {
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  expect(uuid7(0x017f22e279b0, random)).toBe('017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('ids are in lower case, differ, and sort by the time they were made', () => {
  const ids = Array.from({ length: 200 }, (_, i) => uuid7(1_700_000_000_000 + i));
  expect(new Set(ids).size).toBe(200);
  expect([...ids].sort()).toEqual(ids);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
