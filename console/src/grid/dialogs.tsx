import { lazy, Suspense } from "react";
import type { Act } from "./actions";

const RoleDialog = lazy(async () => ({ default: (await import("./role")).RoleDialog }));
const ChangesDialog = lazy(async () => ({ default: (await import("./changes")).ChangesDialog }));
const RevokeDialog = lazy(async () => ({ default: (await import("./revoke")).RevokeDialog }));
const GiveDialog = lazy(async () => ({ default: (await import("./give")).GiveDialog }));
const RemindDialog = lazy(async () => ({ default: (await import("./run")).RemindDialog }));
const RestoreDialog = lazy(async () => ({ default: (await import("./run")).RestoreDialog }));
const SuspendDialog = lazy(async () => ({ default: (await import("./suspension")).SuspendDialog }));
const AddressDialog = lazy(async () => ({ default: (await import("./address")).AddressDialog }));

interface Props {
  /** The scope of the page. */
  scope: string;
  act: Act | undefined;
  onClose: () => void;
  /** What to do after access was removed, if not only to close. */
  onRevoked?: () => void;
}

/** The dialog of an action. Each is loaded when it is first opened. */
export function ActDialog(props: Props) {
  return <Suspense>{props.act && <Opened {...props} act={props.act} />}</Suspense>;
}

function Opened({ scope, act, onClose, onRevoked }: Props & { act: Act }) {
  const { people } = act;
  const [first] = people;
  if (!first) return null;
  const one = { scope, collaborator: first, onClose };
  switch (act.do) {
    case "role": {
      const { role, end } = act;
      const chosen = { scope: act.scope, role, end, onClose };
      if (people.length === 1) return <RoleDialog collaborator={first} {...chosen} />;
      return <ChangesDialog collaborators={people} {...chosen} />;
    }
    case "revoke":
      return (
        <RevokeDialog
          scope={act.scope}
          collaborators={people}
          onClose={onClose}
          {...(act.everywhere ? { everywhere: true } : {})}
          {...(onRevoked ? { onRevoked } : {})}
        />
      );
    case "give":
      return <GiveDialog scope={scope} people={people} gifts={act.gifts} onClose={onClose} />;
    case "remind":
      return <RemindDialog scope={scope} people={people} onClose={onClose} />;
    case "restore":
      return <RestoreDialog scope={scope} people={people} onClose={onClose} />;
    case "suspend":
      return <SuspendDialog {...one} />;
    case "address":
      return <AddressDialog {...one} />;
  }
}
