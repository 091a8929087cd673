import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, data } from "../api/client";
import { VisibleScopesProvider } from "../api/names";
import { useOwnAccess } from "../api/queries";
import "../styles/support.css";
import { useDraft } from "../session/draft";
import { Field } from "../ui/field";
import { Icon } from "../ui/icon";
import { isolated } from "../ui/isolated";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useOwnWords } from "../words/provider";
import { support as en } from "../words/support-en";
import { support as fr } from "../words/support-fr";
import { SupportClients } from "./support-clients";
import { SupportPerson } from "./support-person";

/** The page of the platform's support: a person in all clients, what they may do and why, and all clients. */
export function SupportPage() {
  const words = useOwnWords({ fr, en });
  const access = useOwnAccess();
  return (
    <>
      <Title>{words.title}</Title>
      <Loaded of={access}>
        {access.data?.support ? (
          <>
            <p>{words.lead}</p>
            <FindPerson />
            <SupportClients />
          </>
        ) : (
          <p role="alert">{words.notForYou}</p>
        )}
      </Loaded>
    </>
  );
}

/** A search for an address in all clients. The address stays in this tab: in the page's address, servers would log it. */
function FindPerson() {
  const words = useOwnWords({ fr, en });
  const [asked, setAsked] = useDraft("support", "");
  const [typed, setTyped] = useState(asked);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked(typed.trim());
  };
  return (
    <section>
      <h2>{words.person}</h2>
      <form className="support-form" onSubmit={submit}>
        <Field label={words.email} help={words.emailHelp}>
          {(field) => (
            <input
              {...field}
              type="email"
              required
              maxLength={254}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          )}
        </Field>
        <button type="submit">
          <Icon of="search" /> {words.find}
        </button>
      </form>
      {asked && <Found email={asked} />}
    </section>
  );
}

/** The person in each client. */
function Found({ email }: { email: string }) {
  const words = useOwnWords({ fr, en });
  const found = useQuery({
    queryKey: ["people", email],
    queryFn: () => data(api.GET("/v1/people", { params: { query: { email } } })),
  });
  const people = found.data?.people ?? [];
  const who = isolated(email);
  return (
    <Loaded of={found}>
      <p role="status">{people.length > 0 ? words.found(people.length, who) : words.nowhere(who)}</p>
      {people.map((person) => (
        <VisibleScopesProvider key={person.client.id} scope={person.client.id}>
          <SupportPerson found={person} />
        </VisibleScopesProvider>
      ))}
    </Loaded>
  );
}
