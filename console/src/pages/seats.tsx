import { Link } from "wouter";
import { useNames } from "../api/names";
import { useSeatReport } from "../api/seats";
import { Icon, type IconName } from "../ui/icon";
import { SeatMeter } from "../ui/meter";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";

/** The contract of a client: its seats, and the people whose seats may be freed. */
export function SeatsPage({ scope }: { scope: string }) {
  const words = useWords();
  const { seats, views } = words;
  const dates = useDates();
  const { nameOf } = useNames();
  const report = useSeatReport(scope);
  const found = report.data;
  const audit = found?.lastAudit;
  const people = `/scopes/${scope}`;
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
              {(
                [
                  [seats.active, found.active],
                  [seats.pending, found.pending],
                  [seats.limit, found.limit ?? seats.unlimited],
                ] as const
              ).map(([label, figure]) => (
                <div key={label}>
                  <dt>{label}</dt>
                  <dd>{figure}</dd>
                </div>
              ))}
            </dl>
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
