import type { MultivariateReport } from "tidegate";
import { useEffect, useState } from "preact/hooks";

import { numbered, useAnswer } from "../analysis/use-answer";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import { RowsTable } from "./rows-table";
import type { ChosenOptions } from "./settings";

/** Whole rows against whole rows, when asked for: a change that no column shows by itself. */
export function RowsPanel({
  reference,
  current,
  options,
  onAnswer,
}: {
  reference: File;
  current: File;
  options: ChosenOptions;
  /** Told of what is shown. */
  onAnswer: (rows: readonly MultivariateReport[] | null) => void;
}) {
  const [isAsked, setAsked] = useState(false);
  const rows = useAnswer<"rows">(
    isAsked
      ? { about: "rows", files: { reference: numbered(reference), current: numbered(current) }, options }
      : null,
  );
  useEffect(() => onAnswer(rows.answer), [rows.answer]);
  return (
    <Panel title="Whole rows" note="what no column shows by itself" isWide>
      {!isAsked && (
        <button type="button" class="button" onClick={() => setAsked(true)}>
          Compare whole rows too
        </button>
      )}
      {rows.isBusy && <p role="status">Comparing whole rows…</p>}
      {rows.error !== null && <ErrorMessage>{rows.error}</ErrorMessage>}
      {rows.answer && <RowsTable rows={rows.answer} />}
    </Panel>
  );
}
