import { useEffect } from "preact/hooks";

import { ErrorMessage } from "../ui/message";
import { filesFrom } from "./files";
import { FileSlots } from "./file-slots";
import { loadExample } from "./example";
import { Progress } from "./progress";
import { ReportView } from "./report-view";
import { useCompare } from "./use-compare";

/** Two files in, a report out. */
export function CompareView({ active }: { active: boolean }) {
  const [state, act] = useCompare();
  const { slots, run, notice } = state;
  const isEmpty = slots.reference.file === null && slots.current.file === null;

  useEffect(() => {
    if (!active) return;
    const accept = (event: DragEvent | ClipboardEvent) => {
      const data = event instanceof DragEvent ? event.dataTransfer : event.clipboardData;
      const files = filesFrom(data);
      if (files.length === 0) return;
      event.preventDefault();
      act({ type: "files", files, slot: null });
    };
    const allow = (event: DragEvent) => event.preventDefault();
    addEventListener("drop", accept);
    addEventListener("paste", accept);
    addEventListener("dragover", allow);
    return () => {
      removeEventListener("drop", accept);
      removeEventListener("paste", accept);
      removeEventListener("dragover", allow);
    };
  }, [active]);

  const tryExample = async () => {
    try {
      act({ type: "files", files: await loadExample(), slot: null });
    } catch (error) {
      act({ type: "notice", message: `The example could not be loaded: ${String(error)}.` });
    }
  };

  return (
    <div class="compare">
      {run.state !== "done" && <Introduction />}
      <FileSlots slots={slots} compact={run.state === "done"} act={act} />
      {notice !== null && <ErrorMessage>{notice}</ErrorMessage>}
      {run.state === "running" && (
        <Progress ratio={run.ratio} stage={run.stage} onCancel={() => act({ type: "cancel" })} />
      )}
      {run.state === "cancelled" && (
        <p class="message" role="status">
          Cancelled. The files are still here.{" "}
          <button type="button" class="button" onClick={() => act({ type: "start" })}>
            Compare again
          </button>
        </p>
      )}
      {isEmpty && <ExampleOffer onTry={tryExample} />}
      {run.state === "done" && <ReportView report={run.report} />}
    </div>
  );
}

function Introduction() {
  return (
    <div class="introduction">
      <h1>What changed between two tables?</h1>
      <p>
        Give a reference, such as the data that a model was trained on, and a current table, such as last
        week's traffic. Every column is tested for drift, here in this tab: nothing is uploaded.
      </p>
    </div>
  );
}

function ExampleOffer({ onTry }: { onTry: () => void }) {
  return (
    <div class="example">
      <button type="button" class="button" onClick={onTry}>
        Try with example data
      </button>
      <p>
        The electricity market of New South Wales, 1996 to 1998: the first half against the second, 2,060
        half-hours of each.
      </p>
    </div>
  );
}
