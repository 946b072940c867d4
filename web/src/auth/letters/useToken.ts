import { useEffect, useState } from 'react';

/**
 * The token behind the # of the link in a letter, '' without one. It is taken out of the address at once, so that it stays
 * neither in the history nor in a picture of the screen.
 */
export function useToken(): string {
  const [token] = useState(() => new URLSearchParams(window.location.hash.slice(1)).get('token') ?? '');
  useEffect(() => {
    if (window.location.hash) history.replaceState(history.state, '', window.location.pathname);
  }, []);
  return token;
}
