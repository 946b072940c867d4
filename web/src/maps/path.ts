/** The page of photos near a point. The point is rounded to about ten metres. */
export function nearbyPath(latitude: number, longitude: number, metres = 1000): string {
  return `/nearby?lat=${latitude.toFixed(4)}&lng=${longitude.toFixed(4)}&distance=${metres}`;
}
