import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props {
  title: string;
  /** A few words beside the title. */
  note?: string | undefined;
  isWide?: boolean;
  children: ComponentChildren;
}

/** A titled part of the dashboard. */
export function Panel({ title, note, isWide = false, children }: Props) {
  const id = useId();
  return (
    <section class={isWide ? "panel panel-wide" : "panel"} aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {note && <span class="quiet">{note}</span>}
      </header>
      {children}
    </section>
  );
}
