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
  return {
    day: (time: string) => day.format(new Date(time)),
    moment: (time: string) => moment.format(new Date(time)),
    relative: (time: string, now = Date.now()) => distance(relative, (Date.parse(time) - now) / 1_000),
  };
}

/** The value of an `<input type="datetime-local">`, in this device's time zone. */
export function toLocalInput(time: string | null | undefined): string {
  if (!time) return "";
  const date = new Date(time);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** The value of such an input in the API's format; `null` if it is empty. */
export function fromLocalInput(value: string): string | null {
  return value ? new Date(value).toISOString().replace(".000Z", "Z") : null;
}
