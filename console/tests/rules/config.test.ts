import { expect, test } from "vitest";
import { completed } from "../../src/config";

const GIVEN = { authority: "https://login.example.org", clientId: "console", scope: "openid" };

test("the product is called Coulisses unless the deployment names it", () => {
  expect(completed(GIVEN)).toEqual({ ...GIVEN, product: "Coulisses" });
  expect(completed({ ...GIVEN, product: " " }).product).toBe("Coulisses");
  expect(completed({ ...GIVEN, product: "Salons & Co" }).product).toBe("Salons & Co");
});

test("only a web address is a link to the platform", () => {
  const url = (platformUrl: string) => completed({ ...GIVEN, platformUrl }).platformUrl;
  expect(url("https://events.example.org/back-office")).toBe("https://events.example.org/back-office");
  for (const other of ["", "javascript:alert(1)", "events.example.org", "https://"]) {
    expect(url(other), other).toBeUndefined();
  }
});
