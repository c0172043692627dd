/**
 * Small choices of one person that this browser remembers.
 *
 * In: a name and a value. Out: the value, or what holds without one. Never: an answer, or anything that must not be lost.
 */

export function recall(name: string, otherwise: string): string {
  try {
    return localStorage.getItem(`goldseam.${name}`) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`goldseam.${name}`, value);
  } catch {
    // Then it holds until the page is closed.
  }
}
