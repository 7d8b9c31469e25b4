/** A bar of progress with its share as text; without a share, it only shows that something is done. */
import { number } from "../texts";

export function Bar({ label, percent }: { label: string; percent: number | null }) {
  return (
    <div className="bar">
      <progress aria-label={label} max={100} value={percent ?? undefined} />
      {percent !== null && <span>{number(Math.floor(percent))} %</span>}
    </div>
  );
}
