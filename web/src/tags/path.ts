/** Where a tag's page is. */
export function tagPath(name: string): string {
  return `/tags/${encodeURIComponent(name)}`;
}
