import { createContext, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';
import { useT } from '../i18n';
import { Button } from './Button';
import { errorText } from './States';

interface Toast {
  id: number;
  text: string;
  tone: 'info' | 'error';
  action?: { label: string; run: () => void };
}

interface Toaster {
  say: (text: string, action?: Toast['action']) => void;
  /** Says what went wrong, in the server's sentence. */
  fail: (error: unknown) => void;
}

const Context = createContext<Toaster | null>(null);

/** Short messages at the foot of the page, read out politely, gone after a while. */
export function ToastProvider({ children }: { children: ReactNode }) {
  const t = useT();
  const [toasts, setToasts] = useState<Toast[]>([]);
  const last = useRef(0);

  const add = useCallback((toast: Omit<Toast, 'id'>) => {
    const id = ++last.current;
    setToasts((all) => [...all.filter((x) => x.text !== toast.text).slice(-2), { ...toast, id }]);
    setTimeout(() => setToasts((all) => all.filter((x) => x.id !== id)), toast.tone === 'error' || toast.action ? 8000 : 4000);
  }, []);

  const value = useMemo<Toaster>(
    () => ({
      say: (text, action) => add({ text, tone: 'info', ...(action ? { action } : {}) }),
      fail: (error) => add({ text: errorText(t, error), tone: 'error' }),
    }),
    [add, t],
  );

  return (
    <Context.Provider value={value}>
      {children}
      <div className="toasts" role="status" aria-live="polite">
        {toasts.map((x) => (
          <div key={x.id} className={`toast toast--${x.tone}`}>
            <span>{x.text}</span>
            {x.action && (
              <Button
                kind="text"
                onClick={() => {
                  x.action?.run();
                  setToasts((all) => all.filter((y) => y.id !== x.id));
                }}
              >
                {x.action.label}
              </Button>
            )}
          </div>
        ))}
      </div>
    </Context.Provider>
  );
}

export function useToast(): Toaster {
  const value = useContext(Context);
  if (!value) throw new Error('useToast outside ToastProvider');
  return value;
}
