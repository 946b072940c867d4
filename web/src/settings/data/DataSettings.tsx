import { DeleteAccount } from './DeleteAccount';
import { Exports } from './Exports';
import { Imports } from './Imports';
import type { Self } from '../../api/types';
import './data.css';

/** What one owns: taking it along, bringing it, and leaving. */
export default function DataSettings({ self }: { self: Self }) {
  return (
    <>
      <Exports />
      <Imports self={self} />
      <DeleteAccount />
    </>
  );
}
