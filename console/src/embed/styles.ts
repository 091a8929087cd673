import base from "../styles/base.css?inline";
import frame from "../styles/frame.css?inline";
import overlays from "../styles/overlays.css?inline";
import pages from "../styles/pages.css?inline";
import parts from "../styles/parts.css?inline";
import print from "../styles/print.css?inline";
import team from "../styles/team.css?inline";
import embed from "./embed.css?inline";
import { scoped } from "./scoped";

/** The console's styles within a shadow root: their root is the element, and its width decides, not the window's. */
export function styles(): CSSStyleSheet {
  const text = [base, parts, frame, overlays, team, pages, print, embed].join("\n");
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(scoped(text));
  return sheet;
}
