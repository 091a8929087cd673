import { useEffect } from "react";
import { useRead } from "../api/once";
import { Title } from "../ui/title";
import { en, fr } from "../words/problems-page";
import { useLanguage, useOwnWords } from "../words/provider";

const readList = async () => (await import("../words/problems.json")).default;

/** What each problem of the API means. The `type` of a problem leads to its code on this page. */
export function ProblemsPage() {
  const { locale } = useLanguage();
  const words = useOwnWords({ fr, en });
  const { data: list } = useRead(readList);
  // The browser looked for the code before it was there.
  useEffect(() => {
    if (list) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  }, [list]);
  return (
    <article className="welcome">
      <Title>{words.title}</Title>
      <p>{words.lead}</p>
      {list?.map(({ code, status, [locale]: { title, detail } }) => (
        <section key={code} id={code}>
          <h2>{title}</h2>
          <p className="hint">
            <a href={`#${code}`}>{code}</a> · {status}
          </p>
          <p>{detail}</p>
        </section>
      ))}
    </article>
  );
}
