import { Component, type ReactNode } from "react";
import { locale } from "../words/locale";
import { WORDS } from "../words/provider";

/** Shows a message and a reload button when rendering fails. */
export class Crash extends Component<{ children: ReactNode }, { crashed: boolean }> {
  override state = { crashed: false };

  static getDerivedStateFromError() {
    return { crashed: true };
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    const words = WORDS[locale()];
    return (
      <main>
        <p role="alert">{words.problems.crashed}</p>
        <button type="button" onClick={() => location.reload()}>
          {words.reload}
        </button>
      </main>
    );
  }
}
