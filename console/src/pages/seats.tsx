import { Link } from "wouter";
import { useNames } from "../api/names";
import { useSeatReport } from "../api/seats";
import { Icon, type IconName } from "../ui/icon";
import { SeatMeter } from "../ui/meter";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";
import { WaitingList } from "./waiting-list";
import { useWaitingWords } from "./waiting-words";

/** The contract of a client: its seats, and the people whose seats may be freed. */
export function SeatsPage({ scope }: { scope: string }) {
  const words = useWords();
  const { seats, views } = words;
  const waiting = useWaitingWords();
  const dates = useDates();
  const { nameOf } = useNames();
  const report = useSeatReport(scope);
  const found = report.data;
  const audit = found?.lastAudit;
  const people = `/scopes/${scope}`;
  const figures: [label: string, figure: number | string][] = found
    ? [
        [seats.active, found.active],
        [seats.pending, found.pending],
        [seats.limit, found.limit ?? seats.unlimited],
      ]
    : [];
  if (found?.waiting) figures.push([words.statuses.waiting, found.waiting]);
  if (found?.promised) figures.push([waiting.promised, found.promised]);
  const freeable: [view: string, icon: IconName, label: string, count: number | undefined][] = [
    ["pending", "mail", views.pending, found?.pending],
    ["undeliverable", "alert", views.undeliverable, audit?.undeliverable],
    ["dormant", "asleep", views.dormant, audit?.dormant],
  ];
  return (
    <div className="narrow">
      <Title>{seats.title(nameOf(scope))}</Title>
      <p>{seats.lead}</p>
      <Loaded of={report}>
        {found && (
          <>
            <div className="card large-meter">
              <SeatMeter seats={found} pending={found.pending} />
            </div>
            <dl className="figures">
              {figures.map(([label, figure]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{figure}</dd>
                </div>
              ))}
            </dl>
            {found.promised > 0 && <p className="hint">{waiting.promisedHelp(found.promised)}</p>}
            {found.waiting > 0 && <WaitingList client={scope} />}
            <h2>{seats.toFree}</h2>
            <ul className="todo">
              {freeable.map(([view, icon, label, count]) => (
                <li key={view}>
                  <Link href={`${people}?view=${view}`}>
                    <Icon of={icon} />
                    <span>
                      <strong>{count ?? "—"}</strong>
                      <span className="hint">{label}</span>
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
            <p className="hint">{audit ? seats.audit(dates.moment(audit.at)) : seats.noAudit}</p>
          </>
        )}
      </Loaded>
    </div>
  );
}
