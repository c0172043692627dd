/**
 * The places of a project, by what a person may do there: few at the top, and below each the pages that belong to it.
 *
 * In: acts. Out: places with their pages. Never: a page that would only say that one may not see it.
 */

import type { Act } from '../api';
import { catalog } from '../catalog';

export const t = catalog({
  pages: 'Pages of the project',
  beside: 'Pages of {place}',
  overview: 'Overview',
  items: 'Items',
  all_items: 'All items',
  map: 'Map',
  findings: 'Findings',
  rules: 'Rules',
  guideline: 'Guideline',
  sessions: 'Calibration sessions',
  releases: 'Releases',
  models: 'Models',
  routing: 'Accepted unseen',
  functions: 'Labeling functions',
  ledger: 'Ledger',
  people: 'People',
  me: 'Yours',
  verify: 'Verify',
  sheet: 'Sheet',
  settings: 'Settings',
});

interface Page {
  path: string;
  title: Parameters<typeof t>[0];
  act: Act;
}
interface Place {
  title: Parameters<typeof t>[0];
  pages: readonly Page[];
}

/** A new page is one row in the place that it belongs to. */
const PLACES: readonly Place[] = [
  { title: 'overview', pages: [{ path: '', title: 'overview', act: 'view' }] },
  {
    title: 'items',
    pages: [
      { path: '/items', title: 'all_items', act: 'measure' },
      { path: '/map', title: 'map', act: 'measure' },
      { path: '/findings', title: 'findings', act: 'measure' },
    ],
  },
  {
    title: 'rules',
    pages: [
      { path: '/guideline', title: 'guideline', act: 'view' },
      { path: '/sessions', title: 'sessions', act: 'annotate' },
      { path: '/functions', title: 'functions', act: 'adjudicate' },
    ],
  },
  {
    title: 'releases',
    pages: [
      { path: '/releases', title: 'releases', act: 'measure' },
      { path: '/models', title: 'models', act: 'measure' },
      { path: '/routing', title: 'routing', act: 'measure' },
      { path: '/ledger', title: 'ledger', act: 'measure' },
    ],
  },
  { title: 'people', pages: [{ path: '/people', title: 'people', act: 'manage' }] },
  {
    title: 'me',
    pages: [
      { path: '/me', title: 'me', act: 'annotate' },
      { path: '/verify', title: 'verify', act: 'annotate' },
      { path: '/sheet', title: 'sheet', act: 'annotate' },
    ],
  },
  { title: 'settings', pages: [{ path: '/settings', title: 'settings', act: 'govern' }] },
];

/** The places that somebody may see, each with the pages of it that they may see. */
export function placesFor(acts: readonly Act[]): Place[] {
  return PLACES.map((place) => ({ ...place, pages: place.pages.filter(({ act }) => acts.includes(act)) })).filter(({ pages }) => pages.length);
}

/** Whether an address (below the project's) is this page or one below it; the overview is only itself. */
export const isAt = (address: string, path: string): boolean =>
  path === '' ? address === '' : address === path || address.startsWith(`${path}/`);
