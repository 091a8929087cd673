import type { Locale } from "./locale";
import { regional } from "./region";

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

/** A relative time in its largest unit: "in 3 weeks", "2 days ago". */
function distance(format: Intl.RelativeTimeFormat, seconds: number): string {
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return format.format(Math.trunc(seconds / size), unit);
}

type Formats = ReturnType<typeof made>;

const cache = new Map<Locale, Formats>();

/** The formats of times. Made once, since the browser takes long to make them. */
export function formats(language: Locale): Formats {
  const known = cache.get(language) ?? made(language);
  cache.set(language, known);
  return known;
}

function made(language: Locale) {
  const locale = regional(language);
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const time = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  // `Intl` throws for a time that is none; the page then shows the text itself.
  const shown = (time: string, as: (date: Date) => string) => {
    const date = new Date(time);
    return Number.isNaN(date.getTime()) ? time : as(date);
  };
  return {
    day: (time: string) => shown(time, (date) => day.format(date)),
    time: (at: string) => shown(at, (date) => time.format(date)),
    moment: (time: string) => shown(time, (date) => moment.format(date)),
    relative: (time: string, now = Date.now()) =>
      shown(time, (date) => distance(relative, (date.getTime() - now) / 1_000)),
  };
}

/** The day of a time on this device, as `2027-06-30`. */
export function dayOf(time: Date | string): string {
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The start of a day on this device, in the API's format. */
export function startOfDay(day: string): string {
  return iso(new Date(`${day}T00:00:00`));
}

/** The end of a day on this device, in the API's format. */
export function endOfDay(day: string): string {
  return iso(new Date(`${day}T23:59:00`));
}

/** The same time of day some months later; the last day of the month if it has no such day. */
export function plusMonths(from: Date, months: number): string {
  const later = new Date(from);
  later.setMonth(later.getMonth() + months);
  if (later.getDate() !== from.getDate()) later.setDate(0);
  return iso(later);
}

function iso(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
