import type { ScopeLabel } from "../api/scopes";
import type { Locale } from "../words/locale";
import { regional } from "../words/region";

/**
 * When an event takes place, in its own time zone or that of the client: "12–14 mars 2027". Nothing without dates; with
 * only one of them, that day.
 */
export function period(
  { startsAt, endsAt, timeZone }: ScopeLabel,
  locale: Locale,
  clientZone: string | null,
): string {
  const first = startsAt ?? endsAt;
  if (!first) return "";
  const days = daysIn(locale, timeZone ?? clientZone ?? "UTC");
  return days.formatRange(new Date(first), new Date(endsAt ?? first));
}

/** The day of a time, in a time zone. */
export function dayIn(time: string, locale: Locale, zone: string | null): string {
  return daysIn(locale, zone ?? "UTC").format(new Date(time));
}

const cache = new Map<string, Intl.DateTimeFormat>();

/** The format of days in a time zone. Made once, since the browser takes long to make it. */
function daysIn(locale: Locale, zone: string): Intl.DateTimeFormat {
  const key = `${locale} ${zone}`;
  const days = cache.get(key) ?? made(locale, zone);
  cache.set(key, days);
  return days;
}

/** In UTC if the browser does not know the time zone: the API may know a newer one. */
function made(locale: Locale, timeZone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat(regional(locale), { dateStyle: "medium", timeZone });
  } catch {
    return made(locale, "UTC");
  }
}

/** The order of events: those to come by their start, those without dates, and those that ended, the latest first. */
export function byDates(now: number): (a: ScopeLabel, b: ScopeLabel) => number {
  const kind = ({ startsAt, endsAt }: ScopeLabel) => {
    const last = endsAt ?? startsAt;
    if (!last) return 1;
    return Date.parse(last) < now ? 2 : 0;
  };
  const start = ({ startsAt, endsAt }: ScopeLabel) => Date.parse(startsAt ?? endsAt ?? "") || 0;
  return (a, b) => {
    const order = kind(a) === 2 ? start(b) - start(a) : start(a) - start(b);
    return kind(a) - kind(b) || order || a.name.localeCompare(b.name);
  };
}
