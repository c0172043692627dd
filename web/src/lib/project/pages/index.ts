/**
 * The pages on which a project is led, by their place in the address: one route for all of them, so that whoever labels does not
 * load the list of their files.
 *
 * In: the page's name, and what of it. Out: what loads it. Never: two of them in one chunk.
 */

import type { Component } from 'svelte';
import type { Project } from '../../api';

export interface PageData {
  project: Project;
}
type Loads = () => Promise<{ default: Component<{ data: PageData }> }>;

const LISTS: Record<string, Loads> = {
  guideline: () => import('./Guideline.svelte'),
  sessions: () => import('./Sessions.svelte'),
  releases: () => import('./Releases.svelte'),
  models: () => import('./Models.svelte'),
  ledger: () => import('./Ledger.svelte'),
  findings: () => import('./Findings.svelte'),
  settings: () => import('./Settings.svelte'),
};
const ONES: Record<string, Loads> = {
  sessions: () => import('./Session.svelte'),
  releases: () => import('./Release.svelte'),
};

export const pageOf = (page: string, what?: string): Loads | undefined => {
  const known = what ? ONES : LISTS;
  return Object.hasOwn(known, page) ? known[page] : undefined;
};
