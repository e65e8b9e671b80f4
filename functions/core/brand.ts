/**
 * The deployer's name and colours on the pages that a customer sees. Judged with the configuration: a colour that a
 * person could not read on its ground is refused (WCAG 2.2, success criterion 1.4.3).
 */
import type { ConfigurationProblem } from './errors.ts';

export interface Brand {
  /** Shown above every page's title, 1 to 60 characters. */
  readonly name: string;
  /** `#rrggbb`, of the name and the frame on a white ground. @default '#1d2733' */
  readonly color?: string;
  /** The same for browsers that prefer dark, on `#1b232d`. @default '#e8edf3' */
  readonly colorDark?: string;
  /** Whom a person may ask, as plain text: an e-mail address or a phone number. @default nobody is named */
  readonly contact?: string;
}

export const defaultColors = { color: '#1d2733', colorDark: '#e8edf3' } as const;
/** The grounds that text stands on. */
export const paper = { light: '#ffffff', dark: '#1b232d' } as const;

/** Of text; what is large needs less, ours is not. */
export const leastContrast = 4.5;

export function brandProblems(brand: Brand | undefined): ConfigurationProblem[] {
  if (brand === undefined) return [];
  return [
    ...contrastProblems('brand.color', brand.color ?? defaultColors.color, paper.light),
    ...contrastProblems('brand.colorDark', brand.colorDark ?? defaultColors.colorDark, paper.dark),
  ];
}

function contrastProblems(path: string, color: string, ground: string): ConfigurationProblem[] {
  const contrast = contrastOf(color, ground);
  if (contrast >= leastContrast) return [];
  const found = `${color} has ${contrast.toFixed(2)}`;
  return [{ path, message: `must have a contrast of ${leastContrast} or more on ${ground} to be read; ${found}` }];
}

/** WCAG 2.2, "contrast ratio": 1 to 21. Both as `#rrggbb`. */
export function contrastOf(one: string, other: string): number {
  const [a, b] = [luminanceOf(one), luminanceOf(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

function luminanceOf(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((start) => {
    const channel = Number.parseInt(color.slice(start, start + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
