/** Where one can go from here: the pages of the account, and the clients of an agency. */
import { texts } from "./texts";
import { Link } from "./ui/link";
import { addressOf, VIEWS, type View } from "./views";

type Props = { view: View; account: string; hasClients: boolean };

export function Navigation({ view, account, hasClients }: Props) {
  const shown = VIEWS.filter((one) => one !== "clients" || hasClients);
  return (
    <nav className="places" aria-label={texts.pages.title}>
      {shown.map((one) => (
        <Link key={one} to={addressOf(one, account)} isCurrent={one === view}>
          {texts.pages[one]}
        </Link>
      ))}
    </nav>
  );
}
