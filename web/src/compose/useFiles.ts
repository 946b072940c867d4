import { useEffect, useRef, useState } from 'react';

/** Files dropped anywhere on the page, or pasted; over is true while files hover above it. */
export function useFiles(onFiles: (files: File[]) => void): { over: boolean } {
  const [over, setOver] = useState(false);
  const latest = useRef(onFiles);
  useEffect(() => {
    latest.current = onFiles;
  });
  useEffect(() => {
    let depth = 0; // enter and leave come for every element passed
    const carries = (e: DragEvent) => e.dataTransfer?.types.includes('Files') ?? false;
    const enter = (e: DragEvent) => {
      if (!carries(e)) return;
      depth++;
      setOver(true);
    };
    const leave = (e: DragEvent) => {
      if (!carries(e)) return;
      depth = Math.max(0, depth - 1);
      if (depth === 0) setOver(false);
    };
    const hover = (e: DragEvent) => {
      if (!carries(e)) return;
      e.preventDefault();
      if (e.dataTransfer) e.dataTransfer.dropEffect = 'copy';
    };
    const drop = (e: DragEvent) => {
      if (!carries(e)) return;
      e.preventDefault();
      depth = 0;
      setOver(false);
      take(e.dataTransfer?.files);
    };
    // What office programs copy is text with a picture of it.
    const paste = (e: ClipboardEvent) => {
      if (!e.clipboardData?.types.includes('text/plain')) take(e.clipboardData?.files);
    };
    const take = (files: FileList | undefined) => {
      if (files?.length) latest.current(Array.from(files));
    };
    window.addEventListener('dragenter', enter);
    window.addEventListener('dragleave', leave);
    window.addEventListener('dragover', hover);
    window.addEventListener('drop', drop);
    window.addEventListener('paste', paste);
    return () => {
      window.removeEventListener('dragenter', enter);
      window.removeEventListener('dragleave', leave);
      window.removeEventListener('dragover', hover);
      window.removeEventListener('drop', drop);
      window.removeEventListener('paste', paste);
    };
  }, []);
  return { over };
}
