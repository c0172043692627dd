/**
 * Whether a text is code, so that it is shown in the letters that code is read in.
 *
 * In: a text. Out: yes or no, by its lines. Never: a guess at which language.
 */

const LINE = /[;{}]\s*$|^\s*(?:def|class|import|from|return|function|const|let|var|public|private|static|if|for|while|else|elif|SELECT|INSERT|#include|package|fn|func|use|val)\b.*[({:;=]|^\s{2,}\S.*[()=]|^\s*(?:\/\/|#!|<\/?\w+[^>]*>$)/;

/** Most of its lines have the form of code; prose seldom has one. */
export function looksLikeCode(text: string): boolean {
  const lines = text.slice(0, 4_000).split('\n').filter((line) => line.trim() !== '');
  if (lines.length < 3) return false;
  return lines.filter((line) => LINE.test(line)).length >= lines.length * 0.5;
}
