import { useState } from 'react';
import { useT, type MessageKey } from '../i18n';
import { Dialog } from '../ui/Dialog';
import { Switch } from '../ui/Field';
import { setShortcutsOn, shortcutsOn } from './shortcuts';

const rows: readonly [keys: readonly string[], text: MessageKey][] = [
  [['j'], 'keys.next'],
  [['k'], 'keys.previous'],
  [['l'], 'keys.like'],
  [['s'], 'keys.save'],
  [['c'], 'keys.comment'],
  [['Enter'], 'keys.open'],
  [['←', '→'], 'keys.album'],
  [['/'], 'keys.search'],
  [['Esc'], 'keys.close'],
  [['e'], 'keys.explore'],
  [['?'], 'keys.help'],
];

/** The keys, and the switch for those who do not want them. */
export function HelpDialog({ onClose }: { onClose: () => void }) {
  const t = useT();
  return (
    <Dialog title={t('keys.title')} onClose={onClose}>
      <dl className="keys">
        {rows.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((k) => (
                <kbd key={k}>{k}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
      <ShortcutSwitch />
    </Dialog>
  );
}

export function ShortcutSwitch() {
  const t = useT();
  const [on, setOn] = useState(shortcutsOn);
  return (
    <Switch
      label={t('keys.switch')}
      hint={t('keys.switchHint')}
      checked={on}
      onChange={(v) => {
        setShortcutsOn(v);
        setOn(v);
      }}
    />
  );
}
