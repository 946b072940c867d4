/** The editor's own icons, in the manner of ui/Icon. Decorative: the control that holds one carries the name. */
import type { ReactNode } from 'react';

const shapes = {
  undo: <path d="M8.5 5 4 9.5 8.5 14M4.5 9.5h10a5 5 0 0 1 0 10H9" />,
  reset: <path d="M5 12a7 7 0 1 0 2.2-5.1L4.5 9.5M4.5 4.5v5h5" />,
  compare: <path d="M3.5 5h17v14h-17zM12 3v18M12 9l8-3.5M12 14l8.5-4M12 19l8.5-4.5" />,
  turn: <path d="M5 10.5h9.5v9.5H5zM9 6.5h6a5 5 0 0 1 5 5v2M11.5 3.5l-3 3 3 3" transform="matrix(-1 0 0 1 24 0)" />,
  mirror: <path d="M12 3.5v17M9 6.5 3.5 18H9zM15 6.5 20.5 18H15z" />,
  filter: <path d="M9 3.8a5.7 5.7 0 0 1 5.7 5.7A5.7 5.7 0 0 1 9 15.2a5.7 5.7 0 0 1 0-11.4zM15 8.8a5.7 5.7 0 1 1-5.7 5.7A5.7 5.7 0 0 1 15 8.8z" />,
  crop: <path d="M7 2.5v14.5h14.5M2.5 7H17v14.5" />,
  adjust: <path d="M4 7h8m4 0h4M4 17h4m4 0h8M14 4.8v4.4M10 14.8v4.4" />,
  focus: (
    <>
      <circle cx="12" cy="12" r="3.5" />
      <circle cx="12" cy="12" r="8.5" strokeDasharray="2.6 2.6" />
    </>
  ),
} satisfies Record<string, ReactNode>;

export type GlyphName = keyof typeof shapes;

export function Glyph({ name, size = 22 }: { name: GlyphName; size?: number }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none" stroke="currentColor"
      strokeWidth={1.7} strokeLinecap="square" strokeLinejoin="miter">
      {shapes[name]}
    </svg>
  );
}
