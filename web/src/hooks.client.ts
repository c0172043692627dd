/** Before anything is drawn, the page learns its reader's language. */
import { speak } from '$lib/speech';

export const init = (): Promise<void> => speak();
