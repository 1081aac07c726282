import { useState } from "preact/hooks";

import { AnalysisFrame } from "../analysis/analysis-frame";
import { FileField } from "../analysis/file-field";
import { numbered, useAnswer } from "../analysis/use-answer";
import { TrainingRun } from "./training-run";

/** The log of a training run in, its loss curves and what is wrong with it out. */
export function TrainingView({ active }: { active: boolean }) {
  const [files, setFiles] = useState<readonly File[]>([]);
  const question =
    files.length === 0
      ? null
      : {
          about: "training" as const,
          files: Object.fromEntries(files.map((file, i) => [String(i), numbered(file)])),
        };
  const run = useAnswer<"training">(question);
  return (
    <AnalysisFrame
      active={active}
      title="What went wrong in training?"
      text="Give a run's log: TensorBoard event files, Hugging Face's trainer_state.json, a CSV of losses such as Lightning's, or JSON lines. Several files make one run."
      fields={
        <FileField
          title="A training log"
          hint="one file or more"
          files={files}
          onFiles={setFiles}
          kinds="log"
          accept=""
          isMultiple
        />
      }
      example={
        files.length === 0
          ? { names: ["training-metrics.csv"], text: "The made-up log of a run of 30 epochs." }
          : null
      }
      onFiles={setFiles}
      asked={[run]}
      busyText="Reading…"
    >
      {run.answer && <TrainingRun run={run.answer} />}
    </AnalysisFrame>
  );
}
