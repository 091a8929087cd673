import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { memo, type ReactNode, useContext, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Collaborator } from "../api/client";
import { Printing } from "./printing";

/** How many rows before the end the next page is requested. */
const AHEAD = 30;

/** The height of a row until it is measured, in pixels. */
const ROW = 56;

/** A row: a person, or the heading of a group. */
export type Item =
  | { id: string; person: Collaborator; count?: never }
  | { id: string; person?: never; count: number };

interface Props {
  items: readonly Item[];
  more: boolean;
  onMore: () => void;
  children: (item: Item) => ReactNode;
}

/** The visible rows, each at its position, or all of them in print. Requests the next page before the end is reached. */
export function Rows({ items, more, onMore, children }: Props) {
  const list = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const printing = useContext(Printing);
  const { setProbe, height } = useRowHeight();
  useLayoutEffect(() => {
    const { top } = list.current?.getBoundingClientRect() ?? { top: 0 };
    setTop(Math.round(top + scrollY));
  }, []);
  const rows = useWindowVirtualizer({
    count: items.length,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: top,
    getItemKey: (index) => items[index]?.id ?? index,
  });
  useEffect(() => {
    if (height) rows.measure();
  }, [rows, height]);
  const drawn = rows.getVirtualItems();
  const last = drawn.at(-1)?.index ?? 0;
  useEffect(() => {
    if (more && last >= items.length - AHEAD) onMore();
  }, [more, onMore, last, items.length]);
  if (printing) {
    return (
      <div role="rowgroup" className="rows">
        <div ref={setProbe} className="row-probe" aria-hidden="true" />
        {items.map((item, index) => (
          <Row key={item.id} item={item} index={index} render={children} />
        ))}
      </div>
    );
  }
  return (
    <div role="rowgroup" ref={list} className="rows" style={{ height: rows.getTotalSize() }}>
      <div ref={setProbe} className="row-probe" aria-hidden="true" />
      {drawn.map(({ index, key, start }) => {
        const item = items[index];
        return item && <Row key={key} item={item} index={index} at={start - top} render={children} />;
      })}
    </div>
  );
}

interface RowProps {
  item: Item;
  index: number;
  /** How far from the top, in pixels; in print, a row follows the one before. */
  at?: number;
  render: (item: Item) => ReactNode;
}

/** A row, which is rendered again only if it has changed: not while the list scrolls. */
const Row = memo(function Row({ item, index, at, render }: RowProps) {
  return (
    <div
      role="row"
      className="row"
      aria-rowindex={index + 2}
      {...(at === undefined ? {} : { style: { transform: `translateY(${at}px)` } })}
    >
      {render(item)}
    </div>
  );
});

/** The height of a row in pixels, which the styles decide: by the width of the page, and the size of its text. */
function useRowHeight() {
  // In print, the element is another one.
  const [probe, setProbe] = useState<HTMLDivElement | null>(null);
  const [height, setHeight] = useState(ROW);
  useLayoutEffect(() => {
    if (!probe) return undefined;
    const measure = () => setHeight(probe.offsetHeight || ROW);
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(probe);
    return () => watch.disconnect();
  }, [probe]);
  return { setProbe, height };
}
