interface Props {
  /** In [0, 1]. */
  share: number;
  text: string;
  /** Where the share should be, in [0, 1]; drawn as a mark. */
  expected?: number;
}

/** A share as a bar with its number. */
export function ShareBar({ share, text, expected }: Props) {
  return (
    <span class="share">
      <span class="share-track" aria-hidden="true">
        <span class="share-value" style={{ inlineSize: `${share * 100}%` }} />
        {expected !== undefined && (
          <span class="share-expected" style={{ insetInlineStart: `${expected * 100}%` }} />
        )}
      </span>
      <span class="number">{text}</span>
    </span>
  );
}
