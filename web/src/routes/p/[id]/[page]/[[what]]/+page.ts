import { error } from '@sveltejs/kit';
import type { PageLoad } from './$types';

export const load: PageLoad = async ({ params }) => {
  const { pageOf } = await import('$lib/project/pages');
  const found = pageOf(params.page, params.what);
  if (!found) error(404, { message: 'There is no such page.', type: 'NotFound' });
  return { view: (await found()).default };
};
