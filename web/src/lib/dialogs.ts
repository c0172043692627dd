/**
 * Dialogs, loaded after the first item is on screen: they are not what a person waits for.
 *
 * In: nothing. Out: components. Never: a dialog that needs the server when it is opened (`fetchAll` came first).
 */

export const keys = () => import('./parts/Keys.svelte');
export const skip = () => import('./parts/Skip.svelte');
export const find = () => import('./parts/Find.svelte');
export const guideline = () => import('./parts/Guideline.svelte');
export const card = () => import('./parts/LabelCard.svelte');
export const beside = () => import('./parts/Beside.svelte');
export const pack = () => import('./aside/pack');
export const rest = () => import('./parts/Rest.svelte');
/** Where a person is among several questions. */
export const steps = () => import('./parts/Steps.svelte');
/** What to do where this page cannot ask. */
export const elsewhere = () => import('./parts/Elsewhere.svelte');
export const letters = () => import('./parts/Letters.svelte');

/** Load them all into memory, so that they open at once and without a connection. */
export async function fetchAll(): Promise<void> {
  await Promise.allSettled([keys(), skip(), find(), letters(), guideline(), card(), beside(), pack(), rest(), steps(), elsewhere()]);
}
