import type { Verdict } from "tidegate";

import { formatCount } from "../lib/format";
import { VERDICT_TEXT } from "../lib/methods";
import { Icon } from "../ui/icon";

interface Props {
  text: string;
  onText: (text: string) => void;
  verdict: Verdict | null;
  onVerdict: (verdict: Verdict | null) => void;
  counts: Record<Verdict, number>;
  total: number;
}

const VERDICTS: readonly Verdict[] = ["drift", "no_drift", "insufficient_data"];

/** Narrows the columns down, by name and by verdict. */
export function ColumnFilter({ text, onText, verdict, onVerdict, counts, total }: Props) {
  const chip = (value: Verdict | null, label: string, count: number) => (
    <button type="button" class="chip" aria-pressed={verdict === value} onClick={() => onVerdict(value)}>
      {value !== null && <Icon name={value} size={11} />}
      {label} <span class="number">{formatCount(count)}</span>
    </button>
  );
  return (
    <div class="filter">
      <div class="chips" role="group" aria-label="Show columns by verdict">
        {chip(null, "All", total)}
        {VERDICTS.map((value) =>
          counts[value] > 0 ? chip(value, VERDICT_TEXT[value], counts[value]) : null,
        )}
      </div>
      <label class="search">
        <Icon name="search" size={14} />
        <input
          type="search"
          aria-label="Find a column by name"
          placeholder="Find a column"
          value={text}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      </label>
    </div>
  );
}
