import type { ColumnSnapshot, ModelSnapshot } from "tidegate";
import { useState } from "preact/hooks";

import { formatCount, formatPlural } from "../lib/format";
import { ColumnCard } from "./column-card";
import { ColumnDialog } from "./column-dialog";
import { byConcern } from "./figures";
import { Panel } from "../ui/panel";

/** More cards than this are drawn when asked for. */
const PAGE = 24;

/** Every column against its reference, as small multiples over time; a card opens to everything about it. */
export function DriftPanel({ model }: { model: ModelSnapshot }) {
  const [openName, setOpenName] = useState<string | null>(null);
  const [most, setMost] = useState(PAGE);
  const { reference, window, columns } = model;
  const open = columns.find((column) => key(column) === openName);
  const ordered = [
    ...byConcern(columns.filter((column) => column.role === "feature")),
    ...columns.filter((column) => column.role !== "feature"),
  ];
  const shown = ordered.slice(0, most);

  if (reference.state === "none") return null;
  if (reference.state === "learning") {
    const left = reference.wanted - reference.rows;
    return (
      <Panel title="Drift" isWide>
        <div class="learning">
          <progress max={reference.wanted} value={reference.rows} aria-label="Rows learnt" />
          <p>
            Learning what is normal: {formatCount(reference.rows)} of {formatPlural(reference.wanted, "row")}.{" "}
            <span class="quiet">Drift is shown after {formatPlural(left, "more row")}.</span>
          </p>
        </div>
      </Panel>
    );
  }
  return (
    <Panel
      title="Drift"
      note={`${formatPlural(window.rows, "row")} of the window against a reference of ${formatCount(reference.rows)}`}
      isWide
    >
      {columns.length === 0 && <p class="quiet">No columns yet.</p>}
      <ul class="cards">
        {shown.map((column) => (
          <ColumnCard
            key={key(column)}
            model={model}
            column={column}
            onOpen={() => setOpenName(key(column))}
          />
        ))}
      </ul>
      {ordered.length > most && (
        <button type="button" class="button" onClick={() => setMost(most + PAGE)}>
          Show more of {formatPlural(ordered.length, "column")}
        </button>
      )}
      {open && <ColumnDialog model={model} column={open} onClose={() => setOpenName(null)} />}
    </Panel>
  );
}

/** A feature may be called `prediction` too. */
function key({ role, name }: ColumnSnapshot): string {
  return `${role} ${name}`;
}
