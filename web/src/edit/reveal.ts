/** Scrolls a row sideways, and nothing else, until the item in it can be seen with a little of its neighbours. */
export function reveal(row: HTMLElement, item: HTMLElement, smooth = false): void {
  const margin = 32;
  const from = item.getBoundingClientRect().left - row.getBoundingClientRect().left + row.scrollLeft;
  const to = from + item.offsetWidth;
  let left = row.scrollLeft;
  if (from - margin < left) left = from - margin;
  else if (to + margin > left + row.clientWidth) left = to + margin - row.clientWidth;
  if (left === row.scrollLeft) return;
  if (smooth) row.scrollTo({ left, behavior: 'smooth' });
  else row.scrollLeft = left;
}
