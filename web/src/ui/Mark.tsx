/** The sign of Tintype: a plate with clipped corners and the oval of its mat. */
export function Mark({ size = 28 }: { size?: number }) {
  return (
    <svg className="mark" width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path className="mark__plate" d="M9 1h14l6 6v18l-6 6H9l-6-6V7z" />
      <ellipse className="mark__mat" cx="16" cy="16" rx="8" ry="10" />
      <path className="mark__shine" d="M11.5 19.5c1.8-6.5 4.5-9.8 8.5-11.3" />
    </svg>
  );
}

export function Wordmark({ size = 28, name = 'Tintype' }: { size?: number; name?: string | undefined }) {
  return (
    <span className="wordmark">
      <Mark size={size} />
      <span className="wordmark__name">{name}</span>
    </span>
  );
}
