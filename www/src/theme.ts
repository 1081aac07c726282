/** Light, dark, or as the system says. */

export type Theme = "auto" | "light" | "dark";

const KEY = "tidegate-theme";
const NEXT: Record<Theme, Theme> = { auto: "light", light: "dark", dark: "auto" };

/** The theme after this one, as the button walks through them. */
export function nextTheme(theme: Theme): Theme {
  return NEXT[theme];
}

/** The theme that was chosen before; `auto` if none was, or where storage is closed. */
export function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(KEY);
    return stored === "light" || stored === "dark" ? stored : "auto";
  } catch {
    return "auto";
  }
}

/** Shows a theme and remembers it. */
export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // A page without storage still has its theme until it is closed.
  }
}
