/** Where one can go from here: the pages of the account, and the clients of an agency. */
import { texts } from "./texts";
import { Link } from "./ui/link";
import { addressOf, VIEWS, type View } from "./views";

/** `lastBoard`: the board of clients as it was seen last; null for who has none. */
type Props = { view: View; account: string; lastBoard: string | null };

export function Navigation({ view, account, lastBoard }: Props) {
  const shown = VIEWS.filter((one) => one !== "clients" || lastBoard !== null);
  const leadsBack = (one: View) => one === "clients" && one !== view && lastBoard;
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
