/**
 * How much is left until an instant of the system's time that was at most `longestMillis` away when it was set; 0 = it is
 * over. More than there ever was means that the machine's clock went back: then it is over too, since nobody knows when it
 * would have been.
 */
export function remainingMillis(until: number, now: number, longestMillis: number): number {
  const left = until - now;
  return left > longestMillis ? 0 : Math.max(0, left);
}
