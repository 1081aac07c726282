import type { ModelSnapshot } from "tidegate";

import { formatCount } from "../lib/format";
import { requestTotals } from "./figures";

interface Props {
  models: readonly ModelSnapshot[];
  chosen: string;
  onChoose: (modelName: string) => void;
}

/** The model's name; a choice where there are several. */
export function ModelPicker({ models, chosen, onChoose }: Props) {
  const versions = models.find((model) => model.model_name === chosen)?.versions ?? [];
  return (
    <div class="model">
      {models.length === 1 ? (
        <h1>{chosen}</h1>
      ) : (
        <label>
          <span class="visually-hidden">Model</span>
          <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
            {models.map((model) => (
              <option key={model.model_name} value={model.model_name}>
                {model.model_name} ({formatCount(requestTotals(model).requests)} requests)
              </option>
            ))}
          </select>
        </label>
      )}
      <span class="quiet">
        {versions.length === 1 ? "version" : "versions"}{" "}
        {versions.map((version) => version.version).join(", ")}
      </span>
    </div>
  );
}
