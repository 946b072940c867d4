import { Component, type ReactNode } from 'react';
import { useT } from '../i18n';
import { Button } from '../ui/Button';
import { EmptyState } from '../ui/States';

interface State {
  failed: boolean;
}

/** Catches what no page foresaw, and offers to load again: a new release may have replaced the code of this one. */
export class ErrorBoundary extends Component<{ children: ReactNode; resetKey: string }, State> {
  override state: State = { failed: false };

  static getDerivedStateFromError(): State {
    return { failed: true };
  }

  override componentDidUpdate(before: { resetKey: string }) {
    if (this.state.failed && before.resetKey !== this.props.resetKey) this.setState({ failed: false });
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const t = useT();
  return (
    <div role="alert">
      <EmptyState page icon="offline" title={t('error.brokenTitle')}>
        <p className="state__text">{t('error.brokenText')}</p>
        <Button onClick={() => location.reload()}>{t('error.reload')}</Button>
      </EmptyState>
    </div>
  );
}
