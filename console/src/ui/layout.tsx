import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { useOptionalAccount, useSession } from "../session/provider";
import { useLanguage } from "../words/provider";
import { Icon } from "./icon";
import { useOtherLanguages } from "./languages";
import { type Entry, MenuButton } from "./menu";
import { PlatformLink, usePlatformUrl } from "./platform-link";
import { Rail, useBrand } from "./rail";

// Wide screens never open it.
const Dialog = lazy(async () => ({ default: (await import("./dialog")).Dialog }));

/** The frame of the pages of a signed-in user: header, rail of events. */
export function Layout({ children }: { children: ReactNode }) {
  const { words } = useLanguage();
  const session = useSession();
  const main = useMainFocus();
  const brand = useBrand();
  return (
    <>
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {words.skip}
      </button>
      <header className="top">
        <Drawer />
        <Link href="/" className="brand">
          {brand.logoUrl && <img src={brand.logoUrl} alt="" />}
          <bdi>{brand.name ?? session.config.product}</bdi>
        </Link>
        <div className="top-end">
          <PlatformLink className="button plain wide-only" url={brand.platformUrl} />
          <AccountMenu url={brand.platformUrl} />
        </div>
      </header>
      <div className="frame" data-rail="true">
        <nav className="rail" aria-label={words.rail.label}>
          <Rail />
        </nav>
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}

/** The rail on a narrow screen: behind a button. */
function Drawer() {
  const { words } = useLanguage();
  const [path] = useLocation();
  const [openAt, setOpenAt] = useState<string>();
  return (
    <>
      <button
        type="button"
        className="quiet narrow-only"
        aria-label={words.rail.open}
        onClick={() => setOpenAt(path)}
      >
        <Icon of="menu" />
      </button>
      <Suspense>
        {openAt === path && (
          <Dialog title={words.rail.label} place="start" onClose={() => setOpenAt(undefined)}>
            <nav className="rail-drawer" aria-label={words.rail.label}>
              <Rail />
            </nav>
          </Dialog>
        )}
      </Suspense>
    </>
  );
}

/** Who is signed in, the language, and signing out. */
function AccountMenu({ url }: { url: string | null | undefined }) {
  const { words } = useLanguage();
  const session = useSession();
  const account = useOptionalAccount();
  const { inbox } = session.config;
  const platformUrl = usePlatformUrl(url);
  const languages = useOtherLanguages();
  if (!account) return null;
  const entries: Entry[] = [
    ...(platformUrl
      ? [{ id: "platform", label: words.platform, icon: "external" as const, href: platformUrl }]
      : []),
    ...(inbox ? [{ id: "inbox", label: words.inbox, icon: "mail" as const, href: inbox }] : []),
    ...languages.map(({ name, choose }) => ({ id: name, label: name, onAction: choose })),
    "line",
    { id: "leave", label: words.signIn.leave, onAction: () => void session.signOut() },
  ];
  return (
    <MenuButton className="quiet me" label={words.account(account.name ?? account.email)} entries={entries}>
      <span className="wide-only">
        <bdi>{account.name ?? account.email}</bdi>
      </span>
      <span className="narrow-only">
        <Icon of="person" />
      </span>
      <Icon of="open" />
    </MenuButton>
  );
}

/** Moves the focus to the content on navigation, as if a new page had loaded: screen readers then announce it. */
function useMainFocus() {
  const [path] = useLocation();
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  const back = useRef(false);
  useEffect(() => {
    const note = () => {
      back.current = true;
    };
    addEventListener("popstate", note);
    return () => removeEventListener("popstate", note);
  }, []);
  useEffect(() => {
    const from = before.current;
    if (from === path) return;
    before.current = path;
    const isBack = back.current;
    back.current = false;
    // The panel of a person opens above the list and closes on it: the place in the list stays.
    if (pageOf(from) === pageOf(path)) return;
    main.current?.focus({ preventScroll: true });
    // When going back, the browser restores the scroll position itself.
    if (!isBack) scrollTo(0, 0);
  }, [path]);
  return main;
}

/** The page of a path, without the panel that is open on it. */
function pageOf(path: string): string {
  return path.replace(/\/people\/[^/]+$/, "");
}
