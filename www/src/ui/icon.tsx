/** Icons of the page, drawn on a 16 by 16 grid. They decorate: the text beside them carries the meaning. */

const PATHS = {
  drift: "M8 1.6 15 14H1Z",
  no_drift: "M2.5 8.5 6.2 12.2 13.5 4.5",
  insufficient_data: "M3 8h10",
  chevron: "M6 3.5 10.5 8 6 12.5",
  file: "M4 1.5h5L12.5 5v9.5H4ZM9 1.5V5h3.5",
  close: "M4 4l8 8M12 4l-8 8",
  swap: "M2 5.5h11M10 2.5l3 3-3 3M14 10.5H3M6 7.5l-3 3 3 3",
  search: "M11.2 11.2 14.5 14.5M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Z",
  download: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 14h11",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 .8v1.6M8 13.6v1.6M.8 8h1.6M13.6 8h1.6M2.9 2.9 4 4M12 12l1.1 1.1M13.1 2.9 12 4M4 12l-1.1 1.1",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5 6 6 0 1 0 13.5 9.5Z",
  contrast: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM8 2v12",
  pause: "M5.5 3v10M10.5 3v10",
  play: "M4.5 2.5 13 8l-8.5 5.5Z",
  warning: "M8 2 15 14H1ZM8 6.5v3.2M8 11.7v.3",
} as const;

const FILLED: ReadonlySet<IconName> = new Set<IconName>(["drift", "play"]);

export type IconName = keyof typeof PATHS | "logo";

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  if (name === "logo") return <Logo size={size} />;
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={FILLED.has(name) ? "currentColor" : "none"}
        stroke="currentColor"
        stroke-width="1.6"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}

/** A gate with the tide in it. */
function Logo({ size }: { size: number }) {
  return (
    <svg class="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" class="logo-ground" />
      <path d="M8 8v16M24 8v16" class="logo-gate" />
      <path d="M8 18c2.7-4 5.3-4 8 0s5.3 4 8 0" class="logo-tide" />
    </svg>
  );
}
