/** The list with the item at one place moved to another; the same list where there is no such place. */
export function moved<V>(list: readonly V[], from: number, to: number): readonly V[] {
  const taken = list[from];
  if (taken === undefined || from === to || to < 0 || to >= list.length) return list;
  const next = [...list];
  next.splice(from, 1);
  next.splice(to, 0, taken);
  return next;
}
