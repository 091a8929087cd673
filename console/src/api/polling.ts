/** The first and the longest wait between two requests, and how long they go on, in milliseconds. */
const FIRST = 2_000;
const LONGEST = 30_000;
const END = 60_000;

/**
 * How long to wait before asking again, `waited` milliseconds after the user acted: 2 s, doubling to 30 s. `false` after
 * a minute: what is not done by then is for the user to look at again.
 */
export function pollDelay(waited: number): number | false {
  if (waited >= END) return false;
  return Math.min(LONGEST, FIRST * 2 ** Math.floor(Math.log2(Math.max(0, waited) / FIRST + 1)));
}
