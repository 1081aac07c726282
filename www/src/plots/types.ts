/** What every plot shares. */

/** Size of a plot, in CSS pixels. */
export interface Size {
  width: number;
  height: number;
}

/** The area of a plot that belongs to one datum, in CSS pixels from its upper left corner. */
export interface Hit {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What a tooltip says of one datum. */
export interface Reading {
  heading: string;
  rows: readonly (readonly [label: string, value: string])[];
}

/** Name and description that a screen reader reads in place of the picture. */
export interface PlotText {
  title: string;
  desc: string;
}
