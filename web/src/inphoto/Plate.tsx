import type { CSSProperties, ReactNode } from 'react';
import './inphoto.css';

/** A picture that is on the site already, to be tagged. */
export function Plate({ src, aspect, alt, children }: { src: string; aspect: number; alt: string; children: ReactNode }) {
  return (
    <div className="tagger__room">
      <div className="tagger__plate" style={{ '--aspect': aspect } as CSSProperties}>
        <img src={src} alt={alt} draggable={false} />
        {children}
      </div>
    </div>
  );
}
