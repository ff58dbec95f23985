import { toleratedClockSkewMs } from '../../modelarts/auth/credential.ts';
import { findingsOf, type Finding } from './finding.ts';

/** More is no matter of a slow answer and a Date of whole seconds. */
const noticeableMs = 60_000;

/** `skewMs`: how far the clock here is ahead of ModelArts', by the Date of an answer. */
export function judgeClock(about: string, skewMs: number): Finding {
  const say = findingsOf('clock', about);
  const off = Math.abs(skewMs);
  if (off < noticeableMs) return say.ok("the clock here agrees with ModelArts' to less than a minute");
  const found = `the clock here is ${Math.round(off / 1000)} s ${skewMs > 0 ? 'ahead of' : 'behind'} ModelArts'`;
  const advice = 'set it right (NTP)';
  return off > toleratedClockSkewMs
    ? say.fail(`${found}: signatures are refused`, advice)
    : say.warn(found, advice);
}
