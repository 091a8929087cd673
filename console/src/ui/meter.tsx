import type { Seats } from "../api/client";
import { useWords } from "../words/provider";

/** The seats in use, with a meter if the contract has a limit. */
export function SeatMeter({ seats }: { seats: Seats }) {
  const { seats: words } = useWords();
  const { limit, used } = seats;
  const free = limit === null ? null : limit - used;
  return (
    <div className="seats" data-full={free !== null && free <= 0}>
      <span>
        <strong>{words.label}</strong> {words.used(used, limit)}
      </span>
      {limit !== null && limit > 0 && (
        <meter min={0} max={limit} high={limit * 0.9} optimum={0} value={used} aria-label={words.label} />
      )}
      {free !== null && <span className="hint">{free < 0 ? words.over(-free) : words.free(free)}</span>}
    </div>
  );
}
