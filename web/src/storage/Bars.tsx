import { useI18n } from '../i18n';
import { bytes } from '../photos/bytes';
import './messages';
import './storage.css';

/** What takes how much, the largest first, each with a bar beside its number. */
export function Bars({ title, items }: { title: string; items: { label: string; bytes: number }[] }) {
  const { locale } = useI18n();
  const shown = items.filter((i) => i.bytes > 0).sort((a, b) => b.bytes - a.bytes);
  const most = shown[0]?.bytes ?? 1;
  return (
    <section className="bars">
      <h3>{title}</h3>
      <ul>
        {shown.map((i) => (
          <li key={i.label}>
            <span className="bars__label">{i.label}</span>
            <span className="bars__bytes">{bytes(i.bytes, locale)}</span>
            <span className="bars__bar" style={{ inlineSize: `${Math.max(0.5, (100 * i.bytes) / most)}%` }} aria-hidden="true" />
          </li>
        ))}
      </ul>
    </section>
  );
}
