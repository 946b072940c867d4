import type { ReactNode } from 'react';

/** Line icons on a 24 px grid, drawn for this app: square shoulders, like the clipped corners of a plate. */
const shapes = {
  home: <path d="M4 10.5 12 4l8 6.5V20h-5.5v-5.5h-5V20H4z" />,
  search: (
    <>
      <circle cx="10.5" cy="10.5" r="6" />
      <path d="m15 15 5.5 5.5" />
    </>
  ),
  compass: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="m15.5 8.5-2 5-5 2 2-5z" />
    </>
  ),
  tag: <path d="M9.5 3.5 7.5 20.5M16.5 3.5l-2 17M4.5 8.5h16M3.5 15.5h16" />,
  plus: (
    <>
      <path d="M7 3.5h10L20.5 7v10L17 20.5H7L3.5 17V7z" />
      <path d="M12 8v8M8 12h8" />
    </>
  ),
  heart: <path d="M12 20C6.5 15.8 3.5 12.6 3.5 9.1A4.6 4.6 0 0 1 8.1 4.5c1.6 0 3 .8 3.9 2.1.9-1.3 2.3-2.1 3.9-2.1a4.6 4.6 0 0 1 4.6 4.6c0 3.5-3 6.7-8.5 10.9z" />,
  person: (
    <>
      <ellipse cx="12" cy="8.5" rx="3.7" ry="4.5" />
      <path d="M4.5 20.5c.6-3.6 3.6-5.5 7.5-5.5s6.9 1.9 7.5 5.5" />
    </>
  ),
  quiet: <path d="M4 9.5v5h3.5L13 19V5L7.5 9.5zM16.5 9.5l5 5M21.5 9.5l-5 5" />,
  comment: <path d="M4 5.5h16v11h-8.5L7 20.5v-4H4z" />,
  more: (
    <>
      <circle cx="5.5" cy="12" r="1.2" />
      <circle cx="12" cy="12" r="1.2" />
      <circle cx="18.5" cy="12" r="1.2" />
    </>
  ),
  share: <path d="M12 15V4m-4 3.5L12 4l4 3.5M7.5 11H5v9.5h14V11h-2.5" />,
  bookmark: <path d="M6 3.5h12v17l-6-4.5-6 4.5z" />,
  link: <path d="M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1" />,
  code: <path d="m8.5 7-5 5 5 5m7-10 5 5-5 5M13.5 5l-3 14" />,
  flag: <path d="M6 21V4m0 .5h12.5l-3 4.5 3 4.5H6" />,
  close: <path d="m5.5 5.5 13 13m0-13-13 13" />,
  back: <path d="M20 12H4.5m6.5-7-7 7 7 7" />,
  left: <path d="m14.5 5.5-6.5 6.5 6.5 6.5" />,
  right: <path d="m9.5 5.5 6.5 6.5-6.5 6.5" />,
  up: <path d="m5.5 14.5 6.5-6.5 6.5 6.5" />,
  down: <path d="m5.5 9.5 6.5 6.5 6.5-6.5" />,
  gear: (
    <>
      <circle cx="12" cy="12" r="3" />
      <path d="M10.2 3.5h3.6l.6 2.6 1.7.9 2.5-.8 1.8 3.1-1.9 1.8v1.8l1.9 1.8-1.8 3.1-2.5-.8-1.7.9-.6 2.6h-3.6l-.6-2.6-1.7-.9-2.5.8-1.8-3.1 1.9-1.8v-1.8L3.6 9.3l1.8-3.1 2.5.8 1.7-.9z" />
    </>
  ),
  lock: (
    <>
      <path d="M5.5 10.5h13v10h-13z" />
      <path d="M8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3" />
    </>
  ),
  pin: (
    <>
      <path d="M12 21c-4.3-4.5-6.5-8-6.5-11a6.5 6.5 0 0 1 13 0c0 3-2.2 6.5-6.5 11z" />
      <circle cx="12" cy="10" r="2.3" />
    </>
  ),
  album: (
    <>
      <path d="M8 4h12v12" />
      <path d="M4 8h12v12H4z" />
    </>
  ),
  star: <path d="m12 3.5 2.6 5.6 6 .7-4.5 4.1 1.2 6-5.3-3-5.3 3 1.2-6-4.5-4.1 6-.7z" />,
  pushpin: <path d="M8.5 3.5h7l-1 6.5 3.5 3.5h-12l3.5-3.5zM12 13.5v7" />,
  archive: <path d="M3.5 4.5h17v4h-17zM5 8.5v11h14v-11M10 12.5h4" />,
  check: <path d="m4.5 12.5 5 5 10-11" />,
  download: <path d="M12 4v11m-4.5-4 4.5 4.5 4.5-4.5M4.5 20.5h15" />,
  edit: <path d="M5 19.5 5.8 15.5 16 5.3l2.7 2.7L8.5 18.2z" />,
  trash: <path d="M4.5 6.5h15M9 6.5v-3h6v3M6.5 6.5l.8 14h9.4l.8-14M10 10.5v6m4-6v6" />,
  camera: (
    <>
      <path d="M3.5 7.5h4l1.5-2.5h6l1.5 2.5h4v12h-17z" />
      <circle cx="12" cy="13" r="3.7" />
    </>
  ),
  block: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="m6 6 12 12" />
    </>
  ),
  globe: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <ellipse cx="12" cy="12" rx="3.8" ry="8.5" />
      <path d="M3.5 12h17" />
    </>
  ),
  people: (
    <>
      <ellipse cx="9" cy="8.5" rx="3.2" ry="4" />
      <path d="M2.5 20c.5-3.2 3-5 6.5-5s6 1.8 6.5 5M15.5 4.9c1.7.2 3 1.8 3 3.6s-1.3 3.4-3 3.6M18 15.4c1.9.7 3.1 2.3 3.5 4.6" />
    </>
  ),
  offline: <path d="M4 4l16 16M2.5 9.5C4.6 7.7 7 6.6 9.3 6.2m4.2-.1c3 .3 5.8 1.5 8 3.4M6 13.5c1.4-1.2 3-1.9 4.7-2.2m4.4.4c1 .4 2 1 2.9 1.8M9.5 17.3c1.5-1.2 3.5-1.2 5 0M12 20.5v.1" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof shapes;

/** Decorative: the control that holds it carries the name. */
export function Icon({ name, size = 24, filled = false }: { name: IconName; size?: number; filled?: boolean }) {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor" strokeWidth={name === 'more' ? 2 : 1.7} strokeLinecap="square" strokeLinejoin="miter">
      {shapes[name]}
    </svg>
  );
}
