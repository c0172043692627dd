import type { Me } from '$lib/api';

declare global {
  namespace App {
    interface Error {
      message: string;
      /** The server's name for what went wrong, or 'Away' when it could not be reached. */
      type?: string;
    }
    interface PageData {
      me?: Me | null;
    }
  }
}

export {};
