import type { ColumnReport, Method } from "tidegate";

import { formatPercent } from "../lib/format";
import { methodText } from "../lib/methods";
import { Icon } from "../ui/icon";
import { DECIDING, type Settings } from "./settings";

interface Props {
  settings: Settings;
  columns: readonly ColumnReport[];
  onChange: (settings: Settings) => void;
}

/** What decides, how sure it must be, and which numbers are names; a change compares again. */
export function SettingsPanel({ settings, columns, onChange }: Props) {
  const { alpha, method, categories } = settings;
  const numeric = columns.filter(({ kind }) => kind === "numeric");
  const isUsual = method === null && categories.length === 0 && alpha === 0.05;
  return (
    <details class="settings" open={!isUsual}>
      <summary>How it is compared</summary>
      <fieldset class="pickers pickers-plain">
        <legend class="visually-hidden">How it is compared</legend>
        <label class="picker">
          Decided by
          <select
            value={method ?? ""}
            onChange={(event) =>
              onChange({ ...settings, method: (event.currentTarget.value || null) as Method | null })
            }
          >
            <option value="">the usual test of each kind</option>
            {DECIDING.map((name) => (
              <option key={name} value={name}>
                {methodText(name).name}
              </option>
            ))}
          </select>
        </label>
        <label class="picker">
          False alarms (alpha)
          <select
            value={alpha}
            onChange={(event) => onChange({ ...settings, alpha: Number(event.currentTarget.value) })}
          >
            {[0.001, 0.01, 0.05, 0.1].map((share) => (
              <option key={share} value={share}>
                {formatPercent(share)}
              </option>
            ))}
          </select>
        </label>
        <label class="picker">
          Numbers that are categories
          <select
            value=""
            onChange={(event) =>
              onChange({ ...settings, categories: [...categories, event.currentTarget.value] })
            }
          >
            <option value="">add a column…</option>
            {numeric.map(({ name }) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {categories.map((name) => (
          <button
            key={name}
            type="button"
            class="chip"
            aria-label={`Read ${name} as numbers again`}
            onClick={() =>
              onChange({ ...settings, categories: categories.filter((other) => other !== name) })
            }
          >
            {name} <Icon name="close" size={12} />
          </button>
        ))}
      </fieldset>
    </details>
  );
}
