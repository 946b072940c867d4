import { useState } from 'react';
import * as api from '../api/endpoints';
import { locales, useI18n } from '../i18n';
import { ShortcutSwitch } from '../shell/HelpDialog';
import { hideCounts, useCountsHidden } from '../ui/counts';
import { Choice, Switch } from '../ui/Field';
import { currentTheme, setTheme, type Theme } from './theme';
import './messages';

export function AppearanceSettings() {
  const { t, locale, setLocale } = useI18n();
  const [theme, set] = useState<Theme>(currentTheme);
  const bare = useCountsHidden();
  return (
    <>
      <Choice
        legend={t('settings.language')}
        value={locale}
        options={locales.map((l) => ({ value: l.code, label: l.name }))}
        onChange={(l) => {
          setLocale(l);
          // The server writes to people in their language; this device has it already.
          void api.self.update({ locale: l }).catch(() => undefined);
        }}
      />
      <Choice
        legend={t('settings.theme')}
        value={theme}
        options={[
          { value: 'system', label: t('settings.themeSystem') },
          { value: 'light', label: t('settings.themeLight') },
          { value: 'dark', label: t('settings.themeDark') },
        ]}
        onChange={(v) => {
          setTheme(v);
          set(v);
        }}
      />
      <section className="settings__part">
        <h3>{t('settings.counts')}</h3>
        <Switch label={t('settings.countsHide')} hint={t('settings.countsHint')} checked={bare} onChange={hideCounts} />
      </section>
      <section className="settings__part">
        <h3>{t('keys.title')}</h3>
        <ShortcutSwitch />
      </section>
    </>
  );
}
