import { describe, expect, it } from 'vitest';
import { ceiling, chosen, shown, wrongShare, type Certificate } from '../src/lib/project/routing';

const made = (more: Partial<Certificate>): Certificate => ({
  id: 'c', round: 1, split: 'all', group: '', state: 'open', threshold: 0.9, error: 0.05, delta: 0.05, n: 100, wrong: 2, pool: 1000,
  size: 400, upper: 0.048, reason: '', accepted: 300, fixed: null, curve: [], beside: [], checks: null, at: '2026-01-01T00:00:00Z', ...more,
});

describe('routing', () => {
  it('shows the newest certificate of each group, and older ones only where spot checks closed them', () => {
    const found = [made({ id: 'a', state: 'replaced' }), made({ id: 'b', state: 'closed' }), made({ id: 'c' }), made({ id: 'd', split: 'label', group: 'x' })];
    expect(shown(found).map(({ id }) => id)).toEqual(['c', 'd', 'b']);
  });
  it('has no chosen point where the tier was not opened', () => {
    expect(chosen(made({}))).toEqual({ coverage: 0.4, upper: 0.048 });
    expect(chosen(made({ threshold: null, upper: null }))).toBeNull();
  });
  it('draws as high as the highest share that was measured', () => {
    const point = { threshold: 0.8, coverage: 0.5, n: 10, wrong: 3, low: 0, high: 1 };
    expect(wrongShare({ n: 0, wrong: 0 })).toBe(0);
    expect(ceiling(made({ curve: [point] }))).toBeGreaterThanOrEqual(0.3);
    expect(ceiling(made({}))).toBeGreaterThanOrEqual(0.1);
  });
});
