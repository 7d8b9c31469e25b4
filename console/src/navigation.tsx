/** Where one can go from here: the pages of the account, and the clients of an agency. */
import { texts } from "./texts";
import { Link } from "./ui/link";
import { addressOf, VIEWS, type View } from "./views";

/** `board`: where the clients are, as they were seen last; null for who has none. */
type Props = { view: View; account: string; board: string | null };

export function Navigation({ view, account, board }: Props) {
  const shown = VIEWS.filter((one) => one !== "clients" || board !== null);
  const leadsBack = (one: View) => one === "clients" && one !== view && board;
  return (
    <nav className="places" aria-label={texts.pages.title}>
      {shown.map((one) => (
        <Link key={one} to={leadsBack(one) || addressOf(one, account)} isCurrent={one === view}>
          {texts.pages[one]}
        </Link>
      ))}
    </nav>
  );
}
