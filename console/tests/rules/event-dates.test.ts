import { expect, test } from "vitest";
import { byDates, period } from "../../src/pages/event-dates";

const label = (
  name: string,
  startsAt: string | null,
  endsAt: string | null,
  timeZone: string | null = null,
) => ({
  id: `acme:tech:${name}`,
  level: "event" as const,
  name,
  startsAt,
  endsAt,
  timeZone,
});

const dateOf = (text: string) => text.replaceAll(/[\u2009\u202f\u00a0]/g, " ");

test("the dates of an event are those of its own time zone, or else of the client's", () => {
  const salon = label("salon", "2027-03-12T08:00:00.000Z", "2027-03-14T17:00:00.000Z");
  expect(dateOf(period(salon, "fr", "Europe/Paris"))).toBe("12–14 mars 2027");
  const late = label("late", "2027-03-12T20:00:00.000Z", "2027-03-13T02:00:00.000Z");
  expect(dateOf(period(late, "fr", "Europe/Paris"))).toBe("12–13 mars 2027");
  expect(dateOf(period({ ...late, timeZone: "America/New_York" }, "fr", "Europe/Paris"))).toBe(
    "12 mars 2027",
  );
  expect(dateOf(period(late, "en", null))).toMatch(/12\s?–\s?13 Mar 2027/);
  expect(dateOf(period({ ...late, endsAt: null }, "fr", "Mars/Phobos"))).toBe("12 mars 2027");
  expect(period(label("undated", null, null), "fr", null)).toBe("");
});

test("events to come are first, and those that ended are last", () => {
  const now = Date.parse("2027-03-13T00:00:00Z");
  const events = [
    label("ended long ago", "2025-03-12T08:00:00.000Z", "2025-03-14T17:00:00.000Z"),
    label("undated b", null, null),
    label("in May", "2027-05-01T08:00:00.000Z", null),
    label("ended yesterday", null, "2027-03-12T08:00:00.000Z"),
    label("now", "2027-03-12T08:00:00.000Z", "2027-03-14T17:00:00.000Z"),
    label("undated a", null, null),
  ];
  expect(events.toSorted(byDates(now)).map(({ name }) => name)).toEqual([
    "now",
    "in May",
    "undated a",
    "undated b",
    "ended yesterday",
    "ended long ago",
  ]);
});
