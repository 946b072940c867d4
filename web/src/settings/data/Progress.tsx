/** How far something is. */
export function Progress({ label, done, total }: { label: string; done: number; total: number }) {
  return <progress className="data-progress" aria-label={label} value={done} max={Math.max(total, 1)} />;
}
