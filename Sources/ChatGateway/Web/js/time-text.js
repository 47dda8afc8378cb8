// Times in the reader's own language and time zone.

import { onPrefs } from "./prefs.js";

let short;
let full;
let day;
let dayWithYear;

onPrefs(({ clock }) => {
  const hours = clock === "auto" ? {} : { hourCycle: clock === "12" ? "h12" : "h23" };
  short = new Intl.DateTimeFormat(undefined, { timeStyle: "short", ...hours });
  full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium", ...(clock === "auto" ? {} : { hourCycle: hours.hourCycle }) });
  day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
  dayWithYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long", year: "numeric" });
});

/** @param {number} at milliseconds since 1970 */
export const timeText = (at) => short.format(at);

/** The same without AM and PM, for where there is little room. */
export const clockText = (at) => short.formatToParts(at).filter(({ type }) => type !== "dayPeriod").map(({ value }) => value).join("").trim();
export const fullText = (at) => full.format(at);

/** Today, Yesterday, a weekday of this year, or a date. */
export function dayText(at, now = Date.now()) {
  const days = Math.round((startOfDay(now) - startOfDay(at)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (new Date(at).getFullYear() === new Date(now).getFullYear() ? day : dayWithYear).format(at);
}

/** "Today 07:44", and "today 07:44" within a sentence. */
export const momentText = (at) => `${dayText(at)} ${timeText(at)}`;
export const momentWithin = (at) => momentText(at).replace(/^(Today|Yesterday) /, (word) => word.toLowerCase());

export function startOfDay(at) {
  return new Date(at).setHours(0, 0, 0, 0);
}
