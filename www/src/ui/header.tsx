import { useEffect, useRef, useState } from "preact/hooks";

import { type Route, type View, VIEWS } from "../route";
import { applyTheme, nextTheme, storedTheme, type Theme } from "../theme";
import { Icon } from "./icon";

const THEME_TEXT: Record<Theme, string> = { auto: "as the system", light: "light", dark: "dark" };
const THEME_ICON = { auto: "contrast", light: "sun", dark: "moon" } as const;

const VIEW_TEXT: Record<View, string> = {
  compare: "Compare",
  quality: "Quality",
  experiment: "Experiment",
  training: "Training",
  explain: "Explain",
  live: "Live",
};

export function Header({ view }: { view: Route["view"] }) {
  const nav = useRef<HTMLElement>(null);
  // On a narrow screen the views do not all fit: the one that is open is brought into sight.
  useEffect(() => {
    const open = nav.current?.querySelector<HTMLElement>("[aria-current]");
    if (open && nav.current) nav.current.scrollLeft = open.offsetLeft - nav.current.offsetLeft - 24;
  }, [view]);
  return (
    <header class="header">
      <a class="brand" href="#compare" aria-label="Tidegate, compare two tables">
        <Icon name="logo" size={28} />
        <span>Tidegate</span>
      </a>
      <nav ref={nav} aria-label="Views">
        {VIEWS.map((name) => (
          <a key={name} href={`#${name}`} aria-current={view === name ? "page" : undefined}>
            {VIEW_TEXT[name]}
          </a>
        ))}
      </nav>
      <ThemeButton />
    </header>
  );
}

function ThemeButton() {
  const [theme, setTheme] = useState<Theme>(storedTheme);
  applyTheme(theme);
  const label = `Theme: ${THEME_TEXT[theme]}. Change to ${THEME_TEXT[nextTheme(theme)]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={label}
      onClick={() => setTheme(nextTheme(theme))}
    >
      <Icon name={THEME_ICON[theme]} />
    </button>
  );
}
