import type { Seats } from "../api/client";
import { useWords } from "../words/provider";

interface Props {
  seats: Seats;
  /** How many of the seats are those of invitations, if known. */
  pending?: number | undefined;
}

/** The seats in use, with a bar if the contract has a limit: active people, invitations, free seats. */
export function SeatMeter({ seats, pending = 0 }: Props) {
  const { seats: words } = useWords();
  const { limit, used } = seats;
  const free = limit === null ? null : limit - used;
  return (
    <div className="seats" data-full={free !== null && free <= 0}>
      <span>{words.used(used, limit)}</span>
      {limit !== null && limit > 0 && (
        <svg
          className="bar"
          viewBox="0 0 100 8"
          preserveAspectRatio="none"
          role="meter"
          aria-label={words.label}
          aria-valuemin={0}
          aria-valuemax={limit}
          aria-valuenow={Math.min(used, limit)}
        >
          <rect className="free" width="100" height="8" />
          <rect className="waiting" width={percent(used, limit)} height="8" />
          <rect className="taken" width={percent(used - pending, limit)} height="8" />
        </svg>
      )}
      {free !== null && <span className="hint">{free < 0 ? words.over(-free) : words.free(free)}</span>}
    </div>
  );
}

function percent(part: number, of: number): number {
  return Math.max(0, Math.min(100, (100 * part) / of));
}
