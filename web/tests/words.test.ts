/** Numbers, days and times as each language of the page writes them, and from one place only. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { speak } from '../src/lib/speech';
import { bytes, count, day, decimal, fixed, moment, percent, seconds, share, spelled } from '../src/lib/words';

afterEach(() => speak('en'));

test('in English a point parts the digits, in German a comma, and a day is written as people there write it', async () => {
  const written = () => [count(1797), fixed(0.5, 2), percent(0.9712), share(0.971), decimal(-0.4), seconds(2.5), bytes(27_840), day('2026-11-21T12:00:00Z'), moment('2026-11-21T12:00:00Z').slice(0, 12), spelled('2026-11-21')];
  expect(written()).toEqual(['1,797', '0.50', '97.1 %', '97.1 %', '−0.40', '2.5 s', '27.8 kB', 'Nov 21, 2026', 'Nov 21, 2026', 'Saturday, November 21, 2026']);
  await speak('de');
  expect(written()).toEqual(['1.797', '0,50', '97,1 %', '97,1 %', '−0,40', '2,5 s', '27,8 kB', '21.11.2026', '21.11.2026, ', 'Samstag, 21. November 2026']);
});

test('what is no time is shown as it came', () => {
  expect(day('soon')).toBe('soon');
  expect(moment('soon')).toBe('soon');
});

/** Shown as the data has it, kept as text that is read back, or a length for the browser's own eyes. */
const APART: Record<string, RegExp> = {
  'lib/words.ts': /./,
  'lib/parts/ItemTable.svelte': /Intl\.NumberFormat\('en-US'/,
  'lib/editors/number.ts': /String\(Number\(next\.toPrecision/,
  'lib/editors/choice.ts': /setProperty/,
  'lib/project/Coverage.svelte': /const line =/,
  'lib/parts/ModelChart.svelte': /const line =/,
};

test('no other module writes a number or a day by itself: it would be in one language only', () => {
  const root = join(import.meta.dirname, '..', 'src');
  const found: string[] = [];
  for (const entry of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!/\.(ts|svelte)$/.test(entry)) continue;
    for (const line of readFileSync(join(root, entry), 'utf8').split('\n')) {
      if (/toLocale\w*String|Intl\.(?:Number|DateTime)Format\(|\.toFixed\(|\.toPrecision\(/.test(line) && !APART[entry]?.test(line)) found.push(`${entry}: ${line.trim()}`);
    }
  }
  expect(found).toEqual([]);
});
