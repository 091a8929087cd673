import type { Locale } from "./locale";

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

/** The formats of times. */
export function formats(locale: Locale) {
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  // `Intl` throws for a time that is none; the page then shows the text itself.
  const shown = (time: string, as: (date: Date) => string) => {
    const date = new Date(time);
    return Number.isNaN(date.getTime()) ? time : as(date);
  };
  return {
    day: (time: string) => shown(time, (date) => day.format(date)),
    moment: (time: string) => shown(time, (date) => moment.format(date)),
    relative: (time: string, now = Date.now()) =>
      shown(time, (date) => distance(relative, (date.getTime() - now) / 1_000)),
  };
}

/** The value of an `<input type="datetime-local">`, in this device's time zone. */
export function toLocalInput(time: string | null | undefined): string {
  if (!time) return "";
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${String(date.getFullYear()).padStart(4, "0")}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The last value of such an input that the API accepts. */
export const LAST_INPUT = "9999-12-31T23:59";

/** The value of such an input in the API's format; `null` if it is empty. A year with more digits is for the API to refuse. */
export function fromLocalInput(value: string): string | null {
  if (!value) return null;
  const date = new Date(value);
  const isWritable = !Number.isNaN(date.getTime()) && date.getUTCFullYear() <= 9999;
  return isWritable ? date.toISOString().replace(".000Z", "Z") : `${value}:00Z`;
}
