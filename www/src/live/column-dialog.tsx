import type { ColumnSnapshot, ModelSnapshot } from "tidegate";
import { useEffect, useRef } from "preact/hooks";

import { ColumnDetail } from "../compare/column-detail";
import { Icon } from "../ui/icon";
import { VerdictBadge } from "../ui/verdict-badge";
import { PsiPlot } from "./psi-plot";

interface Props {
  model: ModelSnapshot;
  column: ColumnSnapshot;
  onClose: () => void;
}

/** Everything about one column, over the dashboard; it goes on with the traffic while it is open. */
export function ColumnDialog({ model, column, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-label={column.name}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      <div class="dialog-body">
        <header>
          <h2>{column.name}</h2>
          <VerdictBadge verdict={column.verdict} />
          <button type="button" class="icon-button" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        <h3>PSI over time</h3>
        <PsiPlot model={model} column={column} height={160} />
        <ColumnDetail column={column} />
      </div>
    </dialog>
  );
}
