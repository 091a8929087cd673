import { useQuery } from "@tanstack/react-query";
import { api, data } from "../api/client";
import { SeatMeter } from "../ui/meter";
import { Loaded } from "../ui/state";
import { Title } from "../ui/title";
import { useDates, useWords } from "../words/provider";

/** The seats of a client and the results of the last audit. */
export function SeatsPage({ scope }: { scope: string }) {
  const words = useWords();
  const { seats } = words;
  const dates = useDates();
  const report = useQuery({
    queryKey: ["seats", scope],
    queryFn: () => data(api.GET("/v1/scopes/{scope}/seats", { params: { path: { scope } } })),
  });
  const found = report.data;
  const audit = found?.lastAudit;
  return (
    <div className="narrow">
      <Title>{seats.title}</Title>
      <p>{seats.lead}</p>
      <Loaded of={report}>
        {found && (
          <>
            <SeatMeter seats={found} />
            <Figures
              of={[
                [seats.limit, found.limit ?? seats.unlimited],
                [seats.taken, found.used],
                [seats.active, found.active],
                [seats.pending, found.pending],
              ]}
            />
          </>
        )}
        <h2>{seats.audit}</h2>
        {audit ? (
          <>
            <p>{dates.moment(audit.at)}</p>
            <Figures
              of={[
                [seats.counted, audit.counted],
                [seats.drift, audit.drift],
                [seats.repaired, audit.repaired],
                [seats.expiredInvitations, audit.expiredInvitations],
                [seats.expiredGrants, audit.expiredGrants],
                [seats.overLimit, audit.overLimit],
                [seats.dormant, audit.dormant],
                [seats.undeliverable, audit.undeliverable],
              ]}
            />
          </>
        ) : (
          <p>{seats.noAudit}</p>
        )}
      </Loaded>
    </div>
  );
}

function Figures({ of }: { of: (readonly [string, string | number | boolean])[] }) {
  const { yes, no } = useWords();
  const shown = (figure: string | number | boolean) =>
    typeof figure === "boolean" ? (figure ? yes : no) : figure;
  return (
    <dl className="figures">
      {of.map(([label, figure]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{shown(figure)}</dd>
        </div>
      ))}
    </dl>
  );
}
