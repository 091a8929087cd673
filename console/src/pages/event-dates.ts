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
  const days = (timeZone: string) =>
    new Intl.DateTimeFormat(regional(locale), { dateStyle: "medium", timeZone });
  return daysIn(days, timeZone ?? clientZone ?? "UTC").formatRange(
    new Date(first),
    new Date(endsAt ?? first),
  );
}

/** The API may know a newer time zone than the browser. */
function daysIn(days: (zone: string) => Intl.DateTimeFormat, zone: string): Intl.DateTimeFormat {
  try {
    return days(zone);
  } catch {
    return days("UTC");
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
