/**
 * Single sign-on: whether there is a provider, and the addresses there and back.
 *
 * In: where to go on to, perhaps an invitation. Out: an address to open. Never: a word that came in the address bar shown as
 * ours: of troubles there are a few, and their sentences stand here.
 */

import { Away, Refusal } from './api';
import { refused } from './speech';

export interface SignOn {
  name: string | null;
  left: boolean;
}

const TROUBLES: Record<string, string> = {
  expired: 'That took too long, or was begun in another window. Try again.',
  declined: 'The sign-in was not finished there. Try again, or use your password.',
  provider: 'The other side cannot be asked, or its answer cannot be trusted. Try again; if it stays so, tell whoever runs this server.',
  unknown: 'You have no account here yet. Ask for an invitation, or sign in with your password and link your account.',
  address: 'An account with your address is here already. Sign in with its password, then link it.',
  linked: 'This account, or that identity, is linked to another one already.',
  closed: 'This account is closed.',
  invitation: 'The invitation was used, was revoked, or is too old. Ask for another.',
};

export function troubles(kind: string): string {
  return (Object.hasOwn(TROUBLES, kind) && TROUBLES[kind]) || 'The sign-in came to nothing. Try again.';
}

/** A server that cannot say has none: the password is there all the same. */
export async function provider(): Promise<SignOn> {
  return call<SignOn>('/api/oidc').catch(() => ({ name: null, left: false }));
}

export async function begin(path: string, invitation: string | null): Promise<string> {
  return (await call<{ address: string }>('/api/oidc', invitation ? { path, invitation } : { path })).address;
}

export async function link(path: string): Promise<string> {
  return (await call<{ address: string }>('/api/me/oidc', { path })).address;
}

export async function end(): Promise<string | null> {
  return (await call<{ address: string | null }>('/api/oidc/end', {})).address;
}

async function call<T>(path: string, body?: unknown): Promise<T> {
  const headers = { Accept: 'application/json', 'Content-Type': 'application/json', 'X-Goldseam': '1' };
  const asked = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
  const reply = await fetch(path, { ...asked, credentials: 'same-origin', cache: 'no-store' }).catch(() => {
    throw new Away();
  });
  const found = (await reply.json().catch(() => null)) as (T & { error?: { type: string; message: string; fields?: Record<string, unknown> } }) | null;
  if (!reply.ok || found === null) {
    const type = found?.error?.type ?? 'Refused';
    throw new Refusal(reply.status, type, refused(type, found?.error?.message ?? 'The server refused the call.', found?.error?.fields));
  }
  return found;
}
