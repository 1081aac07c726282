import type { ColumnReport, SegmentsReport } from "tidegate";
import { useEffect, useState } from "preact/hooks";

import { ColumnPicker } from "../analysis/column-picker";
import { numbered, useAnswer } from "../analysis/use-answer";
import { ErrorMessage } from "../ui/message";
import { Panel } from "../ui/panel";
import { isShared } from "./columns";
import { SegmentsTable } from "./segments-table";
import type { ChosenOptions } from "./settings";

interface Props {
  reference: File;
  current: File;
  options: ChosenOptions;
  columns: readonly ColumnReport[];
  /** Told of what is shown. */
  onAnswer: (segments: SegmentsReport | null) => void;
}

/** Where the current table drifted: each value or range of a column by itself, once one is picked. */
export function SegmentsPanel({ reference, current, options, columns, onAnswer }: Props) {
  const [by, setBy] = useState<string | null>(null);
  const segments = useAnswer<"segments">(
    by === null
      ? null
      : {
          about: "segments",
          files: { reference: numbered(reference), current: numbered(current) },
          by,
          options,
        },
  );
  useEffect(() => onAnswer(segments.answer), [segments.answer]);
  return (
    <Panel title="By segment" note="drift that the whole hides" isWide>
      <fieldset class="pickers pickers-plain">
        <legend class="visually-hidden">What both tables are cut by</legend>
        <ColumnPicker
          label="By the values of"
          columns={columns.filter(isShared)}
          value={by}
          onChange={setBy}
          none="no column"
        />
      </fieldset>
      {by === null && (
        <p class="quiet note">
          Pick a column, such as a country, a device or an age: each of its values, or each quarter of its
          numbers, is compared by itself.
        </p>
      )}
      {segments.isBusy && <p role="status">Comparing segment by segment…</p>}
      {segments.error !== null && <ErrorMessage>{segments.error}</ErrorMessage>}
      {by !== null && segments.answer && <SegmentsTable report={segments.answer} />}
    </Panel>
  );
}
